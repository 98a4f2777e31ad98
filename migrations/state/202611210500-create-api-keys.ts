import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210500-create-api-keys',
  why: 'The keys with which programs speak for a project. SDKs name their caches after the first 12 characters of a key, so these are unique in an organization.',
  async up(database, dialect) {
    const { id, text, time, json } = dialect;

    await dialect
      .createTable(database, 'api_keys')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('org_id', id, (column) => column.notNull().references('orgs.id').onDelete('cascade'))
      .addColumn('project_id', id, (column) => column.notNull().references('projects.id').onDelete('cascade'))
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('mode', text, (column) => column.notNull())
      .addColumn('scopes', json, (column) => column.notNull())
      .addColumn('digest', text, (column) => column.notNull().unique())
      .addColumn('prefix', text, (column) => column.notNull())
      .addColumn('created_by', id)
      .addColumn('created_by_label', text, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('expires_at', time)
      .addColumn('revoked_at', time)
      .addColumn('last_used_at', time)
      .addColumn('rotated_to', id)
      .addUniqueConstraint('api_keys_prefix', ['org_id', 'prefix'])
      .execute();
    await database.schema
      .createIndex('api_keys_by_project')
      .on('api_keys')
      .columns(['project_id', 'created_at'])
      .execute();
  },
};
