import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611261100-create-payload-erasures',
  why: 'The organizations that went and whose arguments and payloads still have to be erased from the audit database; noted in the transaction that removes an organization, so that a crash cannot forget one.',
  async up(database, dialect) {
    const { id, time } = dialect;
    // Without a foreign key: the organization is gone.
    await dialect
      .createTable(database, 'payload_erasures')
      .addColumn('org_id', id, (column) => column.primaryKey())
      .addColumn('requested_at', time, (column) => column.notNull())
      .execute();
  },
};
