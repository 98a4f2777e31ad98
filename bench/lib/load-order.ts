/** What the load generator is to send. */
export interface LoadOrder {
  origin: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  /** Every `ID_MARK` in it is replaced by a fresh id in each request. */
  body?: string;
  /** The number before the first id. */
  firstId?: number;
  connections: number;
  /** Until then new requests are sent; or so many `requests`. */
  seconds?: number;
  requests?: number;
  /** Requests per second, sent whether or not earlier ones were answered. Absent: each connection sends the next when the last was answered. */
  rate?: number;
}

/** What came of it; latencies in milliseconds. */
export interface LoadResult {
  /** From the start to the last answer. */
  seconds: number;
  answered: number;
  /** Requests whose connection broke. */
  broken: number;
  statuses: Record<string, number>;
  latency: Latency;
  /** How many took longer than 100 ms. */
  overHundred: number;
}

export interface Latency {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** Stands where a request gets a fresh id: 16 characters, as are the ids. */
export const ID_MARK = '#0123456789abcd#';

/** The nearest-rank percentiles of latencies; all 0 when there are none. */
export function percentilesOf(latencies: readonly number[]): Latency {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
