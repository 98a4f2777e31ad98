import { stat } from 'node:fs/promises';
import { sql } from 'kysely';
import type { DialectName } from './database.ts';
import { type Databases, databasePaths } from './open.ts';

/** How much room one of the databases takes, in bytes. */
export interface DatabaseSize {
  readonly name: 'state' | 'audit';
  readonly engine: DialectName;
  /** Tables and indexes; free pages inside included. */
  readonly bytes: number;
  /** The write-ahead log, which SQLite shortens by itself; 0 on PostgreSQL, where the log belongs to the whole server. */
  readonly logBytes: number;
}

/** Measures both databases. `home` is the deployment directory, which holds the files of SQLite. */
export function databaseSizes(databases: Databases, home: string): Promise<DatabaseSize[]> {
  const names = ['state', 'audit'] as const;
  if (databases.dialect === 'postgres') {
    return Promise.all(
      names.map(async (name) => ({ name, engine: 'postgres', bytes: await schemaBytes(databases, name), logBytes: 0 })),
    );
  }
  const paths = databasePaths(home);
  return Promise.all(
    names.map(async (name) => ({
      name,
      engine: 'sqlite',
      bytes: await fileBytes(paths[name]),
      logBytes: await fileBytes(`${paths[name]}-wal`),
    })),
  );
}

async function schemaBytes(databases: Databases, name: 'state' | 'audit'): Promise<number> {
  const { rows } = await sql<{ bytes: number | string }>`
    select coalesce(sum(pg_total_relation_size(pg_class.oid)), 0) as bytes
    from pg_class join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname = ${`cz_${name}`} and pg_class.relkind = 'r'`.execute(databases[name].read as never);
  return Number(rows[0]?.bytes ?? 0);
}

async function fileBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
