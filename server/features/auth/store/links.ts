import type { Kysely, Transaction } from 'kysely';
import type { StateTables } from '../../../db/tables.ts';
import type { LinkPurpose, OneTimeLinksTable } from '../schema.ts';

type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

/** A link and whose it is; never the token. */
export interface LinkRow {
  id: string;
  user_id: string;
  email: string;
  name: string;
  purpose: LinkPurpose;
  created_at: number;
  expires_at: number;
}

/** Adds a link. */
export async function insertLink(trx: Writer, row: OneTimeLinksTable): Promise<void> {
  await trx.insertInto('one_time_links').values(row).execute();
}

function usable(db: Reader, now: number) {
  return db
    .selectFrom('one_time_links')
    .innerJoin('users', 'users.id', 'one_time_links.user_id')
    .innerJoin('epoch', 'epoch.epoch', 'one_time_links.epoch')
    .select([
      'one_time_links.id',
      'users.id as user_id',
      'one_time_links.purpose',
      'one_time_links.created_at',
      'one_time_links.expires_at',
      'users.email',
      'users.name',
    ])
    .where('one_time_links.used_at', 'is', null)
    .where('one_time_links.expires_at', '>', now)
    .where('users.status', '=', 'active');
}

/** The link with this token digest when it can still be used at `now`. */
export function findUsable(db: Reader, digest: string, now: number): Promise<LinkRow | undefined> {
  return usable(db, now).where('one_time_links.digest', '=', digest).executeTakeFirst();
}

/** The link with this id when it can still be used at `now`. */
export function findUsableById(db: Reader, id: string, now: number): Promise<LinkRow | undefined> {
  return usable(db, now).where('one_time_links.id', '=', id).executeTakeFirst();
}

/** Every link that can still be used at `now`, oldest first, at most 1,000. */
export function listUsable(db: Reader, now: number): Promise<LinkRow[]> {
  return usable(db, now).orderBy('one_time_links.id').limit(1_000).execute();
}

/** Uses a link up; false when it was used or ran out before. */
export async function consume(trx: Writer, id: string, now: number): Promise<boolean> {
  const result = await trx
    .updateTable('one_time_links')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Makes every unused link of an account useless; only those of one purpose when it is given. */
export async function voidLinks(trx: Writer, userId: string, now: number, purpose?: LinkPurpose): Promise<void> {
  let query = trx
    .updateTable('one_time_links')
    .set({ used_at: now })
    .where('user_id', '=', userId)
    .where('used_at', 'is', null);
  if (purpose !== undefined) query = query.where('purpose', '=', purpose);
  await query.execute();
}

/** How many links of a purpose an account was given since `since`. */
export async function countSince(db: Reader, userId: string, purpose: LinkPurpose, since: number): Promise<number> {
  const row = await db
    .selectFrom('one_time_links')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('purpose', '=', purpose)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Removes links that ran out before `before`. */
export async function deleteOldLinks(trx: Writer, before: number): Promise<void> {
  await trx.deleteFrom('one_time_links').where('expires_at', '<=', before).execute();
}
