import type { Kysely, Transaction } from 'kysely';
import type { StateTables } from '../../../db/tables.ts';
import type { SignInFailuresTable } from '../schema.ts';

/** What is known about the failures of a subject, or undefined. */
export function findFailures(db: Kysely<StateTables>, subject: string): Promise<SignInFailuresTable | undefined> {
  return db.selectFrom('sign_in_failures').selectAll().where('subject', '=', subject).executeTakeFirst();
}

/** Replaces what is known about a subject. */
export async function putFailures(trx: Transaction<StateTables>, row: SignInFailuresTable): Promise<void> {
  await trx
    .insertInto('sign_in_failures')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('subject').doUpdateSet({
        failures: row.failures,
        last_failed_at: row.last_failed_at,
        locked_until: row.locked_until,
      }),
    )
    .execute();
}

/** Takes one failure back, and the wait until `lockedUntil` that it caused; a wait that another one caused stays. */
export async function takeBackFailure(
  trx: Transaction<StateTables>,
  subject: string,
  lockedUntil: number,
): Promise<void> {
  await trx
    .updateTable('sign_in_failures')
    .set((columns) => ({ failures: columns('failures', '-', 1) }))
    .where('subject', '=', subject)
    .where('failures', '>', 0)
    .execute();
  await trx
    .updateTable('sign_in_failures')
    .set({ locked_until: 0 })
    .where('subject', '=', subject)
    .where('locked_until', '=', lockedUntil)
    .execute();
}

/** Forgets a subject. */
export async function forgetFailures(trx: Transaction<StateTables>, subject: string): Promise<void> {
  await trx.deleteFrom('sign_in_failures').where('subject', '=', subject).execute();
}

/** Forgets every subject whose last failure is older than `before`. */
export async function forgetFailuresBefore(trx: Transaction<StateTables>, before: number): Promise<void> {
  await trx.deleteFrom('sign_in_failures').where('last_failed_at', '<=', before).execute();
}
