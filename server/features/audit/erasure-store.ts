import type { Kysely, Transaction } from 'kysely';
import type { StateTables } from '../../db/tables.ts';
import type { PayloadErasuresTable } from './schema.ts';

/** Notes that an organization's payloads have to go; noting it again changes nothing. */
export async function insertErasure(trx: Transaction<StateTables>, row: PayloadErasuresTable): Promise<void> {
  await trx
    .insertInto('payload_erasures')
    .values(row)
    .onConflict((conflict) => conflict.column('org_id').doNothing())
    .execute();
}

/** The organizations whose payloads have to go, the first removed first. */
export function pendingErasures(db: Kysely<StateTables>): Promise<PayloadErasuresTable[]> {
  return db.selectFrom('payload_erasures').selectAll().orderBy('requested_at').orderBy('org_id').execute();
}

/** Strikes an organization off. */
export async function removeErasure(trx: Transaction<StateTables>, orgId: string): Promise<void> {
  await trx.deleteFrom('payload_erasures').where('org_id', '=', orgId).execute();
}
