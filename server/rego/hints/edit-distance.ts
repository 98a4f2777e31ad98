/** How far apart words are. */

/**
 * The number of insertions, deletions and substitutions between two words; a change of case counts once. With `swaps`,
 * exchanging two neighbours counts once too.
 */
export function editDistance(left: string, right: string, { swaps = false } = {}): number {
  if (left === right) return 0;
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  if (a === b) return 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      let least = Math.min(previous[column]! + 1, current[column - 1]! + 1, substitution);
      const isSwap = swaps && row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) least = Math.min(least, beforePrevious[column - 2]! + 1);
      current.push(least);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}

const MAXIMUM_LENGTH = 60;

/** The known word that was most likely meant: one slip away, or two where the word is long; undefined when none is. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > MAXIMUM_LENGTH) return undefined;
  const allowed = word.length < 3 ? 0 : word.length < 7 ? 1 : 2;
  let best: string | undefined;
  let least = allowed + 1;
  for (const candidate of known) {
    if (candidate === word || Math.abs(candidate.length - word.length) >= least) continue;
    const far = editDistance(word, candidate, { swaps: true });
    if (far >= least) continue;
    best = candidate;
    least = far;
  }
  return best;
}
