import { Kysely, PostgresDialect, sql } from 'kysely';
import type { DatabaseLog } from './database.ts';
import { type PostgresSchema, postgresPool } from './dialects/postgres-pool.ts';
import {
  appliedMigrations,
  applyMigrations,
  createVersionTable,
  type MigrationPlan,
  type MigrationResult,
  pendingMigrations,
} from './migrate.ts';
import type { MigrationDatabase } from './migration.ts';

/** Any process that migrates waits for this advisory lock: the letters "czmigr" as a number. */
const migrationLock = 0x637a6d696772;

/**
 * Brings one schema of the PostgreSQL database to the plan's newest schema; creates it when it is missing.
 *
 * Everything is one transaction under an advisory lock, so of several processes that start at once one migrates and
 * the others find nothing to do. Throws `DowngradeError` when the database is newer than the plan. Makes no copy:
 * PostgreSQL has its own tools for that.
 */
export async function migratePostgres(
  plan: MigrationPlan & { databaseUrl: string; schema: PostgresSchema; log: DatabaseLog },
): Promise<MigrationResult> {
  const pool = postgresPool(plan.databaseUrl, plan.schema, 1, plan.log);
  const database: MigrationDatabase = new Kysely({ dialect: new PostgresDialect({ pool }) });
  try {
    return await database.transaction().execute(async (transaction) => {
      // Another process may migrate a large database; waiting for it is no fault.
      await sql`SET LOCAL lock_timeout = 0`.execute(transaction);
      await sql`SELECT pg_advisory_xact_lock(${migrationLock})`.execute(transaction);
      await sql`SET LOCAL lock_timeout = '15s'`.execute(transaction);
      await transaction.schema.createSchema(plan.schema).ifNotExists().execute();
      await createVersionTable(transaction, 'postgres');
      const pending = pendingMigrations(plan, await appliedMigrations(transaction));
      await applyMigrations(transaction, 'postgres', plan, pending);
      return { applied: pending.map((migration) => migration.id), backup: null };
    });
  } finally {
    await database.destroy();
  }
}
