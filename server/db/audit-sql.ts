import type BetterSqlite3 from 'better-sqlite3';
import { CompiledQuery, type Kysely } from 'kysely';
import type { DialectName } from './database.ts';
import { statementCache } from './statements.ts';
import type { AuditTables } from './tables.ts';

/** What both engines store in a column. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** Rows to add where no row with the same key exists. */
export interface NewRows {
  readonly table: string;
  readonly columns: readonly string[];
  /** The columns of the primary or unique key that decides; they must be among `columns`. */
  readonly key: readonly string[];
  /** One array per row, in the order of `columns`. */
  readonly rows: readonly (readonly SqlValue[])[];
}

/** The audit database inside one transaction, with the same words on both engines. Parameters are written `?`. */
export interface AuditSql {
  readonly dialect: DialectName;
  /** Returns the rows of a query. */
  all<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<Row[]>;
  /** Runs a statement and returns how many rows it changed. */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<number>;
  /**
   * Inserts the rows whose key is not there yet; of several with one key the first.
   * Returns for every row whether it was inserted, in the order of `rows`.
   */
  insertNew(rows: NewRows): Promise<boolean[]>;
}

/** PostgreSQL takes at most 65,535 parameters in a statement. */
const mostParameters = 60_000;

/** Speaks to the SQLite connection that the caller has a transaction open on. */
export function sqliteAuditSql(connection: BetterSqlite3.Database): AuditSql {
  const statements = statementCache(connection);
  return {
    dialect: 'sqlite',
    all: async <Row>(sql: string, parameters: readonly SqlValue[] = []) =>
      statements.prepare(sql).all(...parameters) as Row[],
    run: async (sql, parameters = []) => statements.prepare(sql).run(...parameters).changes,
    async insertNew({ table, columns, key, rows }) {
      const marks = columns.map(() => '?').join(', ');
      const insert = statements.prepare(
        `INSERT INTO ${quoted(table)} (${list(columns)}) VALUES (${marks}) ON CONFLICT (${list(key)}) DO NOTHING`,
      );
      return rows.map((row) => insert.run(...row).changes === 1);
    },
  };
}

/** Speaks to the PostgreSQL transaction that the caller has open. */
export function postgresAuditSql(transaction: Kysely<AuditTables>): AuditSql {
  const execute = <Row>(sql: string, parameters: readonly SqlValue[]) =>
    transaction.executeQuery(CompiledQuery.raw(sql, [...parameters])) as Promise<{
      rows: Row[];
      numAffectedRows?: bigint;
    }>;
  return {
    dialect: 'postgres',
    all: async <Row>(sql: string, parameters: readonly SqlValue[] = []) =>
      (await execute<Row>(numbered(sql), parameters)).rows,
    run: async (sql, parameters = []) => Number((await execute(numbered(sql), parameters)).numAffectedRows ?? 0n),
    async insertNew({ table, columns, key, rows }) {
      const keyPositions = key.map((column) => columns.indexOf(column));
      const rowsAtOnce = Math.floor(mostParameters / columns.length);
      const inserted: boolean[] = [];
      for (let start = 0; start < rows.length; start += rowsAtOnce) {
        const chunk = rows.slice(start, start + rowsAtOnce);
        const result = await execute<Record<string, SqlValue>>(
          `INSERT INTO ${quoted(table)} (${list(columns)}) VALUES ${tuples(chunk.length, columns.length)} ON CONFLICT (${list(key)}) DO NOTHING RETURNING ${list(key)}`,
          chunk.flat(),
        );
        const fresh = new Set(result.rows.map((row) => keyText(key.map((column) => row[column]!))));
        // A key is deleted once it was seen, so that a repeat inside the chunk counts as not inserted.
        for (const row of chunk) inserted.push(fresh.delete(keyText(keyPositions.map((position) => row[position]!))));
      }
      return inserted;
    },
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function list(names: readonly string[]): string {
  return names.map(quoted).join(', ');
}

function tuples(rows: number, columns: number): string {
  let next = 1;
  const tuple = () => `(${Array.from({ length: columns }, () => `$${next++}`).join(', ')})`;
  return Array.from({ length: rows }, tuple).join(', ');
}

function keyText(values: readonly SqlValue[]): string {
  return JSON.stringify(
    values.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value))),
  );
}

/** Writes `?` as `$1`, `$2`, …, except inside quotes. */
function numbered(sql: string): string {
  let next = 1;
  return sql.replace(/'[^']*'|"[^"]*"|\?/g, (part) => (part === '?' ? `$${next++}` : part));
}
