import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuditWriterCrashedError, BusyError, isForeignKeyViolation, isStorageTrouble } from './errors.ts';

let directory: string;
let connection: BetterSqlite3.Database;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'errors-'));
  connection = new BetterSqlite3(join(directory, 'test.db'), { timeout: 0 });
  connection.exec('CREATE TABLE parents (id INTEGER PRIMARY KEY); CREATE TABLE children (parent REFERENCES parents)');
});
afterEach(() => {
  connection.close();
  rmSync(directory, { recursive: true, force: true });
});

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('no error was thrown');
}

test('a full database is trouble of the storage', () => {
  connection.pragma('max_page_count = 4');
  const full = errorOf(() => connection.exec('CREATE TABLE large AS SELECT zeroblob(100000)'));
  expect(isStorageTrouble(full)).toBe(true);
});

test('a locked database is trouble of the storage', () => {
  const other = new BetterSqlite3(join(directory, 'test.db'));
  other.exec('BEGIN EXCLUSIVE');
  expect(isStorageTrouble(errorOf(() => connection.exec('INSERT INTO parents VALUES (1)')))).toBe(true);
  other.close();
});

test('a PostgreSQL that is not there is trouble of the storage', async () => {
  const client = new pg.Client({ host: '127.0.0.1', port: 1 });
  const refused = await client.connect().catch((error: unknown) => error);
  expect(isStorageTrouble(refused)).toBe(true);
});

test('a disk that refuses to flush is trouble of the storage', () => {
  expect(isStorageTrouble(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))).toBe(true);
});

test('a full queue and a dead writer are trouble of the storage, a mistake in a statement is not', () => {
  expect(isStorageTrouble(new BusyError('full'))).toBe(true);
  expect(isStorageTrouble(new AuditWriterCrashedError('dead'))).toBe(true);
  expect(isStorageTrouble(errorOf(() => connection.exec('nonsense')))).toBe(false);
  expect(isStorageTrouble(new Error('SQLITE_FULL'))).toBe(false);
});

test('a missing parent is recognised', () => {
  expect(isForeignKeyViolation(errorOf(() => connection.exec('INSERT INTO children VALUES (7)')))).toBe(true);
});
