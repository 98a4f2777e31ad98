import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202601010000-create-activity',
  why: 'The ledger of administrative changes, filled from the activity outbox of the state database.',
  async up(database, dialect) {
    const { id, text, time, json } = dialect;
    await dialect
      .createTable(database, 'activity')
      .addColumn('seq', ...dialect.serial)
      .addColumn('id', id, (column) => column.notNull().unique())
      .addColumn('org_id', id)
      .addColumn('project_id', id)
      .addColumn('at', time, (column) => column.notNull())
      .addColumn('verb', text, (column) => column.notNull())
      .addColumn('actor_kind', text, (column) => column.notNull())
      .addColumn('actor_id', id)
      .addColumn('actor_label', text)
      .addColumn('target_type', text)
      .addColumn('target_id', id)
      .addColumn('request_id', text)
      .addColumn('ip', text)
      .addColumn('details', json, (column) => column.notNull())
      .execute();
    await database.schema.createIndex('activity_by_org').on('activity').columns(['org_id', 'at', 'id']).execute();
  },
};
