import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611261110-add-seat-ends',
  why: 'A seat is free again when its key was revoked or its person left, not only at the end of the month.',
  async up(database, dialect) {
    await database.schema.alterTable('usage_seats').addColumn('ends_at', dialect.time).execute();
  },
};
