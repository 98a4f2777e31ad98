import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Databases } from '../server/db/open.ts';

/** The SHA-256 of the rows of every table, by `database.table`. */
export type DatabaseDigest = Record<string, string>;

/**
 * Digests what both databases hold, each in one consistent state. Two digests are equal exactly when no row was added,
 * changed or removed in between; where they differ, the name of the table says where.
 */
export async function digestDatabases({ state, audit, dialect }: Databases): Promise<DatabaseDigest> {
  const tables = dialect === 'sqlite' ? tablesOfFile : tablesOfSchema;
  const digest = async (role: string, look: Kysely<never>) => {
    const digests: [string, string][] = [];
    for (const table of await tables(look)) digests.push([`${role}.${table}`, await digestTable(look, table)]);
    return digests;
  };
  const ofState = await state.snapshot((look) => digest('state', look as unknown as Kysely<never>));
  const ofAudit = await audit.snapshot((look) => digest('audit', look as unknown as Kysely<never>));
  return Object.fromEntries([...ofState, ...ofAudit]);
}

async function tablesOfFile(look: Kysely<never>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master
    where type = 'table' and name not like 'sqlite\_%' escape '\\' and sql not like 'create virtual table%'
    order by name`.execute(look);
  return rows.map((row) => row.name);
}

async function tablesOfSchema(look: Kysely<never>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE'
    order by table_name`.execute(look);
  return rows.map((row) => row.name);
}

async function digestTable(look: Kysely<never>, table: string): Promise<string> {
  const { rows } = await sql`select * from ${sql.table(table)}`.execute(look);
  const hash = createHash('sha256');
  // The engines owe no order to a query without one.
  for (const row of rows.map((row) => JSON.stringify(row)).sort()) hash.update(`${row}\n`);
  return hash.digest('hex');
}
