/** What an organization used in a calendar month (UTC). */
export interface UsageCountersTable {
  org_id: string;
  /** `YYYY-MM`. */
  month: string;
  metric: UsageMetric;
  value: number;
}

/** Identities that were active in a month; each takes one seat. */
export interface UsageSeatsTable {
  org_id: string;
  month: string;
  kind: SeatKind;
  identity: string;
  /** When it is free again: its key was revoked or its person left; null while it is taken. */
  ends_at: number | null;
}

export const USAGE_METRICS = ['guarded_calls', 'audit_entries'] as const;
export type UsageMetric = (typeof USAGE_METRICS)[number];
export type SeatKind = 'api_key' | 'user' | 'scout_agent' | 'machine';

declare module '../../db/tables.ts' {
  interface StateTables {
    usage_counters: UsageCountersTable;
    usage_seats: UsageSeatsTable;
  }
}
