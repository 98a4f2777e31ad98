/** Text operations by code point, with the character classes and case mappings of Go's `strings` package. */

const NON_ASCII = /[^\x00-\x7f]/;

/** Whether every character is ASCII. */
export function isAscii(text: string): boolean {
  return !NON_ASCII.test(text);
}

/** The number of code points. */
export function characterCount(text: string): number {
  if (isAscii(text)) return text.length;
  let count = 0;
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) count += 1;
  return count;
}

/** The part from code point `start`, of at most `length` code points; without a length the rest. */
export function sliceCharacters(text: string, start: number, length: number | undefined): string {
  const end = length === undefined ? undefined : start + length;
  return isAscii(text) ? text.slice(start, end) : [...text].slice(start, end).join('');
}

/** The code points in reverse order. */
export function reversed(text: string): string {
  return [...text].reverse().join('');
}

function mapCharacters(text: string, map: (character: string) => string): string {
  let out = '';
  for (const character of text) {
    const mapped = map(character);
    // A mapping to several characters has no counterpart of one character: the character stays.
    out += mapped.length > character.length && [...mapped].length > 1 ? character : mapped;
  }
  return out;
}

/** Upper case, one code point for each (`ß` stays). */
export function toUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapCharacters(text, (character) => character.toUpperCase());
}

/** Lower case, one code point for each, without regard to word ends. */
export function toLower(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return mapCharacters(text, (character) => (character === '\u0130' ? 'i' : character.toLowerCase()));
}

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Removes white space (Unicode's property White_Space) at both ends. */
export function trimSpace(text: string): string {
  let start = 0;
  while (start < text.length && SPACE.test(text[start]!)) start += 1;
  let end = text.length;
  while (end > start && SPACE.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

/** Removes characters of the set at one or both ends. */
export function trimSet(text: string, set: string, side: 'left' | 'right' | 'both'): string {
  const members = new Set(set);
  const characters = [...text];
  let start = 0;
  let end = characters.length;
  if (side !== 'right') while (start < end && members.has(characters[start]!)) start += 1;
  if (side !== 'left') while (end > start && members.has(characters[end - 1]!)) end -= 1;
  return characters.slice(start, end).join('');
}
