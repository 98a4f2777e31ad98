import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210200-create-users-and-sessions',
  why: 'People: accounts, their sessions, one-time links, platform admins, and the slowing down of password guessing.',
  async up(database, dialect) {
    const { id, text, time, integer } = dialect;

    await dialect
      .createTable(database, 'users')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('email', text, (column) => column.notNull().unique())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('password_hash', text)
      .addColumn('email_verified_at', time)
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('updated_at', time, (column) => column.notNull())
      .addColumn('last_sign_in_at', time)
      .execute();

    await dialect
      .createTable(database, 'sessions')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('user_id', id, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('last_seen_at', time, (column) => column.notNull())
      .addColumn('expires_at', time, (column) => column.notNull())
      .addColumn('ip', text)
      .addColumn('user_agent', text)
      .addColumn('epoch', integer, (column) => column.notNull())
      .execute();
    await database.schema.createIndex('sessions_by_user').on('sessions').column('user_id').execute();
    await database.schema.createIndex('sessions_by_expiry').on('sessions').column('expires_at').execute();

    await dialect
      .createTable(database, 'one_time_links')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('user_id', id, (column) => column.references('users.id').onDelete('cascade'))
      .addColumn('purpose', text, (column) => column.notNull())
      .addColumn('digest', text, (column) => column.notNull().unique())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('expires_at', time, (column) => column.notNull())
      .addColumn('used_at', time)
      .addColumn('epoch', integer, (column) => column.notNull())
      .execute();
    await database.schema.createIndex('one_time_links_by_user').on('one_time_links').column('user_id').execute();

    await dialect
      .createTable(database, 'platform_admins')
      .addColumn('email', text, (column) => column.primaryKey())
      .addColumn('added_at', time, (column) => column.notNull())
      .addColumn('added_by', text)
      .execute();

    await dialect
      .createTable(database, 'sign_in_failures')
      .addColumn('subject', text, (column) => column.primaryKey())
      .addColumn('failures', integer, (column) => column.notNull())
      .addColumn('last_failed_at', time, (column) => column.notNull())
      .addColumn('locked_until', time, (column) => column.notNull())
      .execute();
  },
};
