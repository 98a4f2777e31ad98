import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { DirectoryLockedError } from './errors.ts';
import { createPrivately } from './sqlite-connection.ts';

/** The right to be the only process that works in a data directory. */
export interface DirectoryLock {
  /** Gives the right back; calling it again does nothing. */
  release(): void;
}

/**
 * Takes the exclusive lock of a data directory, or throws `DirectoryLockedError` at once when another process (or
 * another part of this one) has it.
 *
 * The lock is an open exclusive transaction on `run/lock.db`: SQLite locks portably, and the operating system gives
 * the lock back when the process ends in whatever way, also by SIGKILL. On a network file system whose locks do not
 * work it protects nothing, like SQLite itself.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const run = join(directory, 'run');
  const path = join(run, 'lock.db');
  const holder = join(run, 'lock.pid');
  createPrivately(path);
  const connection = new BetterSqlite3(path, { timeout: 0 });
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (!isBusy(error)) throw error;
    throw new DirectoryLockedError(
      `The data directory ${directory} is in use by another process${describeHolder(holder)}. Stop it first, or use the running server.`,
      { cause: error },
    );
  }
  writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
  return {
    release() {
      if (connection.open) connection.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof BetterSqlite3.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

function describeHolder(path: string): string {
  try {
    return ` (process ${Number.parseInt(readFileSync(path, 'utf8'), 10)})`;
  } catch {
    return '';
  }
}
