import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyDatabase } from './backup.ts';
import { openSqliteWriter } from './sqlite-connection.ts';

let directory: string;
let source: BetterSqlite3.Database;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'backup-'));
  path = join(directory, 'source.db');
  source = openSqliteWriter(path, 'state');
  source.exec('CREATE TABLE blocks (n INTEGER PRIMARY KEY, bytes BLOB) STRICT');
  const insert = source.prepare('INSERT INTO blocks (bytes) VALUES (zeroblob(3000))');
  source.transaction(() => {
    for (let n = 0; n < 200; n += 1) insert.run();
  })();
});
afterEach(() => {
  source.close();
  rmSync(directory, { recursive: true, force: true });
});

const rowsOf = (file: string) => {
  const copy = new BetterSqlite3(file, { readonly: true });
  try {
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    return copy.prepare('SELECT count(*) FROM blocks').pluck().get();
  } finally {
    copy.close();
  }
};

test('a copy holds the moment of the call while others go on writing, without starting anew', async () => {
  const target = join(directory, 'copies', 'copy.db');
  let steps = 0;
  let restarts = 0;
  let lastRemaining = Number.POSITIVE_INFINITY;
  await copyDatabase(path, target, {
    pagesPerStep: 10,
    onProgress: ({ remainingPages }) => {
      steps += 1;
      if (remainingPages > lastRemaining) restarts += 1;
      lastRemaining = remainingPages;
      source.prepare('INSERT INTO blocks (bytes) VALUES (zeroblob(3000))').run();
    },
  });
  expect(steps).toBeGreaterThan(5);
  expect(restarts).toBe(0);
  expect(rowsOf(target)).toBe(200);
  expect(rowsOf(path)).toBe(200 + steps);
  expect(statSync(target).mode & 0o777).toBe(0o600);
});

test('a copy replaces an older one', async () => {
  const target = join(directory, 'copy.db');
  await copyDatabase(path, target);
  source.exec('DELETE FROM blocks WHERE n > 5');
  await copyDatabase(path, target);
  expect(rowsOf(target)).toBe(5);
});

test('a copy that fails leaves nothing behind and keeps the older one', async () => {
  const copies = join(directory, 'copies');
  mkdirSync(copies);
  const target = join(copies, 'copy.db');
  await copyDatabase(path, target);
  await expect(
    copyDatabase(path, target, {
      onProgress: () => {
        throw new Error('stop');
      },
    }),
  ).rejects.toThrow('stop');
  await expect(copyDatabase(join(directory, 'missing.db'), target)).rejects.toThrow();
  expect(readdirSync(copies)).toEqual(['copy.db']);
  expect(rowsOf(target)).toBe(200);
});
