import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611261100-index-payloads-by-org',
  why: 'Erasing what an organization kept of arguments and payloads must not look at those of all others. Rows of both tables are few beside entries, so the indexes cost ingest little.',
  async up(database) {
    await database.schema.createIndex('entry_payloads_by_org').on('entry_payloads').column('org_id').execute();
    await database.schema.createIndex('quarantine_by_org').on('quarantine').columns(['org_id', 'seq']).execute();
  },
};
