import { DomainError } from '../../kernel/errors.ts';
import type { Kernel, UsageMeter } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { AlertsService } from '../alerts/service.ts';
import type { LicensesService } from '../licenses/service.ts';
import {
  type SeatKind,
  USAGE_METRICS,
  type UsageCountersTable,
  type UsageMetric,
  type UsageSeatsTable,
} from './schema.ts';
import { UsageStore } from './store.ts';

/** What an organization used in a month, beside its ceilings (null: not limited). */
export interface Usage {
  month: string;
  guarded_calls: number;
  audit_entries: number;
  seats: { total: number; by_kind: Partial<Record<SeatKind, number>> };
  limits: Record<UsageMetric | 'seats', number | null>;
  over_limit: boolean;
}

/** How long a judgement about an organization is reused, so that a busy SDK does not read the database on every call. */
const JUDGEMENT_MILLISECONDS = 10_000;
const FLUSH_MILLISECONDS = 30_000;

interface Judgement {
  at: number;
  over: { what: string; used: number; limit: number } | null;
}

/** Counts what organizations use and refuses new sessions (402) when a month is used up. Counts are flushed every 30 seconds. */
export class UsageService implements UsageMeter {
  private readonly kernel: Pick<Kernel, 'clock' | 'databases' | 'log'>;
  private readonly licenses: Pick<LicensesService, 'state'>;
  private readonly alerts: Pick<AlertsService, 'raise'>;
  private readonly store: UsageStore;
  private readonly counters = new Map<string, UsageCountersTable>();
  private readonly seats = new Map<string, UsageSeatsTable>();
  private readonly judgements = new Map<string, Judgement>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    kernel: Pick<Kernel, 'clock' | 'databases' | 'log'>,
    licenses: Pick<LicensesService, 'state'>,
    alerts: Pick<AlertsService, 'raise'>,
  ) {
    this.kernel = kernel;
    this.licenses = licenses;
    this.alerts = alerts;
    this.store = new UsageStore(kernel.databases);
  }

  /** Counts something an organization did. Cheap: it reaches the database with the next flush. */
  count(orgId: string, metric: UsageMetric, amount: number): void {
    if (amount <= 0) return;
    const month = this.month();
    const key = `${orgId} ${month} ${metric}`;
    const counter = this.counters.get(key);
    if (counter === undefined) this.counters.set(key, { org_id: orgId, month, metric, value: amount });
    else counter.value += amount;
  }

  /** Notes that an identity was active this month; it takes one seat however often it comes. */
  seat(orgId: string, kind: SeatKind, identity: string): void {
    const month = this.month();
    const key = `${orgId} ${month} ${kind} ${identity}`;
    if (!this.seats.has(key)) this.seats.set(key, { org_id: orgId, month, kind, identity });
  }

  /** Refuses with 402 when the organization has used up a ceiling this month; an alert is raised with the first refusal. */
  check(orgId: string): void | Promise<void> {
    const known = this.judgements.get(orgId);
    if (known !== undefined && this.kernel.clock.now() - known.at < JUDGEMENT_MILLISECONDS)
      return refuseWhenOver(known);
    if (Object.keys(this.licenses.state().limits).length === 0) return;
    return this.judge(orgId).then(refuseWhenOver);
  }

  private async judge(orgId: string): Promise<Judgement> {
    const usage = await this.usage(orgId);
    const used = { guarded_calls: usage.guarded_calls, audit_entries: usage.audit_entries, seats: usage.seats.total };
    const exceeded = ([...USAGE_METRICS, 'seats'] as const).find(
      (what) => usage.limits[what] !== null && used[what] > usage.limits[what],
    );
    const over =
      exceeded === undefined ? null : { what: exceeded, used: used[exceeded], limit: usage.limits[exceeded] ?? 0 };
    const judgement = { at: this.kernel.clock.now(), over };
    this.judgements.set(orgId, judgement);
    if (over !== null) {
      await this.alerts.raise({
        kind: 'usage.limit-exceeded',
        severity: 'warning',
        orgId,
        projectId: null,
        repeats: usage.month,
        message: `The organization used ${over.used} ${over.what} in ${usage.month}; its limit is ${over.limit}. New SDK sessions are refused, running ones go on.`,
        details: over,
      });
    }
    return judgement;
  }

  /** What an organization used this month, counts that were not flushed yet included. */
  async usage(orgId: string): Promise<Usage> {
    await this.flush();
    const month = this.month();
    const [counters, seats] = await Promise.all([this.store.counters(orgId, month), this.store.seats(orgId, month)]);
    const { limits } = this.licenses.state();
    const ceilings = {
      guarded_calls: limits.guarded_calls ?? null,
      audit_entries: limits.audit_entries ?? null,
      seats: limits.seats ?? null,
    };
    const used = {
      guarded_calls: counters.get('guarded_calls') ?? 0,
      audit_entries: counters.get('audit_entries') ?? 0,
    };
    const total = [...seats.values()].reduce((sum, count) => sum + count, 0);
    const over_limit =
      ([...USAGE_METRICS] as const).some((metric) => ceilings[metric] !== null && used[metric] > ceilings[metric]) ||
      (ceilings.seats !== null && total > ceilings.seats);
    return { month, ...used, seats: { total, by_kind: Object.fromEntries(seats) }, limits: ceilings, over_limit };
  }

  /** Sets an organization's counters of this month back to zero. */
  async reset(context: RequestContext, orgId: string): Promise<Usage> {
    await this.flush();
    const month = this.month();
    await this.kernel.databases.state.write(async (trx) => {
      await this.store.reset(trx, orgId, month);
      await context.record(trx, { orgId, target: { type: 'org', id: orgId }, details: { month } });
    });
    this.judgements.delete(orgId);
    return this.usage(orgId);
  }

  start(): void {
    this.timer = setInterval(() => {
      this.flush().catch((error) =>
        this.kernel.log.error({ err: error }, 'usage counters could not be written; they are kept'),
      );
    }, FLUSH_MILLISECONDS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Writes what was counted. What cannot be written now is kept for the next time. */
  async flush(): Promise<void> {
    if (this.counters.size === 0 && this.seats.size === 0) return;
    const counters = [...this.counters.values()];
    const seats = [...this.seats.values()];
    this.counters.clear();
    this.seats.clear();
    try {
      await this.kernel.databases.state.write((trx) => this.store.add(trx, counters, seats));
    } catch (error) {
      for (const counter of counters) this.count(counter.org_id, counter.metric, counter.value);
      for (const seat of seats) this.seat(seat.org_id, seat.kind, seat.identity);
      throw error;
    }
  }

  private month(): string {
    return new Date(this.kernel.clock.now()).toISOString().slice(0, 7);
  }
}

function refuseWhenOver(judgement: Judgement): void {
  if (judgement.over === null) return;
  const { what, used, limit } = judgement.over;
  throw new DomainError(
    402,
    'USAGE_LIMIT_EXCEEDED',
    `The organization used ${used} ${what} this month; its limit is ${limit}. Ask a platform admin to raise the license or reset the counters.`,
    {
      extra: { metric: what, used, limit },
    },
  );
}
