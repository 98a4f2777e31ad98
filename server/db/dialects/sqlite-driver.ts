import type BetterSqlite3 from 'better-sqlite3';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { type StatementCache, statementCache } from '../statements.ts';

/**
 * Puts Kysely on one open better-sqlite3 connection, with cached statements.
 *
 * Kysely's own SQLite driver queues every query behind any open transaction. Here nothing waits: better-sqlite3 runs
 * a statement to its end in one call. Who opens transactions on the connection must therefore see to it that only
 * one is open at a time (see `openSqliteDatabase`). Transactions begin IMMEDIATE, so that one which reads first and
 * writes later cannot fail half way because another connection wrote in between.
 *
 * `kysely.destroy()` leaves the connection open; whoever opened it closes it.
 */
export function kyselyOnSqlite<T>(connection: BetterSqlite3.Database): Kysely<T> {
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(connection),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return new Kysely<T>({ dialect });
}

class SqliteDriver implements Driver {
  readonly #connection: BetterSqlite3.Database;
  readonly #session: SqliteSession;

  constructor(connection: BetterSqlite3.Database) {
    this.#connection = connection;
    this.#session = new SqliteSession(statementCache(connection));
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#session;
  }

  async beginTransaction(): Promise<void> {
    this.#connection.exec(this.#connection.readonly ? 'BEGIN' : 'BEGIN IMMEDIATE');
  }

  async commitTransaction(): Promise<void> {
    this.#connection.exec('COMMIT');
  }

  async rollbackTransaction(): Promise<void> {
    // A full disk or an I/O error makes SQLite roll back by itself; a second ROLLBACK would hide the first error.
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#session.close();
  }
}

class SqliteSession implements DatabaseConnection {
  readonly #statements: StatementCache;

  constructor(statements: StatementCache) {
    this.#statements = statements;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const statement = this.#statements.prepare(query.sql);
    if (statement.reader) return { rows: statement.all(...query.parameters) as R[] };
    const { changes, lastInsertRowid } = statement.run(...query.parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  // An open iterator would hold one old snapshot for every other reader of the connection.
  // biome-ignore lint/correctness/useYield: it only refuses.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Streaming a query is not portable; read pages by key inside snapshot() instead (see keyset.ts).');
  }

  close(): void {
    this.#statements.clear();
  }
}
