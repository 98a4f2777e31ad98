import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611261120-index-alerts-by-project',
  why: 'Clients cause alerts, so those of one kind in one project are bounded; counting them and closing those of a removed project must not look at all others.',
  async up(database) {
    await database.schema.createIndex('alerts_by_project').on('alerts').columns(['project_id', 'kind']).execute();
  },
};
