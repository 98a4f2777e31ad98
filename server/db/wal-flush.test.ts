import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteWriter } from './sqlite-connection.ts';
import { walFlush } from './wal-flush.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flush-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('calls during a flush share the next one, since that one may have begun before their commit', async () => {
  const path = join(directory, 'state.db');
  const connection = openSqliteWriter(path, 'state');
  connection.exec('CREATE TABLE things (id INTEGER) STRICT');
  const disk = walFlush(path);
  const first = disk.flush();
  await Promise.resolve();
  await Promise.resolve();
  const [second, third] = [disk.flush(), disk.flush()];
  expect(second).not.toBe(first);
  expect(third).toBe(second);
  const order: string[] = [];
  await Promise.all([first.then(() => order.push('first')), second.then(() => order.push('second'))]);
  expect(order).toEqual(['first', 'second']);
  await disk.close();
  connection.close();
});

test('a flush that the disk refuses is told to those that waited for it, and the next one is tried anew', async () => {
  const path = join(directory, 'state.db');
  const disk = walFlush(path);
  await expect(disk.flush()).rejects.toThrow('ENOENT');
  const connection = openSqliteWriter(path, 'state');
  connection.exec('CREATE TABLE things (id INTEGER) STRICT');
  await disk.flush();
  await disk.close();
  connection.close();
});

test('after a refused flush nothing counts as lasting until all of it is in the file itself', async () => {
  const path = join(directory, 'state.db');
  const connection = openSqliteWriter(path, 'state');
  connection.pragma('synchronous = NORMAL');
  connection.exec('CREATE TABLE things (id INTEGER) STRICT; INSERT INTO things VALUES (1)');
  const answers = [new Error('EIO'), undefined];
  const disk = walFlush(path, async (log) => {
    const error = answers.shift();
    if (error !== undefined) throw error;
    await log.datasync();
  });
  await expect(disk.flush()).rejects.toThrow('EIO');

  const reader = new BetterSqlite3(path, { readonly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT * FROM things').all();
  connection.exec('INSERT INTO things VALUES (2)');
  await expect(disk.flush()).rejects.toThrow('could not be brought into the file');

  reader.close();
  await disk.flush();
  const alone = join(directory, 'alone.db');
  copyFileSync(path, alone);
  expect(new BetterSqlite3(alone).prepare('SELECT id FROM things').pluck().all()).toEqual([1, 2]);
  await disk.close();
  connection.close();
});

test('close waits for a flush at work', async () => {
  const path = join(directory, 'state.db');
  const connection = openSqliteWriter(path, 'state');
  connection.exec('CREATE TABLE things (id INTEGER) STRICT');
  const disk = walFlush(path);
  let flushed = false;
  const flushing = disk.flush().then(() => {
    flushed = true;
  });
  await disk.close();
  expect(flushed).toBe(true);
  await flushing;
  connection.close();
});
