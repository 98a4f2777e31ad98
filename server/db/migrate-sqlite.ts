import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { copyDatabase } from './backup.ts';
import { kyselyOnSqlite } from './dialects/sqlite-driver.ts';
import {
  appliedMigrations,
  applyMigrations,
  createVersionTable,
  type MigrationPlan,
  type MigrationResult,
  pendingMigrations,
  versionTable,
} from './migrate.ts';
import type { MigrationDatabase } from './migration.ts';
import { openSqliteWriter, type SqliteRole } from './sqlite-connection.ts';

/** So many copies of each database are kept from before its last migrations. */
const copiesKept = 3;

/**
 * Brings the SQLite database at `path` to the plan's newest schema; creates it when it is missing.
 *
 * A database that is not new is first copied into `backupDirectory`. All pending migrations and the check of every
 * foreign key are one transaction: either all of them are applied or none. Throws `DowngradeError` when the database
 * is newer than the plan.
 */
export async function migrateSqlite(
  plan: MigrationPlan & { path: string; role: SqliteRole; backupDirectory: string },
): Promise<MigrationResult> {
  const connection = openSqliteWriter(plan.path, plan.role);
  const database: MigrationDatabase = kyselyOnSqlite(connection);
  try {
    const isNew = !hasVersionTable(connection);
    const expected = pendingMigrations(plan, isNew ? [] : await appliedMigrations(database));
    if (expected.length === 0 && !isNew) return { applied: [], backup: null };
    const backup = isNew ? null : await copyBefore(plan);

    // Inside a transaction this setting is ignored, and with it on, rebuilding a parent table deletes its children.
    connection.pragma('foreign_keys = OFF');
    connection.exec('BEGIN IMMEDIATE');
    await createVersionTable(database, 'sqlite');
    // Read again under the lock: another process may have migrated between the first look and now.
    const pending = pendingMigrations(plan, await appliedMigrations(database));
    await applyMigrations(database, 'sqlite', plan, pending);
    checkForeignKeys(connection, plan.database);
    connection.exec('COMMIT');
    return { applied: pending.map((migration) => migration.id), backup };
  } finally {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    await database.destroy();
    connection.close();
  }
}

function hasVersionTable(connection: BetterSqlite3.Database): boolean {
  const found = connection.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(versionTable);
  return found !== undefined;
}

async function copyBefore(plan: MigrationPlan & { path: string; backupDirectory: string }): Promise<string> {
  const time = new Date(plan.clock.now()).toISOString().replace(/[-:.]/g, '');
  const copy = join(plan.backupDirectory, `${plan.database}-${time}.db`);
  await copyDatabase(plan.path, copy);
  forgetOldCopies(plan.backupDirectory, plan.database);
  return copy;
}

function forgetOldCopies(directory: string, database: string): void {
  const pattern = new RegExp(`^${database}-\\d{8}T\\d{9}Z\\.db$`);
  const copies = readdirSync(directory).filter((name) => pattern.test(name));
  for (const name of copies.sort().slice(0, -copiesKept)) {
    // Whoever looked into a copy left SQLite's side files beside it.
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(directory, `${name}${suffix}`), { force: true });
  }
}

function checkForeignKeys(connection: BetterSqlite3.Database, database: string): void {
  const broken = connection.pragma('foreign_key_check') as { table: string; rowid: number | null; parent: string }[];
  const first = broken[0];
  if (first === undefined) return;
  throw new Error(
    `The migrations of the ${database} database were undone: ${broken.length} row(s) would refer to rows that are missing, the first in ${first.table} (row ${first.rowid ?? 'unknown'}, to ${first.parent}).`,
  );
}
