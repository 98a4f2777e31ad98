import type BetterSqlite3 from 'better-sqlite3';

/** The programs of this appliance hold a few hundred different statements; more than this many means built-up text. */
const defaultCapacity = 1_000;

/** Prepared statements of one SQLite connection, kept by their text. */
export interface StatementCache {
  /** Returns a statement that is ready to run; the caller must run it before it asks for the same text again. */
  prepare(sql: string): BetterSqlite3.Statement<unknown[]>;
  /** Forgets every statement. */
  clear(): void;
}

/**
 * Makes a cache of prepared statements for `connection`.
 *
 * Preparing costs more than running a point read. The least recently used statement leaves when `capacity` is
 * reached. A statement that is still being iterated is never handed out a second time: it gets a fresh sibling.
 */
export function statementCache(connection: BetterSqlite3.Database, capacity = defaultCapacity): StatementCache {
  const statements = new Map<string, BetterSqlite3.Statement<unknown[]>>();
  let newest: string | undefined;

  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) {
        if (known.busy) return connection.prepare(sql);
        if (sql !== newest) {
          // A Map keeps the order of insertion, so moving a key to the end makes the first key the least recent.
          statements.delete(sql);
          statements.set(sql, known);
          newest = sql;
        }
        return known;
      }
      const statement = connection.prepare<unknown[]>(sql);
      statements.set(sql, statement);
      newest = sql;
      if (statements.size > capacity) statements.delete(statements.keys().next().value as string);
      return statement;
    },
    clear() {
      statements.clear();
      newest = undefined;
    },
  };
}
