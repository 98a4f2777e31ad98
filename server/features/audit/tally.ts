/** Different names that are counted on their own; what comes after them is counted together. */
const MOST_NAMES = 10_000;
const REST = '(others)';

/** Counts by name, within bounds. */
export class Tally<T> {
  private readonly entries = new Map<string, T>();
  private readonly start: () => T;

  constructor(start: () => T) {
    this.start = start;
  }

  /** What is counted under a name; made when it is new. */
  at(name: string): T {
    const known = this.entries.get(name);
    if (known !== undefined) return known;
    const counted = this.entries.size < MOST_NAMES ? name : REST;
    const entry = this.entries.get(counted) ?? this.start();
    this.entries.set(counted, entry);
    return entry;
  }

  /** The names with the most, by `size`. */
  top(count: number, size: (entry: T) => number): [name: string, entry: T][] {
    return [...this.entries].sort(([a, x], [b, y]) => size(y) - size(x) || (a < b ? -1 : 1)).slice(0, count);
  }
}

/** Latencies, exactly. */
export class Latencies {
  private readonly counts = new Map<number, number>();
  private total = 0;
  private sum = 0;

  add(milliseconds: number): void {
    this.counts.set(milliseconds, (this.counts.get(milliseconds) ?? 0) + 1);
    this.total += 1;
    this.sum += milliseconds;
  }

  /** Mean, median, 95th percentile and maximum in milliseconds; null when nothing was measured. */
  summary(): { count: number; mean_ms: number; p50_ms: number; p95_ms: number; max_ms: number } | null {
    if (this.total === 0) return null;
    const sorted = [...this.counts].sort(([a], [b]) => a - b);
    const at = (share: number) => {
      let seen = 0;
      for (const [value, count] of sorted) {
        seen += count;
        if (seen >= share * this.total) return value;
      }
      return sorted.at(-1)![0];
    };
    const mean = Math.round((this.sum / this.total) * 10) / 10;
    return { count: this.total, mean_ms: mean, p50_ms: at(0.5), p95_ms: at(0.95), max_ms: sorted.at(-1)![0] };
  }
}
