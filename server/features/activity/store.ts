import type { Kysely, Selectable } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { ActivityTable, AuditTables } from '../../db/tables.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';

export type ActivityRow = Selectable<ActivityTable>;

/** Which records are asked for; what is absent does not narrow. Times are milliseconds. */
export interface ActivityFilter {
  orgId?: string | undefined;
  projectId?: string | undefined;
  /** A whole verb (`policy.publish`) or its noun (`policy`). */
  verb?: string | undefined;
  actorId?: string | undefined;
  actorKind?: string | undefined;
  targetType?: string | undefined;
  targetId?: string | undefined;
  /** The first moment that counts. */
  since?: number | undefined;
  /** The first moment that does not count any more. */
  until?: number | undefined;
}

/** Records of the ledger, newest first. */
export function findActivity(
  db: Kysely<AuditTables>,
  filter: ActivityFilter,
  page: PageQuery,
): Promise<Page<ActivityRow>> {
  let query = db.selectFrom('activity').selectAll('activity');
  if (filter.orgId !== undefined) query = query.where('org_id', '=', filter.orgId);
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  if (filter.actorId !== undefined) query = query.where('actor_id', '=', filter.actorId);
  if (filter.actorKind !== undefined) query = query.where('actor_kind', '=', filter.actorKind);
  if (filter.targetType !== undefined) query = query.where('target_type', '=', filter.targetType);
  if (filter.targetId !== undefined) query = query.where('target_id', '=', filter.targetId);
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('at', '<', filter.until);
  if (filter.verb !== undefined) query = byVerb(query, filter.verb);
  // Within an organization the index decides; the order of arrival serves the whole appliance without one.
  return filter.orgId === undefined
    ? readList(query, { name: 'activity', columns: [['activity.seq', (row) => row.seq]], direction: 'desc' }, page)
    : readList(
        query,
        {
          name: 'activity of org',
          columns: [
            ['activity.at', (row) => row.at],
            ['activity.id', (row) => row.id],
          ],
          direction: 'desc',
        },
        page,
      );
}

function byVerb<Q extends ReturnType<typeof allActivity>>(query: Q, verb: string) {
  if (verb.includes('.')) return query.where('verb', '=', verb);
  // `/` follows `.` in the order of bytes, so this is every verb of the noun.
  return query.where('verb', '>=', `${verb}.`).where('verb', '<', `${verb}/`);
}

function allActivity(db: Kysely<AuditTables>) {
  return db.selectFrom('activity').selectAll('activity');
}
