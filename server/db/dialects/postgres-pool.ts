import pg from 'pg';
import type { DatabaseLog } from '../database.ts';

/** The two databases are two schemas of the one PostgreSQL database. */
export type PostgresSchema = 'cz_state' | 'cz_audit';

const oidInt8 = 20;
const oidNumeric = 1700;

/** Settings that pools and single connections of this appliance share. */
export function postgresConfig(databaseUrl: string, schema: PostgresSchema): pg.ClientConfig {
  return {
    connectionString: databaseUrl,
    application_name: `control-zero ${schema}`,
    connectionTimeoutMillis: 10_000,
    // A process that stopped half way through a transaction gives its locks back.
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    // Unqualified names are found in our schema only, never in `public`.
    options: `-c search_path=${schema} -c lock_timeout=15s`,
    types: { getTypeParser },
  };
}

/**
 * Opens a pool of connections whose tables are those of `schema`.
 * Whole numbers arrive as numbers, like on SQLite; one beyond ±2^53 is an error instead of a wrong value.
 */
export function postgresPool(
  databaseUrl: string,
  schema: PostgresSchema,
  connections: number,
  log: DatabaseLog,
): pg.Pool {
  const pool = new pg.Pool({ ...postgresConfig(databaseUrl, schema), max: connections });
  // Without a listener, a connection that breaks while it is idle would end the process.
  // Only its text is logged: the error carries the connection, and that the password.
  pool.on('error', ({ message }) => log.warn({ reason: message, schema }, 'an idle PostgreSQL connection was lost'));
  return pool;
}

const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === oidInt8) return wholeNumber;
  // sum() of whole numbers has this type.
  if (oid === oidNumeric) return Number;
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid);
}) as pg.CustomTypesConfig['getTypeParser'];

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(
      `PostgreSQL returned the whole number ${text}, which is beyond ±2^53 and cannot be read exactly.`,
    );
  }
  return value;
}
