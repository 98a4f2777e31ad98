import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
