/** Writes values as YAML in block style, with sorted keys and quotes only where they are needed. */
import { BuiltinError } from '../../errors.ts';
import { isNumber, numberText, type RegoNumber, RegoObject, toDouble, type Value } from '../../values.ts';
import { membersOf } from '../operands.ts';
import { general } from './float-format.ts';
import { jsonText } from './json-text.ts';
import { quote } from './quote.ts';
import { isAmbiguous } from './yaml-scalars.ts';

const INDENT = '  ';

/** The value as a YAML document; sets are lists, keys that are no strings their JSON text. */
export function yamlText(value: Value): string {
  return lines(value, '').join('\n').concat('\n');
}

/** The lines of a value; the first stands where the value begins, the others carry their indentation. */
function lines(value: Value, indent: string): readonly string[] {
  const members = membersOf(value);
  if (members && members.length > 0) {
    return members.flatMap((member) => prefixed('- ', lines(member, indent + INDENT), indent));
  }
  if (members) return ['[]'];
  if (!(value instanceof RegoObject)) return scalarLines(value, indent);
  if (value.size === 0) return ['{}'];
  return entriesOf(value).flatMap(([key, member]) => entryLines(key, member, indent));
}

/** Puts a marker before the first line; further elements of a list start at the list's own indentation. */
function prefixed(marker: string, content: readonly string[], indent: string): readonly string[] {
  return [`${indent}${marker}${content[0]!.trimStart()}`, ...content.slice(1)];
}

function isBlock(value: Value): boolean {
  return (membersOf(value)?.length ?? 0) > 0 || (value instanceof RegoObject && value.size > 0);
}

function entryLines(key: string, value: Value, indent: string): readonly string[] {
  const keyLines = scalarLines(key, indent + INDENT);
  const content = lines(value, indent + INDENT);
  if (keyLines.length > 1) {
    const [head, ...rest] = scalarLines(key, indent);
    const shown = isBlock(value) ? prefixed(': ', content, indent) : [`${indent}: ${content[0]}`, ...content.slice(1)];
    return [`${indent}? ${head}`, ...rest, ...shown];
  }
  if (isBlock(value))
    return [
      `${indent}${keyLines[0]}:`,
      ...content.map((line, index) => (index === 0 ? indented(line, indent + INDENT) : line)),
    ];
  return [`${indent}${keyLines[0]}: ${content[0]}`, ...content.slice(1)];
}

function indented(line: string, indent: string): string {
  return indent + line.trimStart();
}

function entriesOf(object: RegoObject): readonly (readonly [string, Value])[] {
  const entries = [...object.entries()].map(
    ([key, value]) => [typeof key === 'string' ? key : jsonText(key), value] as const,
  );
  return entries.sort(([left], [right]) => compareKeys(left, right));
}

function isLetter(character: string): boolean {
  return /\p{L}/u.test(character);
}

function digitsAt(characters: readonly string[], index: number): string {
  return /^\d*/.exec(characters.slice(index).join(''))![0];
}

/** The order of keys that people expect: `k9` before `k10`, punctuation before letters. */
function compareKeys(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  let afterDigit = false;
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const [one, other] = [a[index]!, b[index]!];
    if (one === other) {
      afterDigit = /\d/.test(one);
      continue;
    }
    const [oneLetter, otherLetter] = [isLetter(one), isLetter(other)];
    if (oneLetter && otherLetter) return one < other ? -1 : 1;
    if (oneLetter || otherLetter) return (afterDigit ? oneLetter : otherLetter) ? -1 : 1;
    const [digits, otherDigits] = [digitsAt(a, index), digitsAt(b, index)];
    const difference = BigInt(`0${digits}`) - BigInt(`0${otherDigits}`);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
    if (digits.length !== otherDigits.length) return digits.length - otherDigits.length;
    return one < other ? -1 : 1;
  }
  return a.length - b.length;
}

function scalarLines(value: Value, indent: string): readonly string[] {
  if (typeof value === 'string') return textLines(value, indent);
  return [isNumber(value) ? numberScalar(value) : String(value)];
}

function numberScalar(value: RegoNumber): string {
  const text = numberText(value);
  if (/^-?\d+$/.test(text)) {
    const integer = BigInt(text);
    if (BigInt.asIntN(64, integer) === integer || BigInt.asUintN(64, integer) === integer) return text;
  }
  const double = toDouble(value);
  return Number.isFinite(double)
    ? general(double, undefined, { marker: 'e', shortestLimit: 6, keepZeros: false })
    : text;
}

const NEEDS_ESCAPES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ud800-\udfff\ufeff\u{10000}-\u{10ffff}]/u;
const NOT_PLAIN = /^$|^[\s,[\]{}#&*!|>'"%@`]|^[-?:](?:\s|$)|^(?:---|\.\.\.)|:\s|:$|\s#|\s$|[\u2028\u2029]/;

function textLines(given: string, indent: string): readonly string[] {
  const text = given.toWellFormed();
  if (/[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/.test(text)) {
    throw new BuiltinError('yaml: control characters are not allowed');
  }
  if (text.includes('\n') && !NEEDS_ESCAPES.test(text) && !/ \n| $/.test(text)) return literalLines(text, indent);
  if (text === '' || text.includes('\n') || NEEDS_ESCAPES.test(text) || isAmbiguous(text)) return [escapedText(text)];
  return [NOT_PLAIN.test(text) ? `'${text.replaceAll("'", "''")}'` : text];
}

/** In double quotes; what is beyond the first plane is escaped with capital digits. */
function escapedText(text: string): string {
  return quote(text)
    .replaceAll('\\x00', '\\0')
    .replaceAll('\\x1b', '\\e')
    .replace(/[\u{10000}-\u{10ffff}]/gu, (character) => {
      return `\\U${character.codePointAt(0)!.toString(16).toUpperCase().padStart(8, '0')}`;
    });
}

function literalLines(text: string, indent: string): readonly string[] {
  const hint = /^[ \n]/.test(text) ? String(INDENT.length) : '';
  const chomping = !text.endsWith('\n') ? '-' : /\n\n$|^\n$/.test(text) ? '+' : '';
  const body = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  const inner = indent === '' ? INDENT : indent;
  return [`|${hint}${chomping}`, ...body.map((line) => (line === '' ? '' : inner + line))];
}
