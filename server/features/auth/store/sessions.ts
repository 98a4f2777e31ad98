import type { Kysely, Transaction } from 'kysely';
import type { StateTables } from '../../../db/tables.ts';
import type { SessionsTable } from '../schema.ts';

type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

/** A live session with what its actor needs to know. */
export interface LiveSession {
  id: string;
  user_id: string;
  expires_at: number;
  email: string;
  email_verified_at: number | null;
  /** Not null when the address is on the stored list of platform admins. */
  admin_email: string | null;
}

/** The epoch of the state, which a restore raises. */
export async function currentEpoch(db: Reader): Promise<number> {
  const row = await db.selectFrom('epoch').select('epoch').executeTakeFirstOrThrow();
  return row.epoch;
}

/** A session that counts at `now`: not ended, not expired, of an active account, not brought back by a restore. */
export function findLive(db: Reader, id: string, now: number): Promise<LiveSession | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .innerJoin('epoch', 'epoch.epoch', 'sessions.epoch')
    .leftJoin('platform_admins', 'platform_admins.email', 'users.email')
    .select([
      'sessions.id',
      'sessions.user_id',
      'sessions.expires_at',
      'users.email',
      'users.email_verified_at',
      'platform_admins.email as admin_email',
    ])
    .where('sessions.id', '=', id)
    .where('sessions.expires_at', '>', now)
    .where('users.status', '=', 'active')
    .executeTakeFirst();
}

/** Adds a session. */
export async function insertSession(trx: Writer, row: SessionsTable): Promise<void> {
  await trx.insertInto('sessions').values(row).execute();
}

/** Ends one session; false when it had ended already. */
export async function deleteSession(trx: Writer, id: string): Promise<boolean> {
  const result = await trx.deleteFrom('sessions').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Ends every session of an account. */
export async function deleteSessionsOf(trx: Writer, userId: string): Promise<void> {
  await trx.deleteFrom('sessions').where('user_id', '=', userId).execute();
}

/** Notes when a session was last used; an older time than the stored one changes nothing. */
export async function noteSeen(trx: Writer, id: string, at: number): Promise<void> {
  await trx
    .updateTable('sessions')
    .set({ last_seen_at: at })
    .where('id', '=', id)
    .where('last_seen_at', '<', at)
    .execute();
}

/** Removes the rows of sessions that expired. */
export async function deleteExpiredSessions(trx: Writer, now: number): Promise<void> {
  await trx.deleteFrom('sessions').where('expires_at', '<=', now).execute();
}
