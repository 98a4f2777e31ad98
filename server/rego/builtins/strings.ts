/** Built-ins on strings. Positions and lengths count code points. */
import { BuiltinError } from '../errors.ts';
import { RegoObject, type Value } from '../values.ts';
import { isAscii, reversed, sliceCharacters, toLower, toUpper, trimSet, trimSpace } from './algorithms/text.ts';
import { occurrences, replaceEach, replacePairs } from './algorithms/text-search.ts';
import { characterCost, deepCost, flatCost, textCost } from './cost.ts';
import { define } from './define.ts';
import {
  integerOperand,
  membersOf,
  objectOperand,
  operandElementError,
  operandError,
  operandTypeError,
  stringOperand,
  stringsOperand,
} from './operands.ts';
import type { Builtin } from './types.ts';

function onText(signature: string, stepsPerCharacter: number, compute: (text: string) => Value): Builtin {
  return define(signature, (args) => compute(stringOperand(args, 0)), { cost: characterCost(stepsPerCharacter) });
}

function onTexts(
  signature: string,
  compute: (left: string, right: string) => Value,
  cost: (args: readonly Value[]) => number = flatCost,
): Builtin {
  return define(signature, (args) => compute(stringOperand(args, 0), stringOperand(args, 1)), { cost });
}

/** Characters that are not ASCII are mapped one by one. */
function caseCost(args: readonly Value[]): number {
  const [text] = args;
  if (typeof text !== 'string') return 1;
  return isAscii(text) ? 2 * textCost(text.length) : 1 + text.length;
}

/** What makes or looks at single characters. */
const BY_CHARACTER = characterCost(0.25);

/** What finds a text in another: where much begins alike and ends otherwise, every character is looked at. */
const BY_SEARCH = characterCost(0.06);

/** What takes the text apart first. */
const BY_PART = characterCost(0.5);

function positionsOf(text: string, search: string): readonly number[] {
  if (search === '') throw new BuiltinError('empty search character');
  const found = occurrences(text, search);
  if (isAscii(text)) return found;
  let from = 0;
  let counted = 0;
  return found.map((at) => {
    for (; from < at; from += text.codePointAt(from)! > 0xffff ? 2 : 1) counted += 1;
    return counted;
  });
}

function countOccurrences(text: string, search: string): number {
  if (search === '') return [...text].length + 1;
  let count = 0;
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + search.length)) count += 1;
  return count;
}

function splitText(text: string, delimiter: string): readonly string[] {
  return delimiter === '' ? [...text] : text.split(delimiter);
}

function splitSome(text: string, delimiter: string, count: number): readonly string[] {
  const parts = splitText(text, delimiter);
  return count >= 0 ? parts.slice(0, count) : parts.slice(Math.max(parts.length + count, 0));
}

function affixOperand(args: readonly Value[], index: number): readonly string[] {
  const value = args[index] as Value;
  if (typeof value === 'string') return [value];
  if (!membersOf(value)) throw operandTypeError(index + 1, value, 'string', 'set', 'array');
  return stringsOperand(args, index);
}

function anyAffixMatch(texts: readonly string[], affixes: readonly string[], cut: (text: string, n: number) => string) {
  const known = new Set(affixes);
  const lengths = new Set(affixes.map((affix) => affix.length));
  return texts.some((text) => [...lengths].some((length) => length <= text.length && known.has(cut(text, length))));
}

/** From every text as much as each different length of an affix is cut off and looked up. */
function affixCost(args: readonly Value[]): number {
  const [texts = null, affixes = null] = args.map((arg) => membersOf(arg) ?? [arg]);
  const lengths = new Set<number>();
  for (const affix of affixes ?? []) if (typeof affix === 'string') lengths.add(affix.length);
  const longest = Math.max(0, ...lengths);
  let cut = 0;
  for (const length of lengths) cut += textCost(length);
  let cost = 4 + deepCost(args);
  for (const text of texts ?? []) {
    const length = typeof text === 'string' ? text.length : 0;
    cost += longest <= length ? 4 * cut : 4 * lengths.size * textCost(length);
  }
  return cost;
}

function concat(args: readonly Value[]): Value {
  const separator = stringOperand(args, 0);
  const value = args[1] as Value;
  const members = membersOf(value);
  if (!members) throw operandTypeError(2, value, 'set', 'array');
  for (const member of members) {
    if (typeof member !== 'string') throw operandElementError(2, value, member, 'string');
  }
  return (members as readonly string[]).join(separator);
}

function concatCost(args: readonly Value[]): number {
  const members = membersOf(args[1]) ?? [];
  const separator = typeof args[0] === 'string' ? args[0].length : 0;
  let length = separator * members.length;
  for (const member of members) if (typeof member === 'string') length += member.length;
  return members.length + textCost(length);
}

