import { type FileHandle, open } from 'node:fs/promises';

/** Brings committed transactions of a SQLite file to the disk. */
export interface WalFlush {
  /**
   * Resolves when everything that was committed before the call is on the disk. Calls that come while a flush is at
   * work share the next one. Rejects when the disk refuses; what was committed is then visible but may not last.
   */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Flushes the write-ahead log of the SQLite file at `path` in a thread of the pool.
 *
 * With `synchronous = FULL` SQLite does this inside COMMIT, and the event loop stands still for as long as the disk
 * takes. With NORMAL a commit only writes to the log; SQLite still flushes it before every checkpoint and after its
 * header was renewed, so the file stays sound, and a commit lasts once the log is flushed. Any descriptor will do for
 * that (fdatasync(2)); SQLite holds no lock on the log itself that closing one could drop.
 */
export function walFlush(path: string): WalFlush {
  let file: FileHandle | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function flushNow(): Promise<void> {
    // Opened late: the log exists for certain once something was committed, and then stays while the file is open.
    file ??= await open(`${path}-wal`, 'r');
    await file.datasync();
  }

  async function afterRunning(): Promise<void> {
    // The one at work may have begun before the caller's commit; its failure was told to those that waited for it.
    await running?.catch(() => undefined);
    running = next;
    next = undefined;
    await flushNow();
  }

  return {
    flush() {
      next ??= afterRunning();
      return next;
    },
    async close() {
      await (next ?? running)?.catch(() => undefined);
      await file?.close();
    },
  };
}
