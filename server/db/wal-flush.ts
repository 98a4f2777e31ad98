import { type FileHandle, open } from 'node:fs/promises';
import BetterSqlite3 from 'better-sqlite3';

/** Brings committed transactions of a SQLite file to the disk. */
export interface WalFlush {
  /**
   * Resolves when everything that was committed before the call is on the disk. Calls that come while a flush is at
   * work share the next one. Rejects when the disk refuses; what was committed is then visible but may not last, and no
   * later call resolves before that, too, is on the disk.
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
export function walFlush(path: string, datasync = (log: FileHandle) => log.datasync()): WalFlush {
  let file: FileHandle | undefined;
  let refused = false;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function flushNow(): Promise<void> {
    // Opened late: the log exists for certain once something was committed, and then stays while the file is open.
    file ??= await open(`${path}-wal`, 'r');
    try {
      if (refused) bringIntoFile(path);
      await datasync(file);
      refused = false;
    } catch (error) {
      refused = true;
      throw error;
    }
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

/**
 * Copies everything committed from the log into the SQLite file and flushes that. After a refused flush a kernel may
 * count the pages of the log as written although they are not, and the next flush of the log would then succeed for
 * nothing (fsync(2), errors); the pages of the file are written anew. Throws when not all of it could be copied.
 */
function bringIntoFile(path: string): void {
  const connection = new BetterSqlite3(path, { fileMustExist: true });
  try {
    connection.pragma('synchronous = FULL');
    const [{ busy, log, checkpointed }] = connection.pragma('wal_checkpoint(PASSIVE)') as [
      { busy: number; log: number; checkpointed: number },
    ];
    if (busy !== 0 || log !== checkpointed) {
      throw Object.assign(
        new Error(`The log of ${path} could not be brought into the file after the disk refused it.`),
        {
          code: 'EIO',
        },
      );
    }
  } finally {
    connection.close();
  }
}
