import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202601010000-create-kernel-tables',
  why: 'What every request and every start needs: activity outbox, settings, flags, idempotency keys, wrapped keys, epoch.',
  async up(database, dialect) {
    const { id, text, time, integer, bool, json, bytes } = dialect;

    await dialect
      .createTable(database, 'activity_outbox')
      .addColumn('id', id, (column) => column.primaryKey())
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

    await dialect
      .createTable(database, 'settings')
      .addColumn('key', text, (column) => column.primaryKey())
      .addColumn('value', json, (column) => column.notNull())
      .addColumn('updated_at', time, (column) => column.notNull())
      .addColumn('updated_by', text)
      .execute();

    await dialect
      .createTable(database, 'feature_flags')
      .addColumn('flag', text, (column) => column.notNull())
      .addColumn('org_id', id, (column) => column.notNull())
      .addColumn('enabled', bool, (column) => column.notNull())
      .addColumn('updated_at', time, (column) => column.notNull())
      .addColumn('updated_by', text)
      .addPrimaryKeyConstraint('feature_flags_key', ['flag', 'org_id'])
      .execute();

    await dialect
      .createTable(database, 'idempotency_keys')
      .addColumn('scope', text, (column) => column.notNull())
      .addColumn('key', text, (column) => column.notNull())
      .addColumn('request_hash', text, (column) => column.notNull())
      .addColumn('status', integer)
      .addColumn('body', bytes)
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('expires_at', time, (column) => column.notNull())
      .addPrimaryKeyConstraint('idempotency_keys_key', ['scope', 'key'])
      .execute();
    await database.schema
      .createIndex('idempotency_keys_by_expiry')
      .on('idempotency_keys')
      .column('expires_at')
      .execute();

    await dialect
      .createTable(database, 'kek')
      .addColumn('purpose', text, (column) => column.notNull())
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('master_key_id', text, (column) => column.notNull())
      .addColumn('wrapped', bytes, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addPrimaryKeyConstraint('kek_key', ['purpose', 'version'])
      .execute();

    await dialect
      .createTable(database, 'epoch')
      .addColumn('id', integer, (column) => column.primaryKey())
      .addColumn('epoch', integer, (column) => column.notNull())
      .addColumn('raised_at', time, (column) => column.notNull())
      .addColumn('reason', text, (column) => column.notNull())
      .execute();
    await database.insertInto('epoch').values({ id: 1, epoch: 1, raised_at: 0, reason: 'created' }).execute();
  },
};
