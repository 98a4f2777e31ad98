import type { Actor } from '../../kernel/actor.ts';
import type { Kernel, UsageMeter } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { AlertsService } from '../alerts/service.ts';
import type { LicensesService } from '../licenses/service.ts';
import { type Excess, excessOf, limitExceeded, type Usage } from './limits.ts';
import type { UsageCountersTable, UsageMetric } from './schema.ts';
import { monthOf, Seats, seatOf } from './seats.ts';
import { UsageStore } from './store.ts';

export type { Usage } from './limits.ts';

/** How long a judgement about an organization is reused, so that a busy SDK does not read the database on every call. */
const JUDGEMENT_MILLISECONDS = 10_000;
const FLUSH_MILLISECONDS = 30_000;
/** Announces that an organization's month was set back to zero; the payload is its id. */
const CHANNEL = 'usage';

interface Judgement {
  at: number;
  month: string;
  over: Excess | null;
}

type UsageKernel = Pick<Kernel, 'clock' | 'databases' | 'log'>;

/** Counts what organizations use and refuses new sessions (402) when a month is used up. Counts are flushed every 30 seconds. */
export class UsageService implements UsageMeter {
  private readonly kernel: UsageKernel;
  private readonly licenses: Pick<LicensesService, 'state'>;
  private readonly alerts: Pick<AlertsService, 'raise'>;
  private readonly store: UsageStore;
  private readonly counters = new Map<string, UsageCountersTable>();
  private readonly seats: Seats;
  private readonly judgements = new Map<string, Judgement>();
  private changing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(kernel: UsageKernel, licenses: Pick<LicensesService, 'state'>, alerts: Pick<AlertsService, 'raise'>) {
    this.kernel = kernel;
    this.licenses = licenses;
    this.alerts = alerts;
    this.store = new UsageStore(kernel.databases);
    this.seats = new Seats(kernel.clock);
    kernel.databases.changes.subscribe(CHANNEL, (orgId) => {
      this.seats.forget(orgId);
      this.judgements.delete(orgId);
    });
  }

  /** Counts something an organization did. Cheap: it reaches the database with the next flush. */
  count(orgId: string, metric: UsageMetric, amount: number): void {
    if (amount <= 0) return;
    this.add({ org_id: orgId, month: this.month(), metric, value: amount });
  }

  active(orgId: string, actor: Actor): void {
    const seat = seatOf(actor);
    if (seat !== null) this.seats.note(orgId, seat.kind, seat.identity);
  }

  /** Frees the seat of a key that ends or a person who leaves, at `endsAt`; null when the person is back. */
  endSeat(orgId: string, identity: string, endsAt: number | null): Promise<void> {
    return this.change(async () => {
      await this.flush();
      const month = this.month();
      await this.kernel.databases.state.write((trx) => this.store.endSeat(trx, { orgId, month, identity }, endsAt));
    });
  }

  /** Drops what is known of an organization that went. */
  forget(orgId: string): Promise<void> {
    return this.change(async () => {
      await this.flush();
      this.seats.forget(orgId);
      this.judgements.delete(orgId);
      await this.kernel.databases.state.write((trx) => this.store.removeOrg(trx, orgId));
    });
  }

  /** Refuses with 402 when the organization has used up a ceiling this month. */
  check(orgId: string): void | Promise<void> {
    const known = this.judgements.get(orgId);
    if (known !== undefined && this.kernel.clock.now() - known.at < JUDGEMENT_MILLISECONDS)
      return refuseWhenOver(known);
    if (!this.anyLimit()) return;
    return this.judge(orgId).then(refuseWhenOver);
  }

