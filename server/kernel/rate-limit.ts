import type { Clock } from './clock.ts';

/** What one look at a bucket says. */
export interface RateVerdict {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Milliseconds since the epoch at which the bucket is full again. */
  resetsAt: number;
}

/** Use of one bucket in the running window, for operators. */
export interface BucketUse {
  bucket: string;
  count: number;
  limit: number;
}

const WINDOW = 60_000;

/**
 * Counts requests per bucket in windows of one minute, in memory. Buckets are named by the caller (`ip:…`, `key:…`).
 * A fixed window costs one map access per request, which the bundle pull needs more than it needs smoothness.
 */
export class RateLimiter {
  private readonly clock: Clock;
  private windowEnds = 0;
  private readonly counts = new Map<string, number>();
  private readonly limits = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Counts one request against a bucket and says whether it is still inside `limit` per minute. */
  take(bucket: string, limit: number): RateVerdict {
    this.turnWindow();
    const count = (this.counts.get(bucket) ?? 0) + 1;
    this.counts.set(bucket, count);
    if (count === 1) this.limits.set(bucket, limit);
    return { allowed: count <= limit, limit, remaining: Math.max(0, limit - count), resetsAt: this.windowEnds };
  }

  /** Takes back one request that was counted in the running window. */
  giveBack(bucket: string): void {
    const count = this.counts.get(bucket) ?? 0;
    if (count > 0) this.counts.set(bucket, count - 1);
  }

  /** Buckets that used at least `share` (0 to 1) of their limit in the running window, busiest first. */
  busiest(share: number): BucketUse[] {
    this.turnWindow();
    const uses: BucketUse[] = [];
    for (const [bucket, count] of this.counts) {
      const limit = this.limits.get(bucket) ?? 0;
      if (count >= limit * share) uses.push({ bucket, count, limit });
    }
    return uses.sort((a, b) => b.count / b.limit - a.count / a.limit);
  }

  /** Whole seconds until the running window ends, at least 1: the value of `Retry-After`. */
  retryAfter(): number {
    return Math.max(1, Math.ceil((this.windowEnds - this.clock.now()) / 1000));
  }

  private turnWindow(): void {
    const now = this.clock.now();
    // A clock that was set back must not freeze the window for hours.
    if (now < this.windowEnds && this.windowEnds - now <= WINDOW) return;
    this.windowEnds = now - (now % WINDOW) + WINDOW;
    this.counts.clear();
    this.limits.clear();
  }
}
