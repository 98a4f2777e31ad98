import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Page } from '../../../db/keyset.ts';
import type { StateTables } from '../../../db/tables.ts';
import { containsText } from '../../../db/text-search.ts';
import { type PageQuery, readList } from '../../../kernel/paging.ts';
import type { UserStatus, UsersTable } from '../schema.ts';

export type UserRow = Selectable<UsersTable>;

type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

/** The account of an address (lower case), or undefined. */
export function findByEmail(db: Reader, email: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst();
}

/** The account of an id, or undefined. */
export function findById(db: Reader, id: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Accounts in the order of their addresses, after `after` when it is given. */
export function listByEmail(db: Reader, limit: number, after: string | null): Promise<UserRow[]> {
  let query = db.selectFrom('users').selectAll().orderBy('email').limit(limit);
  if (after !== null) query = query.where('email', '>', after);
  return query.execute();
}

/** Which accounts are looked for; what is absent does not narrow. */
export interface UserFilter {
  /** Text in the address or the name, or the id. */
  q?: string | undefined;
  status?: UserStatus | undefined;
}

/** The accounts that a filter lets through, in the order of their addresses. */
export function searchUsers(db: Reader, { q, status }: UserFilter, page: PageQuery): Promise<Page<UserRow>> {
  let query = db.selectFrom('users').selectAll('users');
  if (status !== undefined) query = query.where('status', '=', status);
  if (q !== undefined) query = query.where((user) => user.or([user('id', '=', q), containsText(['email', 'name'], q)]));
  return readList(
    query,
    { name: 'user-search', columns: [['users.email', (row) => row.email]], direction: 'asc' },
    page,
  );
}

/** How many accounts have each status. */
export async function countUsers(db: Reader): Promise<Record<UserStatus, number>> {
  const rows = await db
    .selectFrom('users')
    .select(({ fn }) => ['status', fn.countAll().as('count')])
    .groupBy('status')
    .execute();
  const counts: Record<UserStatus, number> = { active: 0, disabled: 0 };
  for (const row of rows) counts[row.status] = Number(row.count);
  return counts;
}

/** The addresses of accounts, by id; unknown ones are missing. */
export async function addressesOf(db: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('users').select(['id', 'email']).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row.email]));
}

/** Adds an account; false, with nothing changed, when its address is taken. */
export async function insertIfNew(trx: Writer, row: UserRow): Promise<boolean> {
  const result = await trx
    .insertInto('users')
    .values(row)
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Notes a sign-in; false when the account changed its password or was disabled since `passwordHash` was checked. */
export async function noteSignIn(
  trx: Writer,
  id: string,
  passwordHash: string,
  change: { at: number; renewedHash: string },
): Promise<boolean> {
  const result = await trx
    .updateTable('users')
    .set({ last_sign_in_at: change.at, password_hash: change.renewedHash })
    .where('id', '=', id)
    .where('password_hash', '=', passwordHash)
    .where('status', '=', 'active')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Replaces a password that was just checked; false when it changed meanwhile or the account was disabled. */
export async function replacePassword(
  trx: Writer,
  id: string,
  checkedHash: string,
  hash: string,
  now: number,
): Promise<boolean> {
  const result = await trx
    .updateTable('users')
    .set({ password_hash: hash, updated_at: now })
    .where('id', '=', id)
    .where('password_hash', '=', checkedHash)
    .where('status', '=', 'active')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Sets password and name of an account whose address has just been proved; false when there is no such account. */
export async function setProved(
  trx: Writer,
  id: string,
  change: { hash: string; name: string; now: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('users')
    .set((columns) => ({
      password_hash: change.hash,
      name: change.name,
      email_verified_at: columns.fn.coalesce('email_verified_at', columns.val(change.now)),
      updated_at: change.now,
    }))
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Marks an address as proved; false when it already was, or the password is not the one that was checked. */
export async function markVerified(trx: Writer, id: string, checkedHash: string, now: number): Promise<boolean> {
  const result = await trx
    .updateTable('users')
    .set({ email_verified_at: now, updated_at: now })
    .where('id', '=', id)
    .where('password_hash', '=', checkedHash)
    .where('email_verified_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Switches an account; false when it already has that status. */
export async function changeStatus(trx: Writer, id: string, status: UserStatus, now: number): Promise<boolean> {
  const result = await trx
    .updateTable('users')
    .set({ status, updated_at: now })
    .where('id', '=', id)
    .where('status', '!=', status)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Removes an account with its sessions and links; false when it is gone already. */
export async function deleteUser(trx: Writer, id: string): Promise<boolean> {
  const result = await trx.deleteFrom('users').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}
