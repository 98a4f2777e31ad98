import { createHash } from 'node:crypto';
import pg from 'pg';
import { postgresConfig } from './dialects/postgres-pool.ts';

/** What `tryExclusively` did. */
export type ExclusiveResult<R> = { readonly ran: true; readonly result: R } | { readonly ran: false };

/**
 * Runs `work` unless work of the same name runs already, here or in another process on the same databases; then it
 * returns `{ ran: false }` at once. For jobs that every process starts and one must do: sealing, retention, sweeps.
 *
 * `signal` is aborted when this process can no longer be sure to be the only one; long work looks at it between steps.
 */
export type TryExclusively = <R>(
  name: string,
  work: (signal: AbortSignal) => Promise<R>,
) => Promise<ExclusiveResult<R>>;

/** For databases of one process alone, which the lock of the data directory guarantees. */
export function exclusiveInProcess(): TryExclusively {
  const running = new Set<string>();
  return async (name, work) => {
    if (running.has(name)) return { ran: false };
    running.add(name);
    try {
      return { ran: true, result: await work(new AbortController().signal) };
    } finally {
      running.delete(name);
    }
  };
}

/** For databases in PostgreSQL: an advisory lock on a connection of its own, which ends with the process. */
export function exclusiveInPostgres(databaseUrl: string): TryExclusively {
  return async (name, work) => {
    const client = new pg.Client(postgresConfig(databaseUrl, 'cz_state'));
    const lost = new AbortController();
    client.on('error', (error) => lost.abort(error));
    client.on('end', () => lost.abort(new Error('The connection that holds the lock has ended.')));
    await client.connect();
    try {
      const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
        lockKey(name),
      ]);
      if (rows[0]?.locked !== true) return { ran: false };
      return { ran: true, result: await work(lost.signal) };
    } finally {
      // Ending the session gives the lock back; a connection that was lost has given it back already.
      await client.end().catch(() => {});
    }
  };
}

/** PostgreSQL names advisory locks by 64-bit numbers, written out because they exceed what a number holds exactly. */
function lockKey(name: string): string {
  return createHash('sha256').update(`control-zero ${name}`).digest().readBigInt64BE().toString();
}
