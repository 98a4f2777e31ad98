import type { Kysely, Selectable, SelectQueryBuilder, Transaction } from 'kysely';
import type { Keyset, Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { PoliciesTable, PolicyStatus, PolicyVersionsTable } from './schema.ts';

/** A transaction, or the reading side of the database. */
export type Reader = Kysely<StateTables>;
export type Writer = Transaction<StateTables>;
export type PolicyRow = Selectable<PoliciesTable>;
export type VersionRow = Selectable<PolicyVersionsTable>;

/** Where a policy lives: in a project, or (without one) in the organization itself. */
export interface Scope {
  readonly orgId: string;
  readonly projectId: string | null;
}

export interface PolicyFilter {
  status?: PolicyStatus | undefined;
  /** Only policies of the organization itself, or only those of projects. */
  scope?: 'org' | 'project' | undefined;
}

const BY_ID: Keyset<PolicyRow> = { name: 'policies', columns: [['policies.id', (row) => row.id]], direction: 'asc' };

/** A policy that was not removed, by id. */
export async function findPolicy(reader: Reader, policyId: string): Promise<PolicyRow | null> {
  const row = await reader
    .selectFrom('policies')
    .selectAll()
    .where('id', '=', policyId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/** A policy by id, also one that was removed: builds and audit rows may still name it. */
export async function findPolicyEver(reader: Reader, policyId: string): Promise<PolicyRow | null> {
  return (await reader.selectFrom('policies').selectAll().where('id', '=', policyId).executeTakeFirst()) ?? null;
}

/** A policy of exactly this project or organization, by name. */
export async function findByName(reader: Reader, scope: Scope, name: string): Promise<PolicyRow | null> {
  const row = await reader
    .selectFrom('policies')
    .selectAll()
    .where('owner_id', '=', ownerOf(scope))
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/** How many policies a project or an organization itself has. */
export async function countPolicies(reader: Reader, scope: Scope): Promise<number> {
  const row = await reader
    .selectFrom('policies')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('owner_id', '=', ownerOf(scope))
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** How many policies of the appliance are in force. */
export async function countLivePolicies(reader: Reader): Promise<number> {
  const row = await reader
    .selectFrom('policies')
    .select((select) => select.fn.countAll().as('count'))
    .where('live_version', 'is not', null)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** One page of a project's policies: its own and those of the organization that it uses. */
export function listForProject(
  reader: Reader,
  scope: Scope & { projectId: string },
  filter: PolicyFilter,
  page: PageQuery,
): Promise<Page<PolicyRow>> {
  const assigned = reader
    .selectFrom('policy_assignments')
    .select('policy_id')
    .where('project_id', '=', scope.projectId);
  const query = reader
    .selectFrom('policies')
    .selectAll()
    .where('org_id', '=', scope.orgId)
    .where((where) => where.or([where('project_id', '=', scope.projectId), where('id', 'in', assigned)]));
  return readList(filtered(query, filter), BY_ID, page);
}

/** One page of all policies of an organization, its projects' included. */
export function listForOrg(
  reader: Reader,
  orgId: string,
  filter: PolicyFilter,
  page: PageQuery,
): Promise<Page<PolicyRow>> {
  const query = reader.selectFrom('policies').selectAll().where('org_id', '=', orgId);
  return readList(filtered(query, filter), BY_ID, page);
}

function filtered<Row>(
  query: SelectQueryBuilder<StateTables, 'policies', Row>,
  { status, scope }: PolicyFilter,
): SelectQueryBuilder<StateTables, 'policies', Row> {
  let chosen = query.where('deleted_at', 'is', null);
  if (status !== undefined) chosen = chosen.where('status', '=', status);
  if (scope === 'org') chosen = chosen.where('project_id', 'is', null);
  if (scope === 'project') chosen = chosen.where('project_id', 'is not', null);
  return chosen;
}

export async function insertPolicy(trx: Writer, row: PolicyRow): Promise<void> {
  await trx.insertInto('policies').values(row).execute();
}

/** Changes a policy that still is as it was read. Returns false, with nothing changed, when somebody was faster. */
export async function changePolicy(
  trx: Writer,
  row: Pick<PolicyRow, 'id' | 'revision'>,
  change: Partial<Omit<PolicyRow, 'id' | 'org_id' | 'project_id' | 'owner_id' | 'revision' | 'created_at'>>,
): Promise<boolean> {
  const result = await trx
    .updateTable('policies')
    .set({ ...change, revision: row.revision + 1 })
    .where('id', '=', row.id)
    .where('revision', '=', row.revision)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The policies of a project itself whose newest version is not in force, drafts included and archived ones left out. */
export function pendingDrafts(reader: Reader, projectId: string): Promise<PolicyRow[]> {
  return reader
    .selectFrom('policies')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('deleted_at', 'is', null)
    .where('status', '!=', 'archived')
    .where((where) =>
      where.or([where('live_version', 'is', null), where('live_version', '!=', where.ref('current_version'))]),
    )
    .orderBy('id')
    .execute();
}

/** The rows in force in a project, each with the document of its live version; in no particular order. */
export function liveRows(reader: Reader, projectId: string) {
  const assigned = reader.selectFrom('policy_assignments').select('policy_id').where('project_id', '=', projectId);
  return reader
    .selectFrom('policies')
    .innerJoin('policy_versions', (join) =>
      join
        .onRef('policy_versions.policy_id', '=', 'policies.id')
        .onRef('policy_versions.version', '=', 'policies.live_version'),
    )
    .select([
      'policies.id',
      'policies.project_id',
      'policies.name',
      'policies.priority',
      'policies.created_at',
      'policy_versions.version',
      'policy_versions.document',
    ])
    .where('policies.deleted_at', 'is', null)
    .where('policies.status', '=', 'live')
    .where((where) => where.or([where('policies.project_id', '=', projectId), where('policies.id', 'in', assigned)]))
    .execute();
}

function ownerOf({ orgId, projectId }: Scope): string {
  return projectId ?? orgId;
}
