import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210800-create-tamper-alerts',
  why: 'What SDKs report about tampering on their machines; the same report counts up one row, since clients repeat it with every call.',
  async up(database, dialect) {
    const { id, text, time, integer, json } = dialect;

    await dialect
      .createTable(database, 'tamper_alerts')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('org_id', id, (column) => column.notNull())
      .addColumn('project_id', id, (column) => column.notNull().references('projects.id').onDelete('cascade'))
      .addColumn('repeat_key', text, (column) => column.notNull())
      .addColumn('reporter_kind', text, (column) => column.notNull())
      .addColumn('reporter_id', id, (column) => column.notNull())
      .addColumn('machine_id', text)
      .addColumn('hostname', text)
      .addColumn('source', text)
      .addColumn('reason', text)
      .addColumn('bundle_hash', text)
      .addColumn('details', json, (column) => column.notNull())
      .addColumn('count', integer, (column) => column.notNull())
      .addColumn('first_seen_at', time, (column) => column.notNull())
      .addColumn('last_seen_at', time, (column) => column.notNull())
      .addUniqueConstraint('tamper_alerts_once', ['project_id', 'repeat_key'])
      .execute();
    await database.schema
      .createIndex('tamper_alerts_by_project')
      .on('tamper_alerts')
      .columns(['project_id', 'id'])
      .execute();
  },
};
