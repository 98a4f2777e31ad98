import type { Clock } from '../kernel/clock.ts';
import type { DialectName } from './database.ts';
import { schemaDialect } from './dialects/schema.ts';
import { DowngradeError } from './errors.ts';
import type { Migration, MigrationDatabase } from './migration.ts';

/** Where the applied migrations of a database are kept: its version. */
export const versionTable = 'schema_migrations';

/** What a run did. */
export interface MigrationResult {
  /** Ids of the migrations that were applied, in order; empty when there was nothing to do. */
  readonly applied: readonly string[];
  /** The copy that was made before, when there was something to lose (SQLite only). */
  readonly backup: string | null;
}

/** Who migrates what, the same on both engines. */
export interface MigrationPlan {
  /** `state` or `audit`, for messages. */
  readonly database: string;
  readonly migrations: readonly Migration[];
  readonly clock: Clock;
  /** The version of this software, kept beside each migration it applies. */
  readonly version: string;
}

interface AppliedMigration {
  readonly id: string;
  readonly version: string;
}

/**
 * Returns the migrations that are still to be applied, in order.
 *
 * Throws `DowngradeError` when `applied` names one that this software does not know, and an `Error` when two of the
 * plan's migrations have the same id.
 */
export function pendingMigrations(plan: MigrationPlan, applied: readonly AppliedMigration[]): readonly Migration[] {
  const ordered = plan.migrations.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  for (const [index, migration] of ordered.entries()) {
    if (migration.id === ordered[index + 1]?.id) {
      throw new Error(
        `Two migrations of the ${plan.database} database have the id ${migration.id}; rename the newer one.`,
      );
    }
  }
  const known = new Set(ordered.map((migration) => migration.id));
  const foreign = applied.findLast((migration) => !known.has(migration.id));
  if (foreign !== undefined) {
    throw new DowngradeError(
      `This data directory was written by a newer version (${foreign.version}): its ${plan.database} database has the migration ${foreign.id}, which this version (${plan.version}) does not know. ` +
        `Nothing was changed. Install version ${foreign.version} or newer, or restore a backup that this version made.`,
    );
  }
  const done = new Set(applied.map((migration) => migration.id));
  return ordered.filter((migration) => !done.has(migration.id));
}

/** Reads which migrations a database has, oldest first; it must have the version table. */
export async function appliedMigrations(database: MigrationDatabase): Promise<readonly AppliedMigration[]> {
  const rows = await database.selectFrom(versionTable).select(['id', 'version']).orderBy('id').execute();
  return rows as unknown as readonly AppliedMigration[];
}

/** Creates the version table when it is missing. */
export async function createVersionTable(database: MigrationDatabase, dialect: DialectName): Promise<void> {
  const { createTable, text, time } = schemaDialect(dialect);
  await createTable(database, versionTable)
    .ifNotExists()
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('why', text, (column) => column.notNull())
    .addColumn('version', text, (column) => column.notNull())
    .addColumn('applied_at', time, (column) => column.notNull())
    .execute();
}

/**
 * Applies `pending` in order inside the caller's transaction and notes each in the version table.
 * An error names the migration that failed; the caller rolls back.
 */
export async function applyMigrations(
  database: MigrationDatabase,
  dialect: DialectName,
  plan: MigrationPlan,
  pending: readonly Migration[],
): Promise<void> {
  const schema = schemaDialect(dialect);
  for (const { id, why, up } of pending) {
    try {
      await up(database, schema);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`The migration ${id} of the ${plan.database} database failed and was undone: ${message}`, {
        cause: error,
      });
    }
    await database
      .insertInto(versionTable)
      .values({ id, why, version: plan.version, applied_at: plan.clock.now() })
      .execute();
  }
}