function substring(args: readonly Value[]): Value {
  const text = stringOperand(args, 0);
  const start = integerOperand(args, 1);
  const length = integerOperand(args, 2);
  if (start < 0) throw new BuiltinError('negative offset');
  return sliceCharacters(text, start, length < 0 ? undefined : length);
}

function replaceN(args: readonly Value[]): Value {
  const patterns = objectOperand(args, 0);
  const text = stringOperand(args, 1);
  const pairs: [string, string][] = [];
  for (const [key, value] of patterns.entries()) {
    if (typeof key !== 'string') throw operandError(1, 'non-string key found in pattern object');
    if (typeof value !== 'string') throw operandError(1, 'non-string value found in pattern object');
    pairs.push([key, value]);
  }
  return replacePairs(text, pairs);
}

function replaceCost(args: readonly Value[]): number {
  const [text, old] = args;
  const longest = typeof args[2] === 'string' ? args[2].length : 0;
  const hits = typeof text === 'string' && typeof old === 'string' ? text.length / Math.max(1, old.length) : 0;
  return 20 + 2 * flatCost(args) + textCost(Math.ceil(hits) * longest) + (old === '' ? byBytes(hits) : 0);
}

/** An empty text stands between all bytes, which are taken apart for it. */
function byBytes(length: number): number {
  return Math.ceil(length * 0.5);
}

function replaceNCost(args: readonly Value[]): number {
  const patterns = args[0];
  const size = patterns instanceof RegoObject ? patterns.size : 1;
  const text = typeof args[1] === 'string' ? args[1].length : 0;
  const hasEmpty = patterns instanceof RegoObject && patterns.has('');
  return 20 + flatCost(args) + 4 * size + 4 * textCost(text * Math.max(1, size)) + (hasEmpty ? byBytes(text) : 0);
}

/** The string built-ins. */
export const strings: readonly Builtin[] = [
  define('concat(string, any<array[string], set[string]>) -> string', concat, { cost: concatCost }),
  onTexts('contains(string, string) -> boolean', (text, search) => text.includes(search), BY_SEARCH),
  onTexts('endswith(string, string) -> boolean', (text, suffix) => text.endsWith(suffix)),
  onTexts('startswith(string, string) -> boolean', (text, prefix) => text.startsWith(prefix)),
  onTexts('indexof(string, string) -> number', (text, search) => positionsOf(text, search)[0] ?? -1, BY_CHARACTER),
  onTexts('indexof_n(string, string) -> array[number]', positionsOf, BY_CHARACTER),
  define('lower(string) -> string', (args) => toLower(stringOperand(args, 0)), { cost: caseCost }),
  define('upper(string) -> string', (args) => toUpper(stringOperand(args, 0)), { cost: caseCost }),
  define(
    'replace(string, string, string) -> string',
    (args) => replaceEach(stringOperand(args, 0), stringOperand(args, 1), stringOperand(args, 2)),
    { cost: replaceCost },
  ),
  onTexts('split(string, string) -> array[string]', splitText, BY_CHARACTER),
  define(
    'strings.any_prefix_match(any<string, array[string], set[string]>, any<string, array[string], set[string]>) -> boolean',
    (args) => anyAffixMatch(affixOperand(args, 0), affixOperand(args, 1), (text, length) => text.slice(0, length)),
    { cost: affixCost },
  ),
  define(
    'strings.any_suffix_match(any<string, array[string], set[string]>, any<string, array[string], set[string]>) -> boolean',
    (args) =>
      anyAffixMatch(affixOperand(args, 0), affixOperand(args, 1), (text, length) => text.slice(text.length - length)),
    { cost: affixCost },
  ),
  onTexts('strings.count(string, string) -> number', countOccurrences, BY_CHARACTER),
  define('strings.replace_n(object[string: string], string) -> string', replaceN, { cost: replaceNCost }),
  onText('strings.reverse(string) -> string', 0.4, reversed),
  define(
    'strings.split_n(string, string, number) -> array[string]',
    (args) => splitSome(stringOperand(args, 0), stringOperand(args, 1), integerOperand(args, 2)),
    { cost: BY_CHARACTER },
  ),
  define('substring(string, number, number) -> string', substring, { cost: BY_CHARACTER }),
  onTexts('trim(string, string) -> string', (text, set) => trimSet(text, set, 'both'), BY_PART),
  onTexts('trim_left(string, string) -> string', (text, set) => trimSet(text, set, 'left'), BY_PART),
  onTexts('trim_right(string, string) -> string', (text, set) => trimSet(text, set, 'right'), BY_PART),
  onTexts('trim_prefix(string, string) -> string', (text, prefix) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  onTexts('trim_suffix(string, string) -> string', (text, suffix) =>
    text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text,
  ),
  onText('trim_space(string) -> string', 0.2, trimSpace),
];
