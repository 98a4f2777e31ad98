import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { InvitesTable } from './schema.ts';

export type InviteRow = Selectable<InvitesTable>;

type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

/** Invites that can still be accepted: neither expired nor brought back by a restore. */
function outstanding(db: Reader, now: number) {
  return db
    .selectFrom('invites')
    .selectAll('invites')
    .where('expires_at', '>', now)
    .where('epoch', '=', (from) => from.selectFrom('epoch').select('epoch.epoch').where('epoch.id', '=', 1));
}

export function outstandingInvites(db: Reader, orgId: string, now: number, page: PageQuery): Promise<Page<InviteRow>> {
  return readList(
    outstanding(db, now).where('org_id', '=', orgId),
    { name: 'invites', columns: [['invites.id', (row) => row.id]], direction: 'asc' },
    page,
  );
}

export function findInviteByDigest(db: Reader, digest: string, now: number): Promise<InviteRow | undefined> {
  return outstanding(db, now).where('digest', '=', digest).executeTakeFirst();
}

/** Whether any organization waits for this address (lower case). */
export async function hasOutstandingInvite(db: Reader, email: string, now: number): Promise<boolean> {
  return (await outstanding(db, now).where('email', '=', email).limit(1).executeTakeFirst()) !== undefined;
}

/** Stores an invite in place of an earlier one for the same address, whose link ends with it; expired ones go too. */
export async function replaceInvite(trx: Writer, row: Omit<InviteRow, 'epoch'>): Promise<InviteRow> {
  await trx
    .deleteFrom('invites')
    .where('org_id', '=', row.org_id)
    .where((where) => where.or([where('email', '=', row.email), where('expires_at', '<=', row.created_at)]))
    .execute();
  const { epoch } = await trx.selectFrom('epoch').select('epoch').where('id', '=', 1).executeTakeFirstOrThrow();
  const invite = { ...row, epoch };
  await trx.insertInto('invites').values(invite).execute();
  return invite;
}

/** Takes an invite away, for accepting or revoking it; false when somebody was faster. */
export async function deleteInvite(trx: Writer, id: string): Promise<boolean> {
  const result = await trx.deleteFrom('invites').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** An invite of an organization, whether or not it can still be accepted. */
export function findInvite(db: Reader, orgId: string, id: string): Promise<InviteRow | undefined> {
  return db.selectFrom('invites').selectAll().where('org_id', '=', orgId).where('id', '=', id).executeTakeFirst();
}
