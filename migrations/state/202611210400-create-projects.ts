import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210400-create-projects',
  why: 'Projects: what policies are assigned to, keys belong to and SDKs run in, with the defaults where no rule decides.',
  async up(database, dialect) {
    const { id, text, time } = dialect;

    await dialect
      .createTable(database, 'projects')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('public_id', id, (column) => column.notNull().unique())
      .addColumn('org_id', id, (column) => column.notNull().references('orgs.id').onDelete('cascade'))
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('description', text, (column) => column.notNull())
      .addColumn('default_action', text, (column) => column.notNull())
      .addColumn('default_on_missing', text, (column) => column.notNull())
      .addColumn('default_on_empty', text, (column) => column.notNull())
      .addColumn('default_on_tamper', text, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('updated_at', time, (column) => column.notNull())
      .addUniqueConstraint('projects_name', ['org_id', 'name'])
      .execute();
  },
};
