import { erasePayloads } from '../features/audit/erase-payloads.ts';
import { ingestEntries } from '../features/audit/ingest/operation.ts';
import { appendRuleTags } from '../features/bundles/append-rule-tags.ts';
import { appendActivity } from './append-activity.ts';
import type { AnyAuditOperation } from './audit-group.ts';

/** Everything that can be written to the audit database in batches; a feature adds its operations here. */
export const auditOperations: readonly AnyAuditOperation[] = [
  appendActivity,
  appendRuleTags,
  ingestEntries,
  erasePayloads,
];
