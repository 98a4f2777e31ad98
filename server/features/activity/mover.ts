import { moveActivity } from '../../db/outbox.ts';
import type { Kernel } from '../../kernel/kernel.ts';

const EVERY_MILLISECONDS = 1_000;
const JOB = 'activity-mover';

/** Moves activity from the outbox of the state database into the ledger, each record exactly once by its id. */
export class ActivityMover {
  private readonly kernel: Pick<Kernel, 'databases' | 'auditWriter' | 'log'>;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(kernel: Pick<Kernel, 'databases' | 'auditWriter' | 'log'>) {
    this.kernel = kernel;
  }

  /** Moves once a second. What cannot be moved now waits in the outbox for the next time. */
  start(): void {
    this.timer = setInterval(() => void this.drainOrReport(), EVERY_MILLISECONDS);
  }

  /** Moves what is left; a failure is logged, and the records wait in the outbox for the next start. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.drainOrReport();
  }

  private async drainOrReport(): Promise<void> {
    try {
      await this.drain();
    } catch (error) {
      this.kernel.log.error({ err: error }, 'activity records could not be moved into the ledger; they are kept');
    }
  }

  /**
   * Moves everything that was committed before the call. While another process is moving it leaves the work to that
   * one. An error leaves the rest in the outbox.
   */
  async drain(): Promise<void> {
    // A move under way may have read the outbox before the caller's record was there.
    await this.running?.catch(() => undefined);
    this.running ??= this.move().finally(() => {
      this.running = undefined;
    });
    await this.running;
  }

  private async move(): Promise<void> {
    const { databases, auditWriter } = this.kernel;
    if (!(await this.waiting())) return;
    await databases.tryExclusively(JOB, () => moveActivity(databases.state, auditWriter));
  }

  private async waiting(): Promise<boolean> {
    const first = await this.kernel.databases.state.read
      .selectFrom('activity_outbox')
      .select('id')
      .limit(1)
      .executeTakeFirst();
    return first !== undefined;
  }
}
