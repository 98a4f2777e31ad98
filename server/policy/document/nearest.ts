/**
 * The number of single-character insertions, deletions, replacements and swaps of neighbours between two words
 * (optimal string alignment). Stops counting above `limit` and then answers `limit + 1`.
 */
function editDistance(a: string, b: string, limit = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + cost);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, beforePrevious[column - 2]! + 1);
      current.push(best);
    }
    if (Math.min(...current) > limit) return limit + 1;
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** The known word nearest to `word`, at most `limit` edits away and not itself; case differences count as half. */
export function nearest(word: string, known: Iterable<string>, limit: number): string | undefined {
  return nearestAll(word, known, limit, 1)[0];
}

/** The known words nearest to `word`, nearest first, at most `count`. */
export function nearestAll(word: string, known: Iterable<string>, limit: number, count: number): string[] {
  const found: { candidate: string; distance: number }[] = [];
  for (const candidate of known) {
    if (candidate === word) continue;
    const folded = editDistance(word.toLowerCase(), candidate.toLowerCase(), limit);
    const distance = folded === 0 ? 0.5 : folded;
    if (distance <= limit && distance < candidate.length) found.push({ candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return found.slice(0, count).map(({ candidate }) => candidate);
}
