/** Upper bounds of the latency buckets, in milliseconds. */
export const LATENCY_BOUNDS = [1, 5, 10, 50, 100, 500, 1000, 5000] as const;

/**
 * Counts the answers of one route with plain numbers. The metrics registry reads them when it is scraped; counting
 * through it on every request would cost a bundle poll as much as finding its API key.
 */
export class RouteMeter {
  readonly route: string;
  readonly method: string;
  /** Answers by first digit of their status. */
  readonly statuses = [0, 0, 0, 0, 0, 0];
  /** Answers by the first bound that they stay under; the last place counts what is slower than all. */
  readonly latencies: number[] = Array.from({ length: LATENCY_BOUNDS.length + 1 }, () => 0);
  /** Milliseconds of all timed answers together. */
  total = 0;

  constructor(method: string, route: string) {
    this.method = method;
    this.route = route;
  }

  /** Counts one answer and the milliseconds it took. */
  timed(status: number, milliseconds: number): void {
    this.counted(status);
    this.total += milliseconds;
    let at = 0;
    while (at < LATENCY_BOUNDS.length && milliseconds > LATENCY_BOUNDS[at]!) at += 1;
    this.latencies[at]! += 1;
  }

  /** Counts one answer without timing it. */
  counted(status: number): void {
    const digit = Math.floor(status / 100);
    if (digit >= 1 && digit <= 5) this.statuses[digit]! += 1;
  }
}
