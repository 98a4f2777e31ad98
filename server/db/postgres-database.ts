import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { Database, DatabaseLog, WriteContext } from './database.ts';
import { isRetryable } from './errors.ts';
import type { PostgresChanges } from './postgres-changes.ts';
import { collectEffects, nestingGuard } from './write-context.ts';
import { WriteTurns } from './write-turns.ts';

/** A transaction that met another one so often has run into something that a further attempt will not solve. */
const mostAttempts = 12;
/** After so many meetings it runs alone in this process: a long transaction would lose to many short ones for ever. */
const attemptsBesideOthers = 3;

export interface PostgresDatabase<T> extends Database<T> {
  close(): Promise<void>;
}

/**
 * Puts one schema of a PostgreSQL database behind the same interface as a SQLite file. Takes over `pool` and ends it.
 *
 * With `isolation` serializable transactions behave as if they ran one after another, like on SQLite; those that
 * cannot are run again. `close` waits for what is at work.
 */
export function openPostgresDatabase<T>(options: {
  name: string;
  pool: pg.Pool;
  isolation: 'serializable' | 'read committed';
  changes: PostgresChanges;
  log: DatabaseLog;
}): PostgresDatabase<T> {
  const { name, pool, isolation, changes, log } = options;
  const kysely = new Kysely<T>({ dialect: new PostgresDialect({ pool }) });
  const guard = nestingGuard(name);
  const turns = new WriteTurns();

  return {
    read: kysely,
    async write(change) {
      for (let attempt = 1; ; attempt += 1) {
        const effects = collectEffects(log);
        try {
          const result = await guard.enter(async () => {
            const endTurn = await turns.enter(attempt > attemptsBesideOthers);
            try {
              return await kysely
                .transaction()
                .setIsolationLevel(isolation)
                .execute((transaction) => {
                  const context: WriteContext = {
                    afterCommit: effects.add,
                    publish: (channel, payload) => changes.publish(transaction, effects.add, channel, payload),
                  };
                  return change(transaction, context);
                });
            } finally {
              endTurn();
            }
          });
          await effects.run();
          return result;
        } catch (error) {
          if (!isRetryable(error) || attempt === mostAttempts) throw error;
          log.info({ database: name, attempt }, 'a transaction met another one and is run again');
          await waitBefore(attempt);
        }
      }
    },
    snapshot: (look) =>
      kysely.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(look),
    insideWrite: guard.inside,
    close: () => kysely.destroy(),
  };
}

/** Two transactions that met must not meet again: a random share of a span that doubles, at most 256 ms. */
function waitBefore(attempt: number): Promise<void> {
  const milliseconds = Math.random() * Math.min(2 ** attempt, 256);
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
