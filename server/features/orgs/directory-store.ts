import type { Kysely } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { containsText } from '../../db/text-search.ts';
import type { Tier } from '../../kernel/license-gate.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { OrgStatus } from './schema.ts';
import type { OrgRow } from './store.ts';

type Reader = Kysely<StateTables>;

/** Which organizations are looked for; what is absent does not narrow. */
export interface OrgFilter {
  /** Text in the name or the slug, or the id. */
  q?: string | undefined;
  tier?: Tier | undefined;
  status?: OrgStatus | undefined;
}

/** The organizations that a filter lets through, oldest first. */
export function searchOrgs(db: Reader, filter: OrgFilter, page: PageQuery): Promise<Page<OrgRow>> {
  const { q, tier, status } = filter;
  let query = db.selectFrom('orgs').selectAll('orgs');
  if (tier !== undefined) query = query.where('tier', '=', tier);
  if (status !== undefined) query = query.where('status', '=', status);
  if (q !== undefined) query = query.where((org) => org.or([org('id', '=', q), containsText(['name', 'slug'], q)]));
  return readList(query, { name: 'org-search', columns: [['orgs.id', (row) => row.id]], direction: 'asc' }, page);
}

/** How many members each of the organizations has; one without any is missing. */
export async function memberCounts(db: Reader, orgIds: readonly string[]): Promise<Map<string, number>> {
  if (orgIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('memberships')
    .select(({ fn }) => ['org_id', fn.countAll().as('count')])
    .where('org_id', 'in', orgIds)
    .groupBy('org_id')
    .execute();
  return new Map(rows.map((row) => [row.org_id, Number(row.count)]));
}

/** How many organizations have each status. */
export async function countOrgs(db: Reader): Promise<Record<OrgStatus, number>> {
  const rows = await db
    .selectFrom('orgs')
    .select(({ fn }) => ['status', fn.countAll().as('count')])
    .groupBy('status')
    .execute();
  const counts: Record<OrgStatus, number> = { active: 0, suspended: 0 };
  for (const row of rows) counts[row.status] = Number(row.count);
  return counts;
}
