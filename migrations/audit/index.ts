import type { Migration } from '../../server/db/migration.ts';
import { migration as createActivity } from './202601010000-create-activity.ts';
import { migration as createRuleTags } from './202611210700-create-rule-tags.ts';
import { migration as createEntries } from './202611211000-create-entries.ts';
import { migration as indexPayloadsByOrg } from './202611261100-index-payloads-by-org.ts';

/** Every migration of the audit database, listed by name so that bundles carry them. */
export const auditMigrations: readonly Migration[] = [
  createActivity,
  createRuleTags,
  createEntries,
  indexPayloadsByOrg,
];
