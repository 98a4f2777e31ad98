import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { temporaryPostgres } from '../../test/postgres.ts';
import { manualClock } from '../kernel/clock.ts';
import type { DialectName } from './database.ts';
import { silentLog } from './database.ts';
import { postgresPool } from './dialects/postgres-pool.ts';
import { kyselyOnSqlite } from './dialects/sqlite-driver.ts';
import { DowngradeError } from './errors.ts';
import type { MigrationPlan, MigrationResult } from './migrate.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { migrateSqlite } from './migrate-sqlite.ts';
import type { Migration, MigrationDatabase } from './migration.ts';

const parents: Migration = {
  id: '200001010000-create-parents',
  why: 'parents',
  async up(database, dialect) {
    await dialect
      .createTable(database, 'parents')
      .addColumn('id', dialect.id, (column) => column.primaryKey())
      .execute();
    await dialect
      .createTable(database, 'children')
      .addColumn('id', dialect.id, (column) => column.primaryKey())
      .addColumn('parent_id', dialect.id, (column) => column.references('parents.id').onDelete('cascade').notNull())
      .execute();
    await database.insertInto('parents').values({ id: 'p' }).execute();
    await database.insertInto('children').values({ id: 'c', parent_id: 'p' }).execute();
  },
};

const notes: Migration = {
  id: '200002010000-add-notes',
  why: 'notes',
  async up(database, dialect) {
    await database.schema.alterTable('parents').addColumn('note', dialect.text).execute();
  },
};

const failing: Migration = {
  id: '200003010000-fail',
  why: 'to fail',
  async up(database) {
    await database.insertInto('parents').values({ id: 'half' }).execute();
    throw new Error('no such luck');
  },
};

interface Target {
  readonly dialect: DialectName;
  migrate(migrations: readonly Migration[], version?: string): Promise<MigrationResult>;
  look<R>(look: (database: MigrationDatabase) => Promise<R>): Promise<R>;
}

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function plan(migrations: readonly Migration[], version: string): MigrationPlan {
  return { database: 'state', migrations, clock: manualClock(), version };
}

function sqliteTarget(): Target & { path: string; backups: string } {
  const directory = mkdtempSync(join(tmpdir(), 'migrate-'));
  cleanUps.push(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'state.db');
  const backups = join(directory, 'backups');
  const clock = manualClock();
  return {
    dialect: 'sqlite',
    path,
    backups,
    migrate: (migrations, version = '1.0.0') => {
      clock.advance(1_000);
      return migrateSqlite({ ...plan(migrations, version), clock, path, role: 'state', backupDirectory: backups });
    },
    async look(look) {
      const connection = new BetterSqlite3(path);
      try {
        return await look(kyselyOnSqlite(connection));
      } finally {
        connection.close();
      }
    },
  };
}

async function postgresTarget(): Promise<Target> {
  const { location, remove } = await temporaryPostgres();
  cleanUps.push(remove);
  const { databaseUrl } = location;
  const connect = (): MigrationDatabase =>
    new Kysely({ dialect: new PostgresDialect({ pool: postgresPool(databaseUrl, 'cz_state', 1, silentLog) }) });
  const target: Target = {
    dialect: 'postgres',
    migrate: (migrations, version = '1.0.0') =>
      migratePostgres({ ...plan(migrations, version), databaseUrl, schema: 'cz_state', log: silentLog }),
    async look(look) {
      const database = connect();
      try {
        return await look(database);
      } finally {
        await database.destroy();
      }
    },
  };
  // The test databases are migrated already; these tests begin with none.
  await target.look((database) => sql`DROP SCHEMA cz_state CASCADE`.execute(database));
  return target;
}

