import { guardRow, hookRow } from '../../server/features/audit/sent-rows.fixture.ts';
import type { Random } from '../sdk/random.ts';
import { type PatientClient, UNANSWERED } from './patient-client.ts';

const MOST_ROWS_WAITING = 300;
const MOST_ROWS_PER_BATCH = 120;

/** Reports decisions as an SDK with a spool does: a row is given up only once an answer counted it. */
export class AuditWriter {
  readonly projectId: string;
  /** Every row that an answer counted, in order. */
  readonly acknowledged: string[] = [];
  /** How many rows answers counted as stored before: those whose first answer was lost. */
  dropped = 0;
  private readonly client: PatientClient;
  private readonly name: string;
  private readonly random: Random;
  private readonly waiting: Record<string, unknown>[] = [];
  private made = 0;

  constructor(client: PatientClient, parts: { projectId: string; name: string; random: Random }) {
    this.client = client;
    this.projectId = parts.projectId;
    this.name = parts.name;
    this.random = parts.random;
  }

  /** Writes until `isOver`, then delivers what is left. */
  async run(isOver: () => boolean): Promise<void> {
    let unanswered = 0;
    while (!isOver() || this.waiting.length > 0) {
      if (!isOver()) this.make();
      const batch = this.waiting.slice(0, this.random.between(1, MOST_ROWS_PER_BATCH));
      const answer = await this.client.attempt({ method: 'POST', path: '/v1/sdk/audit', body: { entries: batch } });
      if (answer === UNANSWERED) {
        // The next batch is cut elsewhere, as a spool does, so that stored and new rows meet in one.
        unanswered = Math.max(unanswered, batch.length);
        continue;
      }
      this.take(batch, answer, unanswered);
      unanswered = Math.max(0, unanswered - batch.length);
    }
  }

  private make(): void {
    while (this.waiting.length < MOST_ROWS_WAITING) {
      this.made += 1;
      const row = this.random.chance(0.2) ? hookRow : guardRow;
      const changes = { id: `${this.name}-${this.made}`, project_id: this.projectId, ts: new Date().toISOString() };
      this.waiting.push(row(changes));
    }
  }

  private take(
    batch: readonly Record<string, unknown>[],
    answer: { status: number; body: { accepted: number; dropped: number; rejected: number } },
    unanswered: number,
  ): void {
    const { accepted, dropped, rejected } = answer.body;
    const counted = answer.status === 200 && rejected === 0 && accepted + dropped === batch.length;
    if (!counted || dropped > unanswered) {
      throw new Error(
        `${this.name}: a batch of ${batch.length} rows, ${unanswered} of them sent before, was answered with ${answer.status} ${JSON.stringify(answer.body)}.`,
      );
    }
    this.dropped += dropped;
    this.acknowledged.push(...batch.map((row) => row['id'] as string));
    this.waiting.splice(0, batch.length);
  }
}
