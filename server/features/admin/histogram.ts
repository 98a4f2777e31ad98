/**
 * Estimates the value below which `share` (0 to 1) of the observations lie, assuming that they spread evenly within a
 * bucket; the largest bound for what lies above all of them. 0 when nothing was observed.
 * `counts[i]` tells how many were above `bounds[i - 1]` and not above `bounds[i]`; its last place is for those above all
 * bounds. Source: Prometheus, histogram_quantile.
 */
export function quantile(bounds: readonly number[], counts: readonly number[], share: number): number {
  const rank = counts.reduce((sum, count) => sum + count, 0) * share;
  let below = 0;
  for (const [at, count] of counts.entries()) {
    const low = bounds[at - 1] ?? 0;
    const high = bounds[at] ?? low;
    if (count > 0 && below + count >= rank) return low + (high - low) * ((rank - below) / count);
    below += count;
  }
  return 0;
}
