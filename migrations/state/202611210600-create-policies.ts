import { sql } from 'kysely';
import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210600-create-policies',
  why: 'Policies of projects and organizations: every version that was ever saved, and which organization policies a project uses.',
  async up(database, dialect) {
    const { id, text, time, integer, json } = dialect;

    await dialect
      .createTable(database, 'policies')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('org_id', id, (column) => column.notNull().references('orgs.id').onDelete('cascade'))
      .addColumn('project_id', id, (column) => column.references('projects.id').onDelete('cascade'))
      .addColumn('owner_id', id, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('description', text, (column) => column.notNull())
      .addColumn('priority', integer, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('current_version', integer, (column) => column.notNull())
      .addColumn('live_version', integer)
      .addColumn('revision', integer, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('updated_at', time, (column) => column.notNull())
      .addColumn('deleted_at', time)
      .execute();
    await database.schema.createIndex('policies_by_org').on('policies').columns(['org_id', 'id']).execute();
    await database.schema.createIndex('policies_by_project').on('policies').columns(['project_id', 'id']).execute();
    await database.schema
      .createIndex('policies_name')
      .on('policies')
      .columns(['owner_id', 'name'])
      .unique()
      .where(sql.ref('deleted_at'), 'is', null)
      .execute();

    await dialect
      .createTable(database, 'policy_versions')
      .addColumn('policy_id', id, (column) => column.notNull().references('policies.id').onDelete('cascade'))
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('document', json, (column) => column.notNull())
      .addColumn('source', text, (column) => column.notNull())
      .addColumn('source_format', text, (column) => column.notNull())
      .addColumn('rule_count', integer, (column) => column.notNull())
      .addColumn('note', text, (column) => column.notNull())
      .addColumn('author_id', id, (column) => column.notNull())
      .addColumn('author_label', text, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('published_at', time)
      .addPrimaryKeyConstraint('policy_versions_key', ['policy_id', 'version'])
      .execute();

    await dialect
      .createTable(database, 'policy_assignments')
      .addColumn('policy_id', id, (column) => column.notNull().references('policies.id').onDelete('cascade'))
      .addColumn('project_id', id, (column) => column.notNull().references('projects.id').onDelete('cascade'))
      .addColumn('created_at', time, (column) => column.notNull())
      .addPrimaryKeyConstraint('policy_assignments_key', ['policy_id', 'project_id'])
      .execute();
    await database.schema
      .createIndex('policy_assignments_by_project')
      .on('policy_assignments')
      .column('project_id')
      .execute();
  },
};
