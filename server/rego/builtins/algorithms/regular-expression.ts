/** RE2 regular expressions (linear time), with the matching loops of Go's `regexp` package. */
import type { MatcherInput, RE2JS } from 're2js';
import { BuiltinError } from '../../errors.ts';
import { textCost } from '../cost.ts';
import { type Charge, CountedText } from './counted-text.ts';
import { withDistinctNames } from './group-names.ts';
import { lazyModule } from './lazy-modules.ts';
import { patternSize } from './pattern-size.ts';

const library = lazyModule<{ RE2JS: typeof RE2JS; MatcherInput: typeof MatcherInput }>('re2js');

/** Compiling is cheap enough for this length, and nobody writes longer ones by hand. */
export const MAXIMUM_PATTERN = 8_192;
/** Matching does not yield, so that a text must be done within some milliseconds. */
export const MAXIMUM_TEXT = 131_072;
/** Instructions of a program; repetitions with numbers multiply them. */
const MAXIMUM_PROGRAM = 5_000;
/** Instructions of a program times characters of a text, the worst case of one match, that are done in a step. */
const WORK_PER_STEP = 8;
/** Steps for compiling an instruction. */
const STEPS_PER_INSTRUCTION = 15;
/** Steps for a match that is given back. */
const STEPS_PER_MATCH = 20;
const CACHE_SIZE = 200;

/** Compiled patterns by their text; those whose dot matches line breaks too stand apart. */
const compiled = { plain: new Map<string, RE2JS>(), dotAll: new Map<string, RE2JS>() };

/** For patterns that use a name for several groups: all the groups of each name, in order, by the names they were given. */
const sharedNames = new WeakMap<RE2JS, ReadonlyMap<string, readonly string[]>>();

/** The compiled pattern; recently used ones are kept. Throws a BuiltinError for what is no pattern or too large a one. */
export function compilePattern(pattern: string, charge: Charge, dotMatchesLineBreak = false): RE2JS {
  const cache = dotMatchesLineBreak ? compiled.dotAll : compiled.plain;
  const known = cache.get(pattern);
  if (known) return known;
  if (pattern.length > MAXIMUM_PATTERN) {
    throw new BuiltinError(`pattern of ${pattern.length} characters is too long: at most ${MAXIMUM_PATTERN}`);
  }
  charge(Math.ceil(pattern.length / 8));
  const size = patternSize(pattern);
  if (size > MAXIMUM_PROGRAM) {
    throw new BuiltinError(
      `pattern is too large: its repetitions make ${size} instructions, at most ${MAXIMUM_PROGRAM}`,
    );
  }
  charge(compilingCost(pattern, size));
  const { RE2JS } = library();
  const distinct = withDistinctNames(pattern);
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(distinct.pattern, dotMatchesLineBreak ? RE2JS.DOTALL : 0);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BuiltinError(message.endsWith('at end of expression') ? `${message}: \`\`` : message);
  }
  if (distinct.aliases !== undefined) sharedNames.set(expression, distinct.aliases);
  if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value!);
  cache.set(pattern, expression);
  return expression;
}

/** Steps for a class of Unicode, which is made of hundreds of ranges; without regard to case they are folded too. */
const STEPS_PER_UNICODE_CLASS = 300;

function compilingCost(pattern: string, size: number): number {
  const folding = pattern.includes('(?') && /\(\?[a-zA-Z]*i/.test(pattern) ? 2 : 1;
  let classes = 0;
  for (const _ of pattern.matchAll(/\\[pP]/g)) classes += 1;
  return 200 + STEPS_PER_INSTRUCTION * size + folding * (pattern.length + STEPS_PER_UNICODE_CLASS * classes);
}

function checkText(expression: RE2JS, text: string, charge: Charge): void {
  if (text.length > MAXIMUM_TEXT) {
    throw new BuiltinError(`text of ${text.length} characters is too long for a pattern: at most ${MAXIMUM_TEXT}`);
  }
  charge(2 + Math.ceil((text.length * expression.programSize()) / WORK_PER_STEP));
}

/** Whether the pattern occurs in the text. Throws a BuiltinError when the text is too long. */
export function matches(expression: RE2JS, text: string, charge: Charge): boolean {
  checkText(expression, text, charge);
  return expression.test(text);
}

/** A match: where it is and what the groups hold; groups that took no part are undefined. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
}

/** Up to this many pairs of an instruction and a place the library looks at each pair once; beyond, at all for each place. */
const MAXIMUM_PAIRS = 256 * 1_024;
const STEPS_PER_PAIR = 0.4;

/** The text for searches that may each read to its end, and find little: reading it once is paid for. */
function countedText(expression: RE2JS, text: string, charge: Charge): CountedText {
  const size = expression.programSize();
  const isByPairs = size * text.length <= MAXIMUM_PAIRS;
  const [free, steps] = isByPairs
    ? [text.length * Math.max(2, size / (WORK_PER_STEP * STEPS_PER_PAIR)), STEPS_PER_PAIR]
    : [2 * text.length, size / WORK_PER_STEP];
  return new CountedText(text, free, steps, charge);
}

/** Up to `limit` matches (all, when negative) that do not overlap; no empty match right after another match. */
export function findMatches(expression: RE2JS, text: string, limit: number, charge: Charge): readonly PatternMatch[] {
  checkText(expression, text, charge);
  const found: PatternMatch[] = [];
  const matcher = expression.matcher(library().MatcherInput.utf16(countedText(expression, text, charge)));
  let position = 0;
  let previousEnd = -1;
  while (found.length !== limit && position <= text.length && matcher.find(position)) {
    const start = matcher.start();
    const end = matcher.end();
    const isRepeatedEmpty = end === position && start === previousEnd;
    if (end === position) position += (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
    else position = end;
    previousEnd = end;
    charge(STEPS_PER_MATCH);
    if (isRepeatedEmpty) continue;
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
    found.push({ start, end, groups });
  }
  return found;
}

/** The parts of the text between matches. */
export function splitByPattern(expression: RE2JS, text: string, charge: Charge): readonly string[] {
  if (text === '' && expression.pattern() !== '') return [''];
  const parts: string[] = [];
  let from = 0;
  let end = 0;
  for (const match of findMatches(expression, text, -1, charge)) {
    end = match.start;
    if (match.end !== 0) parts.push(text.slice(from, end));
    from = match.end;
  }
  if (end !== text.length) parts.push(text.slice(from));
  return parts;
}

const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/** Replaces every match; `$1`, `$name` and `${name}` in the replacement stand for groups, `$$` for a dollar sign. */
export function replacePattern(expression: RE2JS, text: string, replacement: string, charge: Charge): string {
  const names = expression.namedGroups() as Record<string, number>;
  const shared = sharedNames.get(expression);
  let out = '';
  let from = 0;
  for (const match of findMatches(expression, text, -1, charge)) {
    charge(textCost(replacement.length));
    const expanded = replacement.replace(
      REFERENCE,
      (reference, bare: string | undefined, braced: string | undefined) => {
        const name = bare ?? braced;
        if (name === undefined) return reference === '$$' ? '$' : reference;
        if (/^\d+$/.test(name)) return match.groups[Number(name)] ?? '';
        const same = shared === undefined ? [name] : (shared.get(name) ?? []);
        return same.map((one) => match.groups[names[one] ?? -1]).find((group) => group !== undefined) ?? '';
      },
    );
    charge(textCost(expanded.length));
    out += text.slice(from, match.start) + expanded;
    from = match.end;
  }
  return out + text.slice(from);
}

/** Escapes every character with a meaning in patterns. */
export function quotePattern(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
