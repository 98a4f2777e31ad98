/** What the literals of templates stand for. */
import { Complex, type Plain } from './values.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const ESCAPE = /^\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))/;

/** The character that an escape at the beginning of a text stands for, as its bytes; undefined when it is none. */
function escaped(text: string, mark: string): { length: number; point: number; bytes: Buffer } | undefined {
  const match = ESCAPE.exec(text);
  if (!match) return undefined;
  const [{ length }, byte, short, long, octal, single] = match;
  if (single === "'" || single === '"') {
    return single === mark ? { length, point: single.charCodeAt(0), bytes: Buffer.from(single) } : undefined;
  }
  if (single !== undefined) return escapedPoint(length, ESCAPES[single]!.charCodeAt(0));
  if (byte === undefined && octal === undefined) return escapedPoint(length, Number.parseInt(short ?? long!, 16));
  const point = byte === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(byte, 16);
  return point > 255 ? undefined : { length, point, bytes: Buffer.from([point]) };
}

function escapedPoint(length: number, point: number) {
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
  return { length, point, bytes: Buffer.from(String.fromCodePoint(point)) };
}

/** The text of a string literal, also one in backquotes; undefined when an escape in it is none. */
export function unquoted(text: string): string | undefined {
  const inside = text.slice(1, -1);
  if (text.startsWith('`')) return inside.replaceAll('\r', '');
  const parts: Buffer[] = [];
  for (let rest = inside; rest !== ''; ) {
    const plain = /^[^\\]+/.exec(rest)?.[0];
    const special = plain === undefined ? escaped(rest, '"') : undefined;
    if (plain === undefined && !special) return undefined;
    parts.push(special ? special.bytes : Buffer.from(plain!));
    rest = rest.slice(special ? special.length : plain!.length);
  }
  return Buffer.concat(parts).toString();
}

/** The number of a character in single quotes, or the message that it is none. */
export function characterNumber(text: string): { value: bigint } | { mistake: string } {
  const inside = text.slice(1);
  const special = inside.startsWith('\\') ? escaped(inside, "'") : undefined;
  if (inside.startsWith('\\') ? !special : inside.startsWith("'")) return { mistake: 'invalid syntax' };
  const point = special ? special.point : inside.codePointAt(0)!;
  const { length } = special ?? String.fromCodePoint(point);
  return inside.slice(length) === "'" ? { value: BigInt(point) } : { mistake: `malformed character constant: ${text}` };
}

const WHOLE = /^[+-]?(?:0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;
const DECIMAL = /^[+-]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]_?([\da-fA-F_]*)\.?([\da-fA-F_]*)[pP]([+-]?[\d_]+)$/;

function wholeNumber(text: string): bigint {
  const digits = text
    .replaceAll('_', '')
    .replace(/^[+-]/, '')
    .replace(/^0(?=[0-7]+$)/, '0o');
  return text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
}

/** A fractional number; undefined when the text is none or it is too large. */
function fraction(text: string): number | undefined {
  const match = HEXADECIMAL.exec(text);
  if (!match && !DECIMAL.test(text)) return undefined;
  const [, sign, whole = '', places = '', exponent = ''] = (match ?? []).map((part) => part.replaceAll('_', ''));
  const value = match
    ? Number(`0x${whole}${places}`) * 2 ** (Number(exponent) - 4 * places.length) * (sign === '-' ? -1 : 1)
    : Number(text.replaceAll('_', ''));
  return Number.isFinite(value) ? value : undefined;
}

const LARGEST = 2n ** 64n - 1n;
const SMALLEST = -(2n ** 63n);

/** The number of a literal (whole ones up to those of 64 bits without sign), or the message that it is none. */
export function literalNumber(text: string): { value: Plain } | { mistake: string } {
  if (text.endsWith('i')) {
    const [, real = '', imaginary] = /^(.*?[^eEpP])??([+-]?[^+-]*(?:[eEpP][+-][\d_]+)?)i$/.exec(text) ?? [];
    const [left, right] = [real === '' ? 0 : fraction(real), fraction(imaginary ?? '')];
    if (left !== undefined && right !== undefined) return { value: new Complex(left, right) };
  } else if (WHOLE.test(text) && !(text.startsWith('+') && wholeNumber(text) > -SMALLEST - 1n)) {
    const value = wholeNumber(text);
    if (value >= SMALLEST && value <= LARGEST) return { value };
    return { mistake: `integer overflow: ${JSON.stringify(text)}` };
  }
  const value = fraction(text);
  if (value === undefined) return { mistake: `illegal number syntax: ${JSON.stringify(text)}` };
  return /[.eEpP]/.test(text) ? { value } : { mistake: `integer overflow: ${JSON.stringify(text)}` };
}
