import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectoryLockedError } from './errors.ts';
import { lockDirectory } from './lock.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test('a second lock is refused with the holder named, until the first is released', () => {
  const first = lockDirectory(directory);
  expect(() => lockDirectory(directory)).toThrow(DirectoryLockedError);
  expect(() => lockDirectory(directory)).toThrow(`process ${process.pid}`);
  first.release();
  first.release();
  lockDirectory(directory).release();
});

test('the lock file is readable by its owner only', () => {
  const lock = lockDirectory(directory);
  expect(statSync(join(directory, 'run', 'lock.db')).mode & 0o777).toBe(0o600);
  lock.release();
});

test('a killed process loses its lock', async () => {
  const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
  lockDirectory(directory).release();
  const holder = spawn(process.execPath, [
    '-e',
    `const connection = new (require(${JSON.stringify(sqlite)}))(${JSON.stringify(join(directory, 'run', 'lock.db'))});
     connection.exec('BEGIN EXCLUSIVE'); console.log('locked'); setInterval(() => {}, 1000);`,
  ]);
  await once(holder.stdout, 'data');
  expect(() => lockDirectory(directory)).toThrow(DirectoryLockedError);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  lockDirectory(directory).release();
});
