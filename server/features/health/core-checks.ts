import { sql } from 'kysely';
import type { Keyring } from '../../crypto/keyring.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ReadinessCheck } from '../../kernel/surface.ts';

/**
 * What must answer before the appliance takes traffic: both databases, news of other processes, the secret store, the
 * rate-limit counters and the sign-in backend. Source: REST reference, `GET /ready`.
 */
export function coreChecks(
  kernel: Pick<Kernel, 'databases' | 'limits' | 'auditWriter'>,
  keyring: Pick<Keyring, 'seal' | 'open'>,
): ReadinessCheck[] {
  const { databases } = kernel;
  return [
    { name: 'state_database', check: async () => void (await sql`SELECT 1`.execute(databases.state.read)) },
    { name: 'audit_database', check: async () => void (await sql`SELECT 1`.execute(databases.audit.read)) },
    {
      name: 'change_notices',
      check: async () => {
        if (!databases.changes.connected) throw new Error('changes of other processes cannot be heard');
      },
    },
    {
      name: 'secret_store',
      check: async () => {
        const sealed = keyring.seal('kernel.readiness', 'probe', Buffer.from('ready'));
        if (keyring.open('kernel.readiness', 'probe', sealed).toString() !== 'ready')
          throw new Error('the keyring does not open what it sealed');
      },
    },
    {
      name: 'rate_limits',
      check: async () => {
        if (!kernel.limits.take('readiness', Number.MAX_SAFE_INTEGER).allowed)
          throw new Error('the counters do not count');
      },
    },
    {
      name: 'auth_backend',
      check: async () => void (await databases.state.read.selectFrom('users').select('id').limit(1).execute()),
    },
  ];
}

/** How long the state database takes to answer a trivial query, in milliseconds; null when it does not answer. */
export async function databaseLatency(databases: Kernel['databases']): Promise<number | null> {
  const started = performance.now();
  try {
    await sql`SELECT 1`.execute(databases.state.read);
    return Math.round((performance.now() - started) * 100) / 100;
  } catch {
    return null;
  }
}
