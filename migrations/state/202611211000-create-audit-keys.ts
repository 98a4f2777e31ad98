import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611211000-create-audit-keys',
  why: 'The data keys of organizations, under which payloads of audit entries are sealed; they go with their organization, and with them everything sealed.',
  async up(database, dialect) {
    const { id, time, integer, bytes } = dialect;
    await dialect
      .createTable(database, 'audit_keys')
      .addColumn('org_id', id, (column) => column.notNull().references('orgs.id').onDelete('cascade'))
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('sealed', bytes, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addPrimaryKeyConstraint('audit_keys_key', ['org_id', 'version'])
      .execute();
  },
};
