/**
 * The text and number habits of the published SDK's language, as far as its decisions depend on them:
 * what `str()` prints, what `float()` reads, which strings are equal when case is folded, and how text is ordered.
 *
 * One thing cannot be recovered after JSON parsing: whether a whole number was written `5` or `5.0`; it is read as `5`.
 */

import { EvaluationFault } from './policy-error.ts';

const whitespace = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const isSpace = new RegExp(`^[${whitespace}]$`);
const spaceRun = new RegExp(`[${whitespace}]+`);

/** A regular expression class body (without brackets) of every character the SDK treats as white space. */
export const whitespaceClass = whitespace;

/** Removes white space from both ends, with the SDK's notion of white space (control separators count, a BOM does not). */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace.test(text[start] as string)) start += 1;
  while (end > start && isSpace.test(text[end - 1] as string)) end -= 1;
  return text.slice(start, end);
}

/** Splits at runs of white space; never yields an empty word. */
export function words(text: string): string[] {
  const stripped = strip(text);
  return stripped === '' ? [] : stripped.split(spaceRun);
}

/** True for what the SDK's language calls truthy: everything but null, false, 0, "", [] and {}. */
export function isTruthy(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return true;
}

/** True for a JSON object (not null, not an array). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own member `key` of a JSON object, or undefined; inherited names such as `constructor` do not exist. */
export function member(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * What `str()` prints for a JSON value: `True`, `None`, `0.5`, `1e-05`, `['a', 1]`, `{'k': 'v'}`; strings as they are.
 * @throws EvaluationFault for a value nested too deeply
 */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : printed(value, 0);
}

/** The SDK's own language gives up at about this nesting. */
const deepestNesting = 900;

function printed(value: unknown, depth: number): string {
  if (depth > deepestNesting) throw new EvaluationFault(`a value is nested more than ${deepestNesting} levels deep`);
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map((entry) => printed(entry, depth + 1)).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, entry]) => `${quoted(key)}: ${printed(entry, depth + 1)}`)
      .join(', ')}}`;
  }
  return String(value);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value !== 0 && Math.abs(value) < 1e-4) {
    return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
  }
  return String(value);
}

const shortEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) {
    if (character === quote) out += `\\${character}`;
    else out += shortEscapes[character] ?? (isPrintable(character) ? character : hexEscape(character));
  }
  return out + quote;
}

function isPrintable(character: string): boolean {
  return character === ' ' || !/[\p{C}\p{Z}]/u.test(character);
}

function hexEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

const numeral = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;
const infinity = /^([+-]?)inf(?:inity)?$/i;

/**
 * Reads a number as `float()` does: numbers as they are, strings with surrounding blanks, exponents, single underscores
 * between digits, `inf` and `nan`. Booleans, null, lists and objects are no numbers.
 * @returns undefined when the value is not numeric
 */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const text = westernDigits(strip(value));
  if (numeral.test(text)) return Number(text.replaceAll('_', ''));
  const infinite = infinity.exec(text);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  return /^[+-]?nan$/i.test(text) ? Number.NaN : undefined;
}

function westernDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    if (code < 0x80) return digit;
    let first = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
    return String((code - first) % 10);
  });
}

/** Folds case for comparison (Unicode full case folding), so that `STRASSE` equals `straße`. */
export function foldCase(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  let out = '';
  for (const character of text) out += foldCharacter(character);
  return out;
}

function foldCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x131) return character;
  if (code === 0x1e9e) return 'ss';
  // Cherokee folds towards its capitals, unlike every other script.
  if (code >= 0x13a0 && code <= 0x13f5) return character;
  if (code >= 0x13f8 && code <= 0x13fd) return String.fromCodePoint(code - 8);
  if (code >= 0xab70 && code <= 0xabbf) return String.fromCodePoint(code - 0xab70 + 0x13a0);
  let out = '';
  for (const upper of character.toUpperCase()) out += upper.toLowerCase();
  return out;
}

/** Orders text by code point: negative, zero or positive. (JavaScript's own `<` orders by UTF-16 unit.) */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  let at = 0;
  while (at < length && left[at] === right[at]) at += 1;
  if (at === length) return left.length - right.length;
  // The first difference may be in the second half of a character.
  const whole = at === 0 ? 0 : codeAt(left, at - 1) - codeAt(right, at - 1);
  return whole === 0 ? codeAt(left, at) - codeAt(right, at) : whole;
}

function codeAt(text: string, at: number): number {
  return text.codePointAt(at) ?? 0;
}

/** True for half of a character beyond the basic plane (or, as a code point, for one without its other half). */
export function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/** True when `part` occurs in `text` as whole characters; half a character does not occur in a whole one. */
export function includesText(text: string, part: string): boolean {
  if (!isSurrogate(part.charCodeAt(0)) && !isSurrogate(part.charCodeAt(part.length - 1))) return text.includes(part);
  const characters = Array.from(text);
  const wanted = Array.from(part);
  return characters.some((_, at) => wanted.every((character, offset) => characters[at + offset] === character));
}

/** The first `count` characters (code points, not UTF-16 units). */
export function firstCharacters(text: string, count: number): string {
  if (text.length <= count) return text;
  let units = 0;
  for (let taken = 0; taken < count && units < text.length; taken += 1) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, units);
}

/** How many characters (code points) a text has. */
export function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
