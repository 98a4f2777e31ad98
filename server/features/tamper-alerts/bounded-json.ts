const MOST_DEPTH = 8;
const MOST_MEMBERS = 100;
const LONGEST_TEXT = 2_000;
const CUT = '…';

/**
 * A copy of a JSON value that is small enough to be stored and compared, whatever was sent: what is deeper than 8
 * levels, longer than 100 members or 2,000 characters is cut, and the cut is marked with `…`.
 */
export function boundedJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return boundedText(value, LONGEST_TEXT);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : (value ?? null);
  if (depth >= MOST_DEPTH) return CUT;
  if (Array.isArray(value)) {
    const kept = value.slice(0, MOST_MEMBERS).map((member) => boundedJson(member, depth + 1));
    return value.length > MOST_MEMBERS ? [...kept, CUT] : kept;
  }
  const entries = Object.entries(value);
  const kept = entries
    .slice(0, MOST_MEMBERS)
    .map(([name, member]) => [boundedText(name, 200), boundedJson(member, depth + 1)] as const);
  return Object.fromEntries(entries.length > MOST_MEMBERS ? [...kept, [CUT, CUT]] : kept);
}

/** A text that both database engines store: no NUL, no half of a surrogate pair, at most so many characters. */
export function boundedText(text: string, longest: number): string {
  const clean = text.slice(0, longest).replaceAll(/\p{Surrogate}|\0/gu, '\uFFFD');
  return text.length > longest ? clean + CUT : clean;
}
