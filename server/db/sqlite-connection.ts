import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';

/** How long a statement waits for another process that is writing, in milliseconds. */
const busyTimeout = 5_000;

/** What the two databases need differently. */
export type SqliteRole = 'state' | 'audit';

/**
 * Opens the one connection of this process that writes to a SQLite database, and creates the file (0600, in a
 * directory 0700) when it is missing. Throws when the file cannot be created or is no database.
 */
export function openSqliteWriter(path: string, role: SqliteRole): BetterSqlite3.Database {
  createPrivately(path);
  const connection = new BetterSqlite3(path, { timeout: busyTimeout });
  try {
    if (role === 'audit') {
      // Retention drops whole segments; without this, set before the first table, the file could only ever grow.
      connection.pragma('auto_vacuum = INCREMENTAL');
    }
    // Readers never wait for the writer and the writer never waits for readers. Kept in the file.
    connection.pragma('journal_mode = WAL');
    // A commit that was answered is on the disk, also after a power cut; NORMAL alone would lose the last ones in WAL
    // mode, so who chooses it has to flush the log itself (`wal-flush.ts`).
    connection.pragma('synchronous = FULL');
    // Off by default in SQLite; every reference between tables relies on it.
    connection.pragma('foreign_keys = ON');
    // A long reader can let the log grow; give the space back at the next checkpoint.
    connection.pragma('journal_size_limit = 67108864');
    // What is deleted or overwritten (tokens, erased personal fields) leaves no readable remains in the page.
    connection.pragma('secure_delete = FAST');
    applyCommonPragmas(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw withPath(error, path);
  }
}

/** SQLite does not say of which file it speaks. */
function withPath(error: unknown, path: string): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error;
  const advice = /^SQLITE_(NOTADB|CORRUPT)/.test(error.code) ? ' Put back a copy of it that is whole.' : '';
  return new BetterSqlite3.SqliteError(`The database ${path} cannot be opened: ${error.message}.${advice}`, error.code);
}

/** Opens a connection that can only read, to a database that exists. */
export function openSqliteReader(path: string): BetterSqlite3.Database {
  const connection = new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: busyTimeout });
  try {
    // Refuses a write before it starts, also where the file system would allow it.
    connection.pragma('query_only = ON');
    applyCommonPragmas(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function applyCommonPragmas(connection: BetterSqlite3.Database): void {
  // A tampered schema cannot call functions with side effects from views, triggers or indexes.
  connection.pragma('trusted_schema = OFF');
  // Reports a damaged page as damage instead of reading nonsense from it.
  connection.pragma('cell_size_check = ON');
  // Sorting never leaves copies of rows in the temporary directory.
  connection.pragma('temp_store = MEMORY');
  // 16 MiB of pages per connection keep the hot tables in memory; the default is 2 MiB.
  connection.pragma('cache_size = -16384');
}

/** Creates an empty file (0600) with its directory (0700) when there is none; leaves an existing one alone. */
export function createPrivately(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Only for a new file: closing any descriptor of an open database would drop the POSIX locks SQLite holds on it.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}
