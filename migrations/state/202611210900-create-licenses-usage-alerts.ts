import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210900-create-licenses-usage-alerts',
  why: 'What the deployment may do (trial, installed and issued licenses), what organizations used of it, and what needs attention.',
  async up(database, dialect) {
    const { id, text, time, integer, json, bytes } = dialect;

    await dialect
      .createTable(database, 'trial')
      .addColumn('id', integer, (column) => column.primaryKey())
      .addColumn('started_at', time, (column) => column.notNull())
      .addColumn('ends_at', time, (column) => column.notNull())
      .execute();

    await dialect
      .createTable(database, 'installed_licenses')
      .addColumn('license_id', text, (column) => column.primaryKey())
      .addColumn('license_text', text, (column) => column.notNull())
      .addColumn('installed_at', time, (column) => column.notNull())
      .addColumn('installed_by', text, (column) => column.notNull())
      .execute();

    await dialect
      .createTable(database, 'issued_licenses')
      .addColumn('license_id', text, (column) => column.primaryKey())
      .addColumn('customer', text, (column) => column.notNull())
      .addColumn('tier', text, (column) => column.notNull())
      .addColumn('seats', integer)
      .addColumn('issued_at', time, (column) => column.notNull())
      .addColumn('expires_at', time, (column) => column.notNull())
      .addColumn('issued_by', text, (column) => column.notNull())
      .addColumn('payload', json, (column) => column.notNull())
      .execute();

    await dialect
      .createTable(database, 'license_issuer')
      .addColumn('id', integer, (column) => column.primaryKey())
      .addColumn('kid', text, (column) => column.notNull())
      .addColumn('public_key', bytes, (column) => column.notNull())
      .addColumn('seed', bytes, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .execute();

    await dialect
      .createTable(database, 'usage_counters')
      .addColumn('org_id', id, (column) => column.notNull())
      .addColumn('month', text, (column) => column.notNull())
      .addColumn('metric', text, (column) => column.notNull())
      .addColumn('value', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('usage_counters_key', ['org_id', 'month', 'metric'])
      .execute();

    await dialect
      .createTable(database, 'usage_seats')
      .addColumn('org_id', id, (column) => column.notNull())
      .addColumn('month', text, (column) => column.notNull())
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('identity', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('usage_seats_key', ['org_id', 'month', 'kind', 'identity'])
      .execute();

    await dialect
      .createTable(database, 'alerts')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('org_id', id)
      .addColumn('project_id', id)
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('severity', text, (column) => column.notNull())
      .addColumn('repeat_key', text, (column) => column.notNull().unique())
      .addColumn('message', text, (column) => column.notNull())
      .addColumn('details', json, (column) => column.notNull())
      .addColumn('count', integer, (column) => column.notNull())
      .addColumn('first_at', time, (column) => column.notNull())
      .addColumn('last_at', time, (column) => column.notNull())
      .addColumn('resolved_at', time)
      .addColumn('resolved_by', text)
      .execute();
    await database.schema.createIndex('alerts_by_org').on('alerts').columns(['org_id', 'last_at']).execute();
  },
};