describe.each([
  ['SQLite', async () => sqliteTarget()],
  ['PostgreSQL', postgresTarget],
])('on %s', (_, make: () => Promise<Target>) => {
  test('pending migrations run once, in the order of their ids, and are noted with version and time', async () => {
    const target = await make();
    expect((await target.migrate([notes, parents])).applied).toEqual([parents.id, notes.id]);
    expect((await target.migrate([notes, parents])).applied).toEqual([]);
    const rows = await target.look((database) =>
      database.selectFrom('schema_migrations').select(['id', 'why', 'version']).execute(),
    );
    expect(rows).toEqual([
      { id: parents.id, why: 'parents', version: '1.0.0' },
      { id: notes.id, why: 'notes', version: '1.0.0' },
    ]);
  });

  test('a failing migration undoes all of this run and says which one failed', async () => {
    const target = await make();
    await target.migrate([parents]);
    await expect(target.migrate([parents, notes, failing])).rejects.toThrow(
      'The migration 200003010000-fail of the state database failed and was undone: no such luck',
    );
    const rows = await target.look((database) => database.selectFrom('parents').selectAll().execute());
    expect(rows).toEqual([{ id: 'p' }]);
    expect((await target.migrate([parents, notes])).applied).toEqual([notes.id]);
  });

  test('a database of a newer version is refused by name and left alone', async () => {
    const target = await make();
    await target.migrate([parents, notes], '2.0.0');
    const refusal = target.migrate([parents], '1.0.0');
    await expect(refusal).rejects.toBeInstanceOf(DowngradeError);
    await expect(refusal).rejects.toThrow(/newer version \(2\.0\.0\).*200002010000-add-notes.*\(1\.0\.0\)/s);
    expect((await target.migrate([parents, notes])).applied).toEqual([]);
  });

  test('two migrations with one id are refused', async () => {
    const target = await make();
    await expect(target.migrate([parents, { ...notes, id: parents.id }])).rejects.toThrow('have the id');
  });

  test('processes that start at the same moment migrate once between them', async () => {
    const target = await make();
    await target.migrate([parents]);
    const results = await Promise.all([1, 2, 3].map(() => target.migrate([parents, notes])));
    expect(results.flatMap((result) => result.applied)).toEqual([notes.id]);
  });
});

describe('on SQLite only', () => {
  test('rebuilding a parent table keeps its children', async () => {
    const target = sqliteTarget();
    await target.migrate([parents]);
    const rebuild: Migration = {
      id: '200002020000-rebuild-parents',
      why: 'rebuild',
      async up(database) {
        await sql`CREATE TABLE parents_new (id TEXT PRIMARY KEY, note TEXT) STRICT`.execute(database);
        await sql`INSERT INTO parents_new (id) SELECT id FROM parents`.execute(database);
        await sql`DROP TABLE parents`.execute(database);
        await sql`ALTER TABLE parents_new RENAME TO parents`.execute(database);
      },
    };
    await target.migrate([parents, rebuild]);
    expect(await target.look((database) => database.selectFrom('children').selectAll().execute())).toHaveLength(1);
  });

  test('a migration that breaks a reference is undone', async () => {
    const target = sqliteTarget();
    await target.migrate([parents]);
    const orphaning: Migration = {
      id: '200002020000-orphan',
      why: 'orphan',
      async up(database) {
        await database.deleteFrom('parents').execute();
      },
    };
    await expect(target.migrate([parents, orphaning])).rejects.toThrow(/1 row\(s\).*children.*to parents/);
    expect(await target.look((database) => database.selectFrom('parents').selectAll().execute())).toHaveLength(1);
  });

  test('a database that is not new is copied first, and three copies are kept', async () => {
    const target = sqliteTarget();
    expect((await target.migrate([parents])).backup).toBeNull();
    expect(existsSync(target.backups)).toBe(false);
    const { backup } = await target.migrate([parents, notes]);
    const copy = new BetterSqlite3(backup!, { readonly: true });
    expect(copy.prepare('SELECT * FROM parents').all()).toEqual([{ id: 'p' }]);
    copy.close();
    expect((await target.migrate([parents, notes])).backup).toBeNull();

    const more = [3, 4, 5, 6].map(
      (month): Migration => ({ ...notes, id: `20000${month}010000-more`, up: async () => {} }),
    );
    for (let count = 1; count <= more.length; count += 1) {
      await target.migrate([parents, notes, ...more.slice(0, count)]);
    }
    const kept = readdirSync(target.backups);
    expect(kept).toHaveLength(3);
    expect(kept.toSorted()[0]! > backup!.split('/').at(-1)!).toBe(true);
  });
});
