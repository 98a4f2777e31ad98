import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import type { Role } from '../../kernel/actor.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type {} from '../auth/schema.ts';
import type { MembershipsTable } from './schema.ts';

export type MembershipRow = Selectable<MembershipsTable>;

/** A membership with the person behind it. */
export interface MemberRow extends MembershipRow {
  email: string;
  name: string;
  user_status: string;
  email_verified_at: number | null;
}

type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

function members(db: Reader) {
  return db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .selectAll('memberships')
    .select(['users.email', 'users.name', 'users.status as user_status', 'users.email_verified_at']);
}

/** The members of an organization, longest first. */
export function membersOf(db: Reader, orgId: string, page: PageQuery): Promise<Page<MemberRow>> {
  return readList(
    members(db).where('memberships.org_id', '=', orgId),
    { name: 'members', columns: [['memberships.id', (row) => row.id]], direction: 'asc' },
    page,
  );
}

/** A member by the id of the membership or of the person. */
export function findMember(db: Reader, orgId: string, memberId: string): Promise<MemberRow | undefined> {
  return members(db)
    .where('memberships.org_id', '=', orgId)
    .where((where) => where.or([where('memberships.id', '=', memberId), where('memberships.user_id', '=', memberId)]))
    .executeTakeFirst();
}

/** A member by e-mail address (lower case). */
export function findMemberByEmail(db: Reader, orgId: string, email: string): Promise<MemberRow | undefined> {
  return members(db).where('memberships.org_id', '=', orgId).where('users.email', '=', email).executeTakeFirst();
}

/** The role of a person in an organization that is not suspended, or null. */
export async function activeRole(db: Reader, userId: string, orgId: string): Promise<Role | null> {
  const row = await db
    .selectFrom('memberships')
    .innerJoin('orgs', 'orgs.id', 'memberships.org_id')
    .select('memberships.role')
    .where('memberships.org_id', '=', orgId)
    .where('memberships.user_id', '=', userId)
    .where('orgs.status', '=', 'active')
    .executeTakeFirst();
  return row?.role ?? null;
}

/** What a person belongs to. */
export function membershipsOfUser(db: Reader, userId: string): Promise<MembershipRow[]> {
  return db.selectFrom('memberships').selectAll().where('user_id', '=', userId).orderBy('id').execute();
}

/** How many people of an organization there are beside one of them: in all, and owners whose account is active. */
export async function othersThan(db: Reader, orgId: string, userId: string): Promise<{ all: number; owners: number }> {
  const rows = await db
    .selectFrom('memberships')
    .innerJoin('users', 'users.id', 'memberships.user_id')
    .select(['memberships.role', 'users.status'])
    .where('memberships.org_id', '=', orgId)
    .where('memberships.user_id', '!=', userId)
    .execute();
  return { all: rows.length, owners: rows.filter((row) => row.role === 'owner' && row.status === 'active').length };
}

/** Adds a member; false, with nothing changed, when the person is one already. */
export async function insertMember(trx: Writer, row: MembershipRow): Promise<boolean> {
  const result = await trx
    .insertInto('memberships')
    .values(row)
    .onConflict((conflict) => conflict.columns(['org_id', 'user_id']).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Changes a role; false when it is not `from` any more. */
export async function updateRole(
  trx: Writer,
  id: string,
  change: { from: Role; to: Role; now: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('memberships')
    .set({ role: change.to, updated_at: change.now })
    .where('id', '=', id)
    .where('role', '=', change.from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Removes a member; false when he is gone already. */
export async function deleteMember(trx: Writer, id: string): Promise<boolean> {
  const result = await trx.deleteFrom('memberships').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** The address of an account and whether its owner proved it; undefined when there is no such account. */
export function findAccount(
  db: Reader,
  userId: string,
): Promise<{ email: string; email_verified_at: number | null } | undefined> {
  return db.selectFrom('users').select(['email', 'email_verified_at']).where('id', '=', userId).executeTakeFirst();
}
