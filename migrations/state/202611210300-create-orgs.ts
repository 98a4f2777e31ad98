import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210300-create-orgs',
  why: 'Organizations, who belongs to them in which role, and outstanding invites.',
  async up(database, dialect) {
    const { id, text, time, integer, json } = dialect;

    await dialect
      .createTable(database, 'orgs')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('slug', text, (column) => column.notNull().unique())
      .addColumn('tier', text, (column) => column.notNull())
      .addColumn('product_type', text, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('settings', json, (column) => column.notNull())
      .addColumn('audit_retention_days', integer)
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('updated_at', time, (column) => column.notNull())
      .execute();

    await dialect
      .createTable(database, 'memberships')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('org_id', id, (column) => column.notNull().references('orgs.id').onDelete('cascade'))
      .addColumn('user_id', id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('role', text, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('updated_at', time, (column) => column.notNull())
      .addUniqueConstraint('memberships_once', ['org_id', 'user_id'])
      .execute();
    await database.schema.createIndex('memberships_by_user').on('memberships').column('user_id').execute();

    await dialect
      .createTable(database, 'invites')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('org_id', id, (column) => column.notNull().references('orgs.id').onDelete('cascade'))
      .addColumn('email', text, (column) => column.notNull())
      .addColumn('role', text, (column) => column.notNull())
      .addColumn('digest', text, (column) => column.notNull().unique())
      .addColumn('invited_by', id)
      .addColumn('invited_by_label', text, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('expires_at', time, (column) => column.notNull())
      .addColumn('epoch', integer, (column) => column.notNull())
      .addUniqueConstraint('invites_once', ['org_id', 'email'])
      .execute();
    await database.schema.createIndex('invites_by_email').on('invites').column('email').execute();
  },
};
