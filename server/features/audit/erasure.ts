import type { Transaction } from 'kysely';
import type { WriteContext } from '../../db/database.ts';
import type { StateTables } from '../../db/tables.ts';
import { ownContext } from '../../kernel/activity.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { type ErasureProgress, erasePayloads } from './erase-payloads.ts';
import { insertErasure, pendingErasures, removeErasure } from './erasure-store.ts';

const JOB = 'audit-payload-erasure';
const EVERY_MILLISECONDS = 60_000;
/** A batch that was on its way, or whose server had not yet heard of the removal, is stored within this time. */
const LATE_BATCHES = 10 * 60_000;
const BYTES_PER_STEP = 64_000;

type ErasureKernel = Pick<Kernel, 'clock' | 'newId' | 'log' | 'databases' | 'auditWriter'>;

/**
 * Erases the arguments and payloads of organizations that went: at once, and again until batches that were on their way
 * have arrived. What is to be erased is noted with the removal itself, so that a crash cannot forget it.
 */
export class PayloadErasure {
  private readonly kernel: ErasureKernel;
  private running: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(kernel: ErasureKernel) {
    this.kernel = kernel;
  }

  /** Notes an organization in the transaction that removes it; the work begins after the commit and holds nobody up. */
  async request(trx: Transaction<StateTables>, orgId: string, effects: Pick<WriteContext, 'afterCommit'>) {
    await insertErasure(trx, { org_id: orgId, requested_at: this.kernel.clock.now() });
    effects.afterCommit(() => void this.sweep());
  }

  /** Erases what is noted, now and every minute. */
  start(): void {
    this.timer = setInterval(() => void this.sweep(), EVERY_MILLISECONDS).unref();
    void this.sweep();
  }

  /** Waits for the work under way. What is left is done at the next start. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Erases everything that is noted. A failure is logged; the note stays for the next time. */
  sweep(): Promise<void> {
    this.running = this.running.then(() =>
      this.eraseNoted().catch((error) =>
        this.kernel.log.error(
          { err: error },
          'payloads of removed organizations could not be erased; they are tried again',
        ),
      ),
    );
    return this.running;
  }

  private async eraseNoted(): Promise<void> {
    const { databases, clock } = this.kernel;
    if ((await pendingErasures(databases.state.read)).length === 0) return;
    await databases.tryExclusively(JOB, async (signal) => {
      for (const { org_id: orgId, requested_at: requestedAt } of await pendingErasures(databases.state.read)) {
        if (signal.aborted) return;
        const settled = clock.now() - requestedAt >= LATE_BATCHES;
        await this.erase(orgId);
        if (settled) await databases.state.write((trx) => removeErasure(trx, orgId));
      }
    });
  }

  private async erase(orgId: string): Promise<void> {
    const erased = { payloads: 0, quarantined: 0 };
    let after: number | null = 0;
    while (after !== null) {
      const step = { orgId, afterQuarantined: after };
      const weight = { rows: 1, bytes: BYTES_PER_STEP };
      const progress: ErasureProgress = await this.kernel.auditWriter.run(erasePayloads, step, weight);
      erased.payloads += progress.payloads;
      erased.quarantined += progress.quarantined;
      after = progress.afterQuarantined;
    }
    if (erased.payloads + erased.quarantined === 0) return;
    const context = ownContext(this.kernel, { kind: 'system', task: 'payload erasure' }, 'payload-erasure');
    const target = { type: 'org', id: orgId };
    await this.kernel.databases.state.write((trx) =>
      context.record(trx, { verb: 'audit.payloads-erase', orgId, target, details: erased }),
    );
  }
}
