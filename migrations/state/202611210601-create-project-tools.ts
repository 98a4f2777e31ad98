import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210601-create-project-tools',
  why: 'Tools that a project has registered, so that policies about them are checked against known names.',
  async up(database, dialect) {
    const { id, text, time, json } = dialect;

    await dialect
      .createTable(database, 'project_tools')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('project_id', id, (column) => column.notNull().references('projects.id').onDelete('cascade'))
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('description', text, (column) => column.notNull())
      .addColumn('methods', json, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('updated_at', time, (column) => column.notNull())
      .addUniqueConstraint('project_tools_name', ['project_id', 'name'])
      .execute();
  },
};
