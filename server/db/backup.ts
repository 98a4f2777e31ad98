import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { openSqliteReader } from './sqlite-connection.ts';

/** 1 MiB of 4 KiB pages at a time: each step stalls the event loop for a few milliseconds at most. */
const defaultPagesPerStep = 256;

export interface CopyProgress {
  readonly totalPages: number;
  readonly remainingPages: number;
}

export interface CopyOptions {
  readonly pagesPerStep?: number;
  readonly onProgress?: (progress: CopyProgress) => void;
}

/**
 * Copies the SQLite database at `source` to `target` while others read and write it.
 *
 * The copy is the state of one moment: that of the call. It appears under its name (0600) only when it is complete
 * and on the disk; on failure nothing is left behind and the error is thrown. An existing `target` is replaced.
 * Never copy an open database with file operations instead: closing such a file drops the locks SQLite holds on it.
 */
export async function copyDatabase(source: string, target: string, options: CopyOptions = {}): Promise<void> {
  const { pagesPerStep = defaultPagesPerStep, onProgress } = options;
  const partial = `${target}.${randomUUID()}.partial`;
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const connection = openSqliteReader(source);
  try {
    // An open read transaction holds the moment; without it every commit of another connection starts the copy anew.
    connection.exec('BEGIN');
    connection.prepare('SELECT count(*) FROM sqlite_schema').get();
    closeSync(openSync(partial, 'wx', 0o600));
    await connection.backup(partial, {
      progress: (progress) => {
        onProgress?.(progress);
        return pagesPerStep;
      },
    });
    flushToDisk(partial);
    chmodSync(partial, 0o600);
    renameSync(partial, target);
    flushToDisk(dirname(target));
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  } finally {
    connection.close();
  }
}

function flushToDisk(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
