import type { Selectable } from 'kysely';
import type { Keyset, Page } from '../../db/keyset.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { PolicyVersionsTable } from './schema.ts';
import type { Reader, VersionRow, Writer } from './store.ts';

/** A version without its texts, as lists show it. */
export type VersionSummary = Omit<Selectable<PolicyVersionsTable>, 'document' | 'source'>;

const SUMMARY = [
  'policy_id',
  'version',
  'source_format',
  'rule_count',
  'note',
  'author_id',
  'author_label',
  'created_at',
  'published_at',
] as const;

const NEWEST_FIRST: Keyset<VersionSummary> = {
  name: 'policy-versions',
  columns: [['version', (row) => row.version]],
  direction: 'desc',
};

export async function findVersion(reader: Reader, policyId: string, version: number): Promise<VersionRow | null> {
  const row = await reader
    .selectFrom('policy_versions')
    .selectAll()
    .where('policy_id', '=', policyId)
    .where('version', '=', version)
    .executeTakeFirst();
  return row ?? null;
}

/** The current versions of several policies, by policy id. */
export async function currentVersions(reader: Reader, policyIds: readonly string[]): Promise<Map<string, VersionRow>> {
  if (policyIds.length === 0) return new Map();
  const rows = await reader
    .selectFrom('policy_versions')
    .innerJoin('policies', (join) =>
      join
        .onRef('policies.id', '=', 'policy_versions.policy_id')
        .onRef('policies.current_version', '=', 'policy_versions.version'),
    )
    .selectAll('policy_versions')
    .where('policy_versions.policy_id', 'in', policyIds)
    .execute();
  return new Map(rows.map((row) => [row.policy_id, row]));
}

/** The newest version below `before` that was ever in force. */
export async function lastPublishedBefore(
  reader: Reader,
  policyId: string,
  before: number,
): Promise<VersionRow | null> {
  const row = await reader
    .selectFrom('policy_versions')
    .selectAll()
    .where('policy_id', '=', policyId)
    .where('version', '<', before)
    .where('published_at', 'is not', null)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export function listVersions(reader: Reader, policyId: string, page: PageQuery): Promise<Page<VersionSummary>> {
  const query = reader.selectFrom('policy_versions').select(SUMMARY).where('policy_id', '=', policyId);
  return readList(query, NEWEST_FIRST, page);
}

export async function insertVersion(trx: Writer, row: VersionRow): Promise<void> {
  await trx.insertInto('policy_versions').values(row).execute();
}

/** Replaces the text of a version by another one that means the same. */
export async function replaceSource(
  trx: Writer,
  policyId: string,
  version: number,
  source: Pick<VersionRow, 'source' | 'source_format'>,
): Promise<void> {
  await trx
    .updateTable('policy_versions')
    .set(source)
    .where('policy_id', '=', policyId)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
}

/** Notes when a version came into force, the first time only. */
export async function markPublished(trx: Writer, policyId: string, version: number, at: number): Promise<void> {
  await trx
    .updateTable('policy_versions')
    .set({ published_at: at })
    .where('policy_id', '=', policyId)
    .where('version', '=', version)
    .where('published_at', 'is', null)
    .execute();
}
