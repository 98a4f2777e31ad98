import type { Kernel } from '../../kernel/kernel.ts';
import type { ActivityLog } from './activity-log.ts';
import type { AdminParts } from './ports.ts';

/** What waits in the queues of this process at this moment. */
export interface QueueLoads {
  audit_writer: { batches: number; rows: number; bytes: number };
  /** Administrative changes that are not in the ledger yet. */
  activity_outbox: { rows: number };
  /** Passwords being hashed or checked, and those that wait for it. */
  passwords: { running: number; waiting: number };
  mail: { waiting: number };
}

/** Looks at every queue. */
export async function queueLoads(
  kernel: Pick<Kernel, 'auditWriter'>,
  { auth, mail }: Pick<AdminParts, 'auth' | 'mail'>,
  log: ActivityLog,
): Promise<QueueLoads> {
  const { batches, rows, bytes } = kernel.auditWriter.load;
  const { running, waiting } = auth.passwordLoad;
  return {
    audit_writer: { batches, rows, bytes },
    activity_outbox: { rows: await log.waiting() },
    passwords: { running, waiting },
    mail: { waiting: mail.waiting },
  };
}
