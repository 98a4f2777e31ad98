import type { Kysely, Transaction } from 'kysely';

/** The two engines that the stores run on. */
export type DialectName = 'sqlite' | 'postgres';

/** What a write may ask for besides its statements. */
export interface WriteContext {
  /**
   * Runs `effect` after the commit and before `write` resolves, in the order of registration; never when the
   * transaction rolls back. The change is already durable then, so a failing effect is logged and not thrown.
   */
  afterCommit(effect: () => void | Promise<void>): void;
  /**
   * Tells every process of this appliance, this one included, that something changed: listeners of `channel`
   * (see `Changes`) get `payload` after the commit. A payload is an id or a short text of at most 7,000 bytes.
   */
  publish(channel: string, payload: string): Promise<void>;
}

/** One of the two databases, as every store sees it. */
export interface Database<T> {
  /**
   * Queries outside of a transaction. On SQLite a connection of its own that cannot write and never waits for an
   * open transaction; it sees what was committed when the query starts.
   */
  readonly read: Kysely<T>;
  /**
   * Runs `change` in one transaction: commits when it resolves, rolls back and rethrows when it rejects.
   *
   * On SQLite transactions run one after another (BEGIN IMMEDIATE). On PostgreSQL a serialization failure or a
   * deadlock runs `change` again, so it must have no effect outside of `transaction` (use `afterCommit`).
   * A `write` inside a `write` of the same database is refused: it would wait for itself.
   */
  write<R>(change: (transaction: Transaction<T>, context: WriteContext) => Promise<R>): Promise<R>;
  /**
   * Runs `look` on one consistent state of the database, however long it reads (exports, comparisons). It cannot
   * write. On SQLite it holds back the shortening of the write-ahead log while it runs.
   */
  snapshot<R>(look: (transaction: Kysely<T>) => Promise<R>): Promise<R>;
  /** Tells whether the caller runs inside a `write` of this database, where waiting for another writer would last for ever. */
  insideWrite(): boolean;
}

/** What the databases report to, in the manner of pino: fields first, then a sentence. */
export interface DatabaseLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** A log that keeps silent, for short-lived commands and tests. */
export const silentLog: DatabaseLog = { info: () => {}, warn: () => {}, error: () => {} };
