import type { Kysely, Transaction } from 'kysely';
import type { StateTables } from '../../../db/tables.ts';
import type { PlatformAdminsTable } from '../schema.ts';

/** The stored platform admins, by address. */
export function listAdmins(db: Kysely<StateTables>): Promise<PlatformAdminsTable[]> {
  return db.selectFrom('platform_admins').selectAll().orderBy('email').execute();
}

/** Whether an address is on the stored list. */
export async function isStoredAdmin(db: Kysely<StateTables>, email: string): Promise<boolean> {
  return (
    (await db.selectFrom('platform_admins').select('email').where('email', '=', email).executeTakeFirst()) !== undefined
  );
}

/** Adds an address; false when it is on the list already. */
export async function insertAdmin(trx: Transaction<StateTables>, row: PlatformAdminsTable): Promise<boolean> {
  const result = await trx
    .insertInto('platform_admins')
    .values(row)
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Takes an address off the list; false when it was not on it. */
export async function deleteAdmin(trx: Transaction<StateTables>, email: string): Promise<boolean> {
  const result = await trx.deleteFrom('platform_admins').where('email', '=', email).executeTakeFirst();
  return result.numDeletedRows === 1n;
}
