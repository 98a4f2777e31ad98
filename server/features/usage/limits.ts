import { DomainError } from '../../kernel/errors.ts';
import { type SeatKind, USAGE_METRICS, type UsageMetric } from './schema.ts';

/** What an organization used in a month, beside its ceilings (null: not limited). */
export interface Usage {
  month: string;
  guarded_calls: number;
  audit_entries: number;
  seats: { total: number; by_kind: Partial<Record<SeatKind, number>> };
  limits: Record<UsageMetric | 'seats', number | null>;
  over_limit: boolean;
}

/** A ceiling that was passed. */
export interface Excess {
  what: UsageMetric | 'seats';
  used: number;
  limit: number;
}

/** The first ceiling that was passed, or null. */
export function excessOf(usage: Omit<Usage, 'over_limit'>): Excess | null {
  const used = { guarded_calls: usage.guarded_calls, audit_entries: usage.audit_entries, seats: usage.seats.total };
  for (const what of [...USAGE_METRICS, 'seats'] as const) {
    const limit = usage.limits[what];
    if (limit !== null && used[what] > limit) return { what, used: used[what], limit };
  }
  return null;
}

/** The refusal of a new session: 402. */
export function limitExceeded({ what, used, limit }: Excess): DomainError {
  return new DomainError(
    402,
    'USAGE_LIMIT_EXCEEDED',
    `The organization used ${used} ${what} this month; its limit is ${limit}. Ask a platform admin to raise the license or reset the counters.`,
    { extra: { metric: what, used, limit } },
  );
}
