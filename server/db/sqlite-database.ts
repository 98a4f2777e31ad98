import type BetterSqlite3 from 'better-sqlite3';
import type { Kysely } from 'kysely';
import type { LocalChanges } from './changes.ts';
import type { Database, DatabaseLog } from './database.ts';
import { kyselyOnSqlite } from './dialects/sqlite-driver.ts';
import { BusyError } from './errors.ts';
import { openSqliteReader, openSqliteWriter, type SqliteRole } from './sqlite-connection.ts';
import { walFlush } from './wal-flush.ts';
import { collectEffects, nestingGuard } from './write-context.ts';

/** A transaction that keeps others waiting for longer than this is worth a warning, in milliseconds. */
const slowTransaction = 1_000;

/** So many writes may wait for their turn; with more the disk has fallen behind. */
const mostWaiting = 2_000;

/** Lets in one writer at a time; resolves with the function that lets in the next. */
export interface WriteGate {
  enter(): Promise<() => void>;
}

export interface SqliteDatabase<T> extends Database<T> {
  readonly path: string;
  /** Makes every later write pass `gate` too (or no longer, without one), while somebody else (the audit writer) writes to the same file. */
  useGate(gate: WriteGate | undefined): void;
  close(): Promise<void>;
}

/**
 * Opens both connections to the SQLite file at `path`, which must have been migrated.
 *
 * `close` waits for the transaction at work and for those that wait, then closes; later calls are refused by SQLite.
 */
export function openSqliteDatabase<T>(options: {
  path: string;
  role: SqliteRole;
  changes: LocalChanges;
  log: DatabaseLog;
}): SqliteDatabase<T> {
  const { path, role, changes, log } = options;
  const writeConnection = openSqliteWriter(path, role);
  const readConnection = openReaderBeside(writeConnection, path);
  // This connection works on the event loop, which must not wait for the disk: what COMMIT leaves out is done by `disk`.
  writeConnection.pragma('synchronous = NORMAL');
  const disk = walFlush(path);
  const writer = kyselyOnSqlite<T>(writeConnection);
  const reader = kyselyOnSqlite<T>(readConnection);
  const guard = nestingGuard(role);
  let gate: WriteGate | undefined;
  let waiting = 0;
  let lastInLine: Promise<void> = Promise.resolve();

  async function inLine<R>(work: () => Promise<R>): Promise<R> {
    if (waiting >= mostWaiting) {
      throw new BusyError(`${waiting} changes wait for the ${role} database; try again in a moment.`);
    }
    const before = lastInLine;
    let leave = () => {};
    lastInLine = new Promise((resolve) => {
      leave = resolve;
    });
    waiting += 1;
    await before;
    waiting -= 1;
    const release = await gate?.enter().catch((error: unknown) => {
      leave();
      throw error;
    });
    const started = performance.now();
    try {
      return await work();
    } finally {
      const milliseconds = Math.round(performance.now() - started);
      if (milliseconds > slowTransaction) {
        log.warn({ database: role, milliseconds }, 'a write transaction was open for long; every other write waited');
      }
      release?.();
      leave();
    }
  }

  return {
    path,
    read: reader,
    async write(change) {
      const effects = collectEffects(log);
      const { result, lasting } = await guard.enter(() =>
        inLine(async () => {
          const result = await writer.transaction().execute((transaction) =>
            change(transaction, {
              afterCommit: effects.add,
              publish: async (channel, payload) => {
                changes.check(channel, payload);
                effects.add(() => changes.deliver(channel, payload));
              },
            }),
          );
          // Begun before the next write is let in, so that `close` knows of it; waited for outside, so that writes share it.
          return { result, lasting: disk.flush() };
        }),
      );
      await lasting;
      await effects.run();
      return result;
    },
    async snapshot(look) {
      const connection = openSqliteReader(path);
      const kysely: Kysely<T> = kyselyOnSqlite<T>(connection);
      try {
        return await kysely.transaction().execute(look);
      } finally {
        await kysely.destroy();
        connection.close();
      }
    },
    insideWrite: guard.inside,
    useGate(next) {
      gate = next;
    },
    async close() {
      await lastInLine;
      await disk.close();
      await reader.destroy();
      await writer.destroy();
      readConnection.close();
      // Keeps the statistics of the query planner fresh at no cost to a running server.
      writeConnection.pragma('optimize');
      writeConnection.close();
    },
  };
}

function openReaderBeside(writeConnection: BetterSqlite3.Database, path: string): BetterSqlite3.Database {
  try {
    return openSqliteReader(path);
  } catch (error) {
    writeConnection.close();
    throw error;
  }
}
