import { join } from 'node:path';
import { auditMigrations } from '../../migrations/audit/index.ts';
import { stateMigrations } from '../../migrations/state/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { type Changes, localChanges } from './changes.ts';
import { type Database, type DatabaseLog, type DialectName, silentLog } from './database.ts';
import { postgresPool } from './dialects/postgres-pool.ts';
import { DatabaseUnreachableError, isConnectionTrouble } from './errors.ts';
import { exclusiveInPostgres, exclusiveInProcess, type TryExclusively } from './exclusive.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { migrateSqlite } from './migrate-sqlite.ts';
import { postgresChanges } from './postgres-changes.ts';
import { openPostgresDatabase } from './postgres-database.ts';
import { openSqliteDatabase, type SqliteDatabase } from './sqlite-database.ts';
import type { AuditTables, StateTables } from './tables.ts';

/** Where the databases are: files below a data directory, or the one PostgreSQL database of `databaseUrl`. */
export type DatabaseLocation =
  | { readonly directory: string; readonly databaseUrl?: never }
  | { readonly databaseUrl: string; readonly directory?: never };

export type OpenOptions = DatabaseLocation & {
  readonly clock: Clock;
  readonly log?: DatabaseLog;
  /** The version of this software, kept beside the migrations it applies. */
  readonly version?: string;
  /** Connections to PostgreSQL for each of the two databases; 10 when not given. */
  readonly connections?: number;
};

interface OpenDatabases {
  readonly state: Database<StateTables>;
  readonly audit: Database<AuditTables>;
  /** News about committed changes; feed it through `publish` of a write. */
  readonly changes: Changes;
  readonly tryExclusively: TryExclusively;
  /** Waits for the writes at work, then closes every connection. */
  close(): Promise<void>;
}

/** The databases as files of this process. */
export interface SqliteDatabases extends OpenDatabases {
  readonly dialect: 'sqlite';
  readonly state: SqliteDatabase<StateTables>;
  readonly audit: SqliteDatabase<AuditTables>;
}

/** The databases in PostgreSQL, shared with other processes. */
export interface PostgresDatabases extends OpenDatabases {
  readonly dialect: 'postgres';
  readonly databaseUrl: string;
}

/** Both databases, open and migrated. */
export type Databases = SqliteDatabases | PostgresDatabases;

/** Where a data directory keeps its database files. */
export function databasePaths(directory: string): { state: string; audit: string; migrationBackups: string } {
  return {
    state: join(directory, 'data', 'state.db'),
    audit: join(directory, 'data', 'audit.db'),
    migrationBackups: join(directory, 'backups', 'before-migration'),
  };
}

/**
 * Opens the state and the audit database and migrates both to the newest schema first; creates what is missing.
 *
 * Throws, with everything closed again, when a database cannot be opened or migrated; a `DowngradeError` when it was
 * written by a newer version. The caller holds the lock of the data directory (`lock.ts`).
 */
export async function openDatabases(options: OpenOptions): Promise<Databases> {
  const { databaseUrl, directory } = options;
  return databaseUrl === undefined ? openSqlite(directory, options) : openPostgres(databaseUrl, options);
}

async function openSqlite(directory: string, options: OpenOptions): Promise<SqliteDatabases> {
  const log = options.log ?? silentLog;
  const paths = databasePaths(directory);
  for (const plan of migrationPlans(options)) {
    const { role } = plan;
    const result = await migrateSqlite({ ...plan, path: paths[role], backupDirectory: paths.migrationBackups });
    reportMigrations(log, 'sqlite', role, result.applied, result.backup);
  }
  const changes = localChanges();
  const state = openSqliteDatabase<StateTables>({ path: paths.state, role: 'state', changes, log });
  try {
    const audit = openSqliteDatabase<AuditTables>({ path: paths.audit, role: 'audit', changes, log });
    const close = async () => {
      await Promise.all([state.close(), audit.close()]);
    };
    return { dialect: 'sqlite', state, audit, changes, tryExclusively: exclusiveInProcess(), close };
  } catch (error) {
    await state.close();
    throw error;
  }
}

async function openPostgres(databaseUrl: string, options: OpenOptions): Promise<PostgresDatabases> {
  const log = options.log ?? silentLog;
  checkUrl(databaseUrl);
  for (const plan of migrationPlans(options)) {
    const migrated = migratePostgres({ ...plan, databaseUrl, schema: `cz_${plan.role}`, log });
    const result = await migrated.catch((error: unknown) => {
      throw isConnectionTrouble(error) ? unreachable(error as Error) : error;
    });
    reportMigrations(log, 'postgres', plan.role, result.applied, result.backup);
  }
  const changes = await postgresChanges(databaseUrl, log);
  const connections = options.connections ?? 10;
  const state = openPostgresDatabase<StateTables>({
    name: 'state',
    pool: postgresPool(databaseUrl, 'cz_state', connections, log),
    isolation: 'serializable',
    changes,
    log,
  });
  const audit = openPostgresDatabase<AuditTables>({
    name: 'audit',
    pool: postgresPool(databaseUrl, 'cz_audit', connections, log),
    // Appends of many processes side by side; what must be unique is held by unique keys.
    isolation: 'read committed',
    changes,
    log,
  });
  const close = async () => {
    await Promise.all([state.close(), audit.close(), changes.close()]);
  };
  return {
    dialect: 'postgres',
    databaseUrl,
    state,
    audit,
    changes,
    tryExclusively: exclusiveInPostgres(databaseUrl),
    close,
  };
}

/** Said here without the value: the parser's own error would carry the password. */
function checkUrl(databaseUrl: string): void {
  const protocol = URL.canParse(databaseUrl) ? new URL(databaseUrl).protocol : undefined;
  if (protocol === 'postgres:' || protocol === 'postgresql:') return;
  throw new Error(
    'DATABASE_URL is not the address of a PostgreSQL database; write postgres://user:password@host:5432/database, with special characters of the password percent-encoded.',
  );
}

function unreachable(error: Error): DatabaseUnreachableError {
  return new DatabaseUnreachableError(
    `The PostgreSQL server of DATABASE_URL cannot be used (${error.message}). Check address, user, password and database name, and that the server runs.`,
  );
}

function migrationPlans({ clock, version = 'unknown' }: OpenOptions) {
  return [
    { role: 'state', database: 'state', migrations: stateMigrations, clock, version },
    { role: 'audit', database: 'audit', migrations: auditMigrations, clock, version },
  ] as const;
}

function reportMigrations(
  log: DatabaseLog,
  dialect: DialectName,
  database: string,
  applied: readonly string[],
  backup: string | null,
): void {
  if (applied.length > 0) log.info({ dialect, database, applied, backup }, 'migrated the database');
}
