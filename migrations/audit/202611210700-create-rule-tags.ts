import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210700-create-rule-tags',
  why: 'Which rule a tag in the reason of a decision stands for; kept beside the decisions, so that a restored state database cannot give a tag a second meaning.',
  async up(database, dialect) {
    const { id, text, time, integer } = dialect;
    await dialect
      .createTable(database, 'rule_tags')
      .addColumn('org_id', id, (column) => column.notNull())
      .addColumn('tag', text, (column) => column.notNull())
      .addColumn('project_id', id)
      .addColumn('policy_id', id, (column) => column.notNull())
      .addColumn('policy_name', text, (column) => column.notNull())
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('rule_index', integer, (column) => column.notNull())
      .addColumn('rule_id', text)
      .addColumn('created_at', time, (column) => column.notNull())
      .addPrimaryKeyConstraint('rule_tags_key', ['org_id', 'tag'])
      .execute();
  },
};
