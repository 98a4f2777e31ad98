import type { AuditOperation } from './audit-group.ts';
import type { ActivityOutboxTable } from './tables.ts';

const columns = [
  'id',
  'org_id',
  'project_id',
  'at',
  'verb',
  'actor_kind',
  'actor_id',
  'actor_label',
  'target_type',
  'target_id',
  'request_id',
  'ip',
  'details',
] as const satisfies readonly (keyof ActivityOutboxTable)[];

/**
 * Moves rows of the activity outbox into the ledger, each exactly once by its id: one that is there already is left
 * as it is. Returns how many were new. The caller deletes them from the outbox afterwards.
 */
export const appendActivity: AuditOperation<readonly ActivityOutboxTable[], number> = {
  name: 'activity.append',
  async run(sql, entries) {
    const rows = entries.map((entry) => columns.map((column) => entry[column]));
    const inserted = await sql.insertNew({ table: 'activity', columns, key: ['id'], rows });
    return inserted.filter(Boolean).length;
  },
};
