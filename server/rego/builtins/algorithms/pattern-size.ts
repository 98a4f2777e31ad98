/** Estimates how large the program of a regular expression becomes, before anything is compiled. */

/** Sizes beyond this are all the same. */
const ENOUGH = 1_000_000_000;

/** A sequence that is being read: its size, and that of its last element, which a repetition multiplies. */
interface Sequence {
  size: number;
  last: number;
}

/**
 * The instructions that a pattern needs at least about: one for each character or class, and as many times as repetitions
 * with numbers ask for. Patterns that are broken get some number.
 */
export function patternSize(pattern: string): number {
  const open: Sequence[] = [];
  let current: Sequence = { size: 0, last: 0 };
  const add = (size: number) => {
    current.size = Math.min(ENOUGH, current.size + size);
    current.last = size;
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '\\') {
      at++;
      add(1);
    } else if (character === '[') {
      at = classEnd(pattern, at);
      add(2);
    } else if (character === '(') {
      open.push(current);
      current = { size: 2, last: 0 };
    } else if (character === ')') {
      const { size } = current;
      current = open.pop() ?? { size: 0, last: 0 };
      add(size);
    } else if (character === '{') {
      const repeated = /^\{(\d{1,9})(?:,(\d{0,9}))?\}/.exec(pattern.slice(at, at + 24));
      if (repeated === null) add(1);
      else {
        const times = Math.max(Number(repeated[1]), Number(repeated[2] ?? 0));
        const more = Math.min(ENOUGH, current.last * Math.max(0, times - 1));
        current.size = Math.min(ENOUGH, current.size + more);
        current.last += more;
        at += repeated[0].length - 1;
      }
    } else add(1);
  }
  return open.reduce((size, outer) => Math.min(ENOUGH, size + outer.size), current.size);
}

/** Where the class that begins here ends; a bracket right after its beginning belongs to it. */
function classEnd(pattern: string, from: number): number {
  let at = from + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length && pattern[at] !== ']'; at++) if (pattern[at] === '\\') at++;
  return at;
}
