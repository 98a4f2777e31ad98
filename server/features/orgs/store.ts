import type { Kysely, Selectable, Transaction, Updateable } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import type { Role } from '../../kernel/actor.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { OrgsTable } from './schema.ts';

export type OrgRow = Selectable<OrgsTable>;
/** An organization as one of its members sees it. */
export type OwnOrgRow = OrgRow & { role: Role };

type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

/** One organization, or undefined. */
export function findOrg(db: Reader, id: string): Promise<OrgRow | undefined> {
  return db.selectFrom('orgs').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The organizations of a person, oldest first. */
export function orgsOfUser(db: Reader, userId: string, page: PageQuery): Promise<Page<OwnOrgRow>> {
  const query = db
    .selectFrom('orgs')
    .innerJoin('memberships', 'memberships.org_id', 'orgs.id')
    .selectAll('orgs')
    .select('memberships.role')
    .where('memberships.user_id', '=', userId);
  return readList(query, { name: 'orgs', columns: [['orgs.id', (row) => row.id]], direction: 'asc' }, page);
}

/** All organizations of the appliance, oldest first. */
export function allOrgs(db: Reader, page: PageQuery): Promise<Page<OrgRow>> {
  const query = db.selectFrom('orgs').selectAll('orgs');
  return readList(query, { name: 'all-orgs', columns: [['orgs.id', (row) => row.id]], direction: 'asc' }, page);
}

/** Whether a slug is taken. */
export async function slugTaken(trx: Writer, slug: string): Promise<boolean> {
  return (await trx.selectFrom('orgs').select('id').where('slug', '=', slug).executeTakeFirst()) !== undefined;
}

export async function insertOrg(trx: Writer, row: OrgRow): Promise<void> {
  await trx.insertInto('orgs').values(row).execute();
}

/** Changes an organization; false when it is gone. */
export async function updateOrg(trx: Writer, id: string, change: Updateable<OrgsTable>): Promise<boolean> {
  const result = await trx.updateTable('orgs').set(change).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Removes an organization with everything in it; false when it is gone already. */
export async function deleteOrg(trx: Writer, id: string): Promise<boolean> {
  const result = await trx.deleteFrom('orgs').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}
