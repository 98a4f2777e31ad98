/** JSON texts as Go's `encoding/json` writes them: sorted keys, `<`, `>`, `&` escaped, optional indentation. */
import { compareStrings, isNumber, numberText, RegoObject, type Value } from '../../values.ts';
import { membersOf } from '../operands.ts';

const ESCAPED = /[<>&\u2028\u2029]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SPECIAL = /[<>&\u2028\u2029\ud800-\udfff]/;

function stringText(text: string): string {
  if (!SPECIAL.test(text)) return JSON.stringify(text);
  const plain = JSON.stringify(text.replace(LONE_SURROGATE, '\ufffd'));
  return plain.replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function entriesOf(object: RegoObject): readonly (readonly [string, Value])[] {
  if (object.keys().every((key) => typeof key === 'string')) return [...object.entries()] as [string, Value][];
  // Keys that become the same text are one; the last of them counts.
  const entries = new Map<string, Value>();
  for (const [key, value] of object.entries()) entries.set(typeof key === 'string' ? key : jsonText(key), value);
  return [...entries].sort(([left], [right]) => compareStrings(left, right));
}

function scalarText(value: Value): string {
  if (typeof value === 'string') return stringText(value);
  return isNumber(value) ? numberText(value) : String(value);
}

/** The compact text; sets become arrays, keys that are no strings their own JSON text. */
export function jsonText(value: Value): string {
  const members = membersOf(value);
  if (members) return `[${members.map(jsonText).join(',')}]`;
  if (!(value instanceof RegoObject)) return scalarText(value);
  return `{${entriesOf(value)
    .map(([key, member]) => `${stringText(key)}:${jsonText(member)}`)
    .join(',')}}`;
}

/** The indented text; every line, the first too, starts with the prefix. */
export function indentedJsonText(value: Value, prefix: string, indent: string): string {
  return prefix + indented(value, `\n${prefix}`, indent);
}

function indented(value: Value, line: string, indent: string): string {
  const members = membersOf(value);
  const inner = line + indent;
  if (members) {
    if (members.length === 0) return '[]';
    return `[${members.map((member) => inner + indented(member, inner, indent)).join(',')}${line}]`;
  }
  if (!(value instanceof RegoObject)) return scalarText(value);
  if (value.size === 0) return '{}';
  const entries = entriesOf(value).map(
    ([key, member]) => `${inner}${stringText(key)}: ${indented(member, inner, indent)}`,
  );
  return `{${entries.join(',')}${line}}`;
}
