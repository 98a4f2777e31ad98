import { type Keyring, openKeyring, type WrappedKek } from './crypto/keyring.ts';
import type { Databases } from './db/open.ts';
import type { Clock } from './kernel/clock.ts';

/** What is sealed at rest, one key-encryption key for each. The first part of every seal label is one of these. */
export const SEAL_PURPOSES = ['kernel', 'signing', 'project', 'secret', 'audit', 'license'] as const;

/**
 * Opens the keyring over the stored key-encryption keys and makes the ones that are missing.
 * A new key is stored before it is used. Throws `SealError` when the stored keys belong to another master key.
 */
export async function loadKeyring(databases: Databases, masterKey: Buffer, clock: Clock): Promise<Keyring> {
  const keyring = openKeyring(masterKey, await storedKeks(databases));
  const missing = SEAL_PURPOSES.filter((purpose) => !keyring.purposes().includes(purpose));
  if (missing.length === 0) return keyring;
  const fresh = missing.map((purpose) => keyring.createKek(purpose));
  await databases.state.write(async (trx) => {
    await trx
      .insertInto('kek')
      .values(
        fresh.map((kek) => ({
          purpose: kek.purpose,
          version: kek.version,
          master_key_id: kek.masterKeyId,
          wrapped: kek.wrapped,
          created_at: clock.now(),
        })),
      )
      // Two processes may start at once on PostgreSQL: the first one's keys count.
      .onConflict((conflict) => conflict.columns(['purpose', 'version']).doNothing())
      .execute();
  });
  for (const kek of await storedKeks(databases)) keyring.adopt(kek);
  return keyring;
}

async function storedKeks(databases: Databases): Promise<WrappedKek[]> {
  const rows = await databases.state.read.selectFrom('kek').selectAll().orderBy('purpose').orderBy('version').execute();
  return rows.map((row) => ({
    purpose: row.purpose,
    version: row.version,
    masterKeyId: row.master_key_id,
    wrapped: row.wrapped,
  }));
}
