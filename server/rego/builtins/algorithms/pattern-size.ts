/** Estimates how large the program of a regular expression becomes, before anything is compiled. */
import { BuiltinError } from '../../errors.ts';

/** Sizes beyond this are all the same. */
const ENOUGH = 1_000_000_000;

/** Escapes with braces, as `\\p{Greek}`, are not longer. */
const LONGEST_ESCAPE = 64;

/** Repetitions in repetitions may write an element out this often. */
const MOST_REPETITIONS = 1_000;

/** A sequence that is being read: its size, and that of its last element, which a repetition multiplies. */
interface Sequence {
  size: number;
  last: number;
  /** How often repetitions write something out in it, and in its last element. */
  repeats: number;
  lastRepeats: number;
}

/**
 * The instructions that a pattern needs at least about: one for each character or class, and as many times as repetitions
 * with numbers ask for. Patterns that are broken get some number. Throws a BuiltinError when repetitions ask for too much.
 */
export function patternSize(pattern: string): number {
  const open: Sequence[] = [];
  let current: Sequence = { size: 0, last: 0, repeats: 1, lastRepeats: 1 };
  const add = (size: number, repeats = 1) => {
    current.repeats = Math.max(current.repeats, repeats);
    current.lastRepeats = repeats;
    current.size = Math.min(ENOUGH, current.size + size);
    current.last = size;
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '\\') {
      at += /^\\[xpP]\{[^}]*\}/.exec(pattern.slice(at, at + LONGEST_ESCAPE))?.[0].length ?? 2;
      at--;
      add(1);
    } else if (character === '[') {
      at = classEnd(pattern, at);
      add(2);
    } else if (character === '(') {
      open.push(current);
      current = { size: 2, last: 0, repeats: 1, lastRepeats: 1 };
    } else if (character === ')') {
      const { size, repeats } = current;
      current = open.pop() ?? { size: 0, last: 0, repeats: 1, lastRepeats: 1 };
      add(size, repeats);
    } else if (character === '{') {
      const repeated = /^\{(\d{1,9})(?:,(\d{0,9}))?\}/.exec(pattern.slice(at, at + 24));
      if (repeated === null) add(1);
      else {
        const times = Math.max(Number(repeated[1]), Number(repeated[2] ?? 0));
        current.lastRepeats *= Math.max(1, times);
        if (current.lastRepeats > MOST_REPETITIONS) throw tooOften(repeated[0]);
        current.repeats = Math.max(current.repeats, current.lastRepeats);
        const more = Math.min(ENOUGH, current.last * Math.max(0, times - 1));
        current.size = Math.min(ENOUGH, current.size + more);
        current.last += more;
        at += repeated[0].length - 1;
      }
    } else add(1);
  }
  return open.reduce((size, outer) => Math.min(ENOUGH, size + outer.size), current.size);
}

function tooOften(repetition: string): BuiltinError {
  return new BuiltinError(`error parsing regexp: invalid repeat count: \`${repetition}\``);
}

/** Where the class that begins here ends; a bracket right after its beginning belongs to it. */
export function classEnd(pattern: string, from: number): number {
  let at = from + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') at++;
  for (; at < pattern.length && pattern[at] !== ']'; at++) if (pattern[at] === '\\') at++;
  return at;
}
