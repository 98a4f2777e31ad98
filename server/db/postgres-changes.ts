import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { type Changes, localChanges } from './changes.ts';
import type { DatabaseLog } from './database.ts';
import { postgresConfig } from './dialects/postgres-pool.ts';

/** The one PostgreSQL channel of all our channels, so that one LISTEN hears everything. */
const notificationChannel = 'control_zero_changes';
/** How often the connection is tried and a lost one is sought again, in milliseconds. */
const heartbeat = 500;
const heartbeatTimeout = 2_000;

/** `Changes` over LISTEN/NOTIFY, with the side that sends. */
export interface PostgresChanges extends Changes {
  /** Sends with the commit of `transaction` to other processes, and delivers here through `afterCommit`. */
  publish<T>(
    transaction: Kysely<T>,
    afterCommit: (effect: () => void) => void,
    channel: string,
    payload: string,
  ): Promise<void>;
  close(): Promise<void>;
}

/**
 * Listens on a connection of its own to the changes that other processes commit.
 *
 * Resolves when it listens; throws when PostgreSQL cannot be reached. A connection that is lost later is reported
 * through `onLost` and sought again twice a second until `close`.
 */
export async function postgresChanges(databaseUrl: string, log: DatabaseLog): Promise<PostgresChanges> {
  const local = localChanges();
  const origin = randomUUID();
  let client: pg.Client | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  function receive(message: pg.Notification): void {
    const notification = parseNotification(message.payload ?? '');
    // What this process did itself was delivered after its commit.
    if (notification === undefined || notification.origin === origin) return;
    try {
      local.deliver(notification.channel, notification.payload);
    } catch (error) {
      log.error({ err: error, channel: notification.channel }, 'a listener failed on a change of another process');
    }
  }

  function lose(which: pg.Client, error?: Error): void {
    if (client !== which) return;
    client = undefined;
    which.end().catch(() => {});
    if (closed) return;
    log.warn({ reason: error?.message }, 'the connection that hears changes of other processes was lost');
    tell(false);
  }

  function tell(connected: boolean): void {
    try {
      local.setConnected(connected);
    } catch (error) {
      log.error({ err: error }, 'a listener failed on the loss or return of the connection that hears changes');
    }
  }

  async function connect(): Promise<void> {
    const next = new pg.Client(postgresConfig(databaseUrl, 'cz_state'));
    next.on('error', (error) => lose(next, error));
    next.on('end', () => lose(next));
    next.on('notification', receive);
    try {
      await next.connect();
      await next.query(`LISTEN ${notificationChannel}`);
    } catch (error) {
      next.end().catch(() => {});
      throw error;
    }
    if (closed) {
      await next.end();
      return;
    }
    client = next;
    tell(true);
  }

  /** A cable that was pulled reports nothing by itself, so the connection is asked. */
  async function beat(): Promise<void> {
    const asked = client;
    if (asked === undefined) {
      await connect().catch((error: Error) =>
        log.warn({ reason: error.message }, 'PostgreSQL is still not reachable for changes'),
      );
      return;
    }
    const deadline = setTimeout(() => lose(asked, new Error('no answer in time')), heartbeatTimeout);
    await asked.query('SELECT 1').catch((error: Error) => lose(asked, error));
    clearTimeout(deadline);
  }

  function schedule(): void {
    if (closed) return;
    timer = setTimeout(() => void beat().finally(schedule), heartbeat);
    timer.unref();
  }

  await connect();
  schedule();

  return {
    subscribe: local.subscribe,
    onLost: local.onLost,
    onRestored: local.onRestored,
    get connected() {
      return local.connected;
    },
    async publish(transaction, afterCommit, channel, payload) {
      local.check(channel, payload);
      const message = JSON.stringify({ origin, channel, payload });
      await sql`SELECT pg_notify(${notificationChannel}, ${message})`.execute(transaction);
      afterCommit(() => local.deliver(channel, payload));
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      const open = client;
      client = undefined;
      await open?.end();
    },
  };
}

function parseNotification(text: string): { origin: string; channel: string; payload: string } | undefined {
  try {
    const { origin, channel, payload } = JSON.parse(text) as Record<string, unknown>;
    if (typeof origin === 'string' && typeof channel === 'string' && typeof payload === 'string') {
      return { origin, channel, payload };
    }
  } catch {
    // Anybody with access to the database may notify this channel; what is not ours is left alone.
  }
  return undefined;
}
