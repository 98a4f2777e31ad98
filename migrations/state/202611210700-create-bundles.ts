import { sql } from 'kysely';
import type { Migration } from '../../server/db/migration.ts';

export const migration: Migration = {
  id: '202611210700-create-bundles',
  why: 'What SDKs receive: the keys of organizations and projects, the exact bytes of every build, the tags by which decisions name rules, and the SDKs that were seen.',
  async up(database, dialect) {
    const { id, text, time, integer, bool, json, bytes } = dialect;

    await dialect
      .createTable(database, 'signing_keys')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('org_id', id, (column) => column.notNull().references('orgs.id').onDelete('cascade'))
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('kid', text, (column) => column.notNull().unique())
      .addColumn('public_key', bytes, (column) => column.notNull())
      .addColumn('seed', bytes, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('retired_at', time)
      .addUniqueConstraint('signing_keys_version', ['org_id', 'version'])
      .execute();
    await database.schema
      .createIndex('signing_keys_active')
      .on('signing_keys')
      .column('org_id')
      .unique()
      .where(sql.ref('status'), '=', 'active')
      .execute();

    await dialect
      .createTable(database, 'project_keys')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('project_id', id, (column) => column.notNull().references('projects.id').onDelete('cascade'))
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('key', bytes, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('retired_at', time)
      .addUniqueConstraint('project_keys_version', ['project_id', 'version'])
      .execute();
    await database.schema
      .createIndex('project_keys_active')
      .on('project_keys')
      .column('project_id')
      .unique()
      .where(sql.ref('status'), '=', 'active')
      .execute();

    await dialect
      .createTable(database, 'builds')
      .addColumn('id', id, (column) => column.primaryKey())
      .addColumn('project_id', id, (column) => column.notNull().references('projects.id').onDelete('cascade'))
      .addColumn('mode', text, (column) => column.notNull())
      .addColumn('bytes', bytes)
      .addColumn('size', integer, (column) => column.notNull())
      .addColumn('digest', text, (column) => column.notNull())
      .addColumn('signature', bytes, (column) => column.notNull())
      .addColumn('payload_digest', text, (column) => column.notNull())
      .addColumn('signing_key_id', id, (column) => column.notNull())
      .addColumn('project_key_id', id, (column) => column.notNull())
      .addColumn('key_version', integer, (column) => column.notNull())
      .addColumn('policy_count', integer, (column) => column.notNull())
      .addColumn('min_sdk_version', text)
      .addColumn('rule_index', json, (column) => column.notNull())
      .addColumn('reason', text, (column) => column.notNull())
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('superseded_at', time)
      .execute();
    await database.schema
      .createIndex('builds_by_project')
      .on('builds')
      .columns(['project_id', 'mode', 'created_at'])
      .execute();

    await dialect
      .createTable(database, 'bundles')
      .addColumn('project_id', id, (column) => column.primaryKey().references('projects.id').onDelete('cascade'))
      .addColumn('org_id', id, (column) => column.notNull())
      .addColumn('live_build_id', id, (column) => column.notNull())
      .addColumn('test_build_id', id, (column) => column.notNull())
      .addColumn('key_version', integer, (column) => column.notNull())
      .addColumn('policy_version', integer, (column) => column.notNull())
      .addColumn('revision', integer, (column) => column.notNull())
      .addColumn('withdrawn_at', time)
      .addColumn('flagged_at', time)
      .addColumn('flag', json)
      .addColumn('updated_at', time, (column) => column.notNull())
      .execute();

    await dialect
      .createTable(database, 'rule_tags')
      .addColumn('org_id', id, (column) => column.notNull().references('orgs.id').onDelete('cascade'))
      .addColumn('number', integer, (column) => column.notNull())
      .addColumn('tag', text, (column) => column.notNull())
      .addColumn('project_id', id)
      .addColumn('policy_id', id, (column) => column.notNull())
      .addColumn('policy_name', text, (column) => column.notNull())
      .addColumn('version', integer, (column) => column.notNull())
      .addColumn('rule_index', integer, (column) => column.notNull())
      .addColumn('rule_id', text)
      .addColumn('created_at', time, (column) => column.notNull())
      .addColumn('in_audit', bool, (column) => column.notNull())
      .addPrimaryKeyConstraint('rule_tags_key', ['org_id', 'tag'])
      .addUniqueConstraint('rule_tags_number', ['org_id', 'number'])
      .addUniqueConstraint('rule_tags_rule', ['policy_id', 'version', 'rule_index'])
      .execute();
    await database.schema
      .createIndex('rule_tags_waiting')
      .on('rule_tags')
      .column('created_at')
      .where(sql.ref('in_audit'), '=', 0)
      .execute();

    // Without a foreign key: what was seen is written later than it was noted, when its project may be gone.
    await dialect
      .createTable(database, 'seen_sdks')
      .addColumn('project_id', id, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('version', text, (column) => column.notNull())
      .addColumn('last_seen_at', time, (column) => column.notNull())
      .addPrimaryKeyConstraint('seen_sdks_key', ['project_id', 'name', 'version'])
      .execute();
  },
};