  /** What an organization used this month, counts that were not flushed yet included. */
  async usage(orgId: string): Promise<Usage> {
    await this.changing;
    await this.flush();
    const month = this.month();
    const [counters, seats] = await Promise.all([
      this.store.counters(orgId, month),
      this.store.seats(orgId, month, this.kernel.clock.now()),
    ]);
    const { limits } = this.licenses.state();
    const usage = {
      month,
      guarded_calls: counters.get('guarded_calls') ?? 0,
      audit_entries: counters.get('audit_entries') ?? 0,
      seats: { total: [...seats.values()].reduce((sum, count) => sum + count, 0), by_kind: Object.fromEntries(seats) },
      limits: {
        guarded_calls: limits.guarded_calls ?? null,
        audit_entries: limits.audit_entries ?? null,
        seats: limits.seats ?? null,
      },
    };
    return { ...usage, over_limit: excessOf(usage) !== null };
  }

  /** Sets an organization's counters and seats of this month back to zero; whoever is active from now on takes a seat again. */
  async reset(context: RequestContext, orgId: string): Promise<Usage> {
    await this.flush();
    const month = this.month();
    await this.kernel.databases.state.write(async (trx, { publish }) => {
      await this.store.reset(trx, orgId, month);
      await context.record(trx, { orgId, target: { type: 'org', id: orgId }, details: { month } });
      await publish(CHANNEL, orgId);
    });
    return this.usage(orgId);
  }

  start(): void {
    this.timer = setInterval(() => {
      this.flushAndJudge().catch((error) =>
        this.kernel.log.error({ err: error }, 'usage counters could not be written; they are kept'),
      );
    }, FLUSH_MILLISECONDS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.changing;
    await this.flush();
  }

  /**
   * Writes what was counted and looks whether it passed a ceiling: most SDKs only pull and report, which goes on past
   * it, and people shall hear of it all the same.
   */
  async flushAndJudge(): Promise<void> {
    const busy = new Set([
      ...[...this.counters.values()].map((counter) => counter.org_id),
      ...this.seats.orgsWaiting(),
    ]);
    await this.flush();
    if (!this.anyLimit()) return;
    for (const orgId of busy) await this.judge(orgId);
  }

  private async judge(orgId: string): Promise<Judgement> {
    const usage = await this.usage(orgId);
    const before = this.judgements.get(orgId);
    const over = excessOf(usage);
    const judgement = { at: this.kernel.clock.now(), month: usage.month, over };
    this.judgements.set(orgId, judgement);
    const told = before !== undefined && before.over !== null && before.month === usage.month;
    if (over !== null && !told) {
      await this.alerts.raise({
        kind: 'usage.limit-exceeded',
        severity: 'warning',
        orgId,
        projectId: null,
        repeats: usage.month,
        message: `The organization used ${over.used} ${over.what} in ${usage.month}; its limit is ${over.limit}. New SDK sessions are refused, running ones go on.`,
        details: { ...over },
      });
    }
    return judgement;
  }

  /** Writes what was counted. What cannot be written now is kept for the next time. */
  private async flush(): Promise<void> {
    const seats = this.seats.take();
    if (this.counters.size === 0 && seats.length === 0) return;
    const counters = [...this.counters.values()];
    this.counters.clear();
    try {
      await this.kernel.databases.state.write((trx) => this.store.add(trx, counters, seats));
    } catch (error) {
      for (const counter of counters) this.add(counter);
      this.seats.giveBack(seats);
      throw error;
    }
  }

  private add(counter: UsageCountersTable): void {
    const key = `${counter.org_id} ${counter.month} ${counter.metric}`;
    const known = this.counters.get(key);
    if (known === undefined) this.counters.set(key, { ...counter });
    else known.value += counter.value;
  }

  /** Does one change after the other; a failing one is its caller's to report. */
  private change(work: () => Promise<void>): Promise<void> {
    const turn = this.changing.then(work);
    this.changing = turn.catch(() => undefined);
    return turn;
  }

  private anyLimit(): boolean {
    return Object.keys(this.licenses.state().limits).length > 0;
  }

  private month(): string {
    return monthOf(this.kernel.clock.now());
  }
}

function refuseWhenOver({ over }: Judgement): void {
  if (over !== null) throw limitExceeded(over);
}
