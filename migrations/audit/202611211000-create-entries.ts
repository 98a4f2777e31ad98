import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611211000-create-entries',
  why: 'What SDKs report of every decision, the payloads that may be erased from it, and the rows that could not be entries. Each further index on entries halves what ingest can take.',
  async up(database, dialect) {
    const { id, text, time, integer, bool, bytes, json } = dialect;
    await dialect
      .createTable(database, 'entries')
      .addColumn('seq', ...dialect.serial)
      .addColumn('entry_key', bytes, (column) => column.notNull().unique())
      .addColumn('org_id', id, (column) => column.notNull())
      .addColumn('project_id', id, (column) => column.notNull())
      .addColumn('entry_id', id, (column) => column.notNull())
      .addColumn('ts', time, (column) => column.notNull())
      .addColumn('received_at', time, (column) => column.notNull())
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('decision', text, (column) => column.notNull())
      .addColumn('tool', text, (column) => column.notNull())
      .addColumn('method', text, (column) => column.notNull())
      .addColumn('reason', text, (column) => column.notNull())
      .addColumn('reason_code', text, (column) => column.notNull())
      .addColumn('policy_ref', text, (column) => column.notNull())
      .addColumn('rule_tag', text)
      .addColumn('user_name', text, (column) => column.notNull())
      .addColumn('user_email', text, (column) => column.notNull())
      .addColumn('hostname', text, (column) => column.notNull())
      .addColumn('client', text, (column) => column.notNull())
      .addColumn('mode', text, (column) => column.notNull())
      .addColumn('is_test', bool, (column) => column.notNull())
      .addColumn('foreign_project', id)
      .addColumn('key_id', id)
      .addColumn('machine_id', id)
      .addColumn('latency_ms', integer)
      .addColumn('provider', text)
      .addColumn('model', text)
      .addColumn('input_tokens', integer)
      .addColumn('output_tokens', integer)
      .addColumn('cost_micros', integer)
      .addColumn('digest', bytes, (column) => column.notNull())
      .addColumn('payload_digest', bytes)
      .addColumn('details', json, (column) => column.notNull())
      .execute();
    await database.schema.createIndex('entries_by_project').on('entries').columns(['project_id', 'ts']).execute();

    await dialect
      .createTable(database, 'entry_payloads')
      .addColumn('entry_key', bytes, (column) => column.primaryKey())
      .addColumn('org_id', id, (column) => column.notNull())
      .addColumn('salt', bytes, (column) => column.notNull())
      .addColumn('key_version', integer)
      .addColumn('content', bytes, (column) => column.notNull())
      .execute();

    await dialect
      .createTable(database, 'quarantine')
      .addColumn('seq', ...dialect.serial)
      .addColumn('quarantine_key', bytes, (column) => column.notNull().unique())
      .addColumn('org_id', id, (column) => column.notNull())
      .addColumn('project_id', id, (column) => column.notNull())
      .addColumn('reason', text, (column) => column.notNull())
      .addColumn('entry_id', id)
      .addColumn('received_at', time, (column) => column.notNull())
      .addColumn('is_test', bool, (column) => column.notNull())
      .addColumn('key_id', id)
      .addColumn('machine_id', id)
      .addColumn('size', integer, (column) => column.notNull())
      .addColumn('sha256', text, (column) => column.notNull())
      .addColumn('form', text, (column) => column.notNull())
      .addColumn('key_version', integer)
      .addColumn('content', bytes, (column) => column.notNull())
      .execute();
    await database.schema
      .createIndex('quarantine_by_project')
      .on('quarantine')
      .columns(['project_id', 'seq'])
      .execute();
  },
};
