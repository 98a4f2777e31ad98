/** The few ASN.1 types that a certificate needs, in DER (ITU-T X.690). Every writer returns a whole element. */

const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const CONTEXT_CLASS = 0x80;
const CONSTRUCTED = 0x20;

/** An element of any tag around content of up to 4 GiB. */
export function element(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag), lengthOf(body.length), body]);
}

export const sequence = (...items: Uint8Array[]): Buffer => element(TAGS.sequence, ...items);

/** A set; DER wants the items in order, which a set of one has. Throws `RangeError` for more. */
export function setOfOne(...items: Uint8Array[]): Buffer {
  if (items.length !== 1) throw new RangeError(`A set of one item was asked for, with ${items.length} items.`);
  return element(TAGS.set, ...items);
}

export const boolean = (value: boolean): Buffer => element(TAGS.boolean, Buffer.of(value ? 0xff : 0));

/** A non-negative integer from big-endian bytes, in the shortest form. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at += 1;
  const shortest = bytes.subarray(at);
  const padded = shortest.length === 0 || shortest[0]! & 0x80 ? [Buffer.of(0), shortest] : [shortest];
  return element(TAGS.integer, ...padded);
}

/** A bit string; `unusedBits` of the last byte do not count. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return element(TAGS.bitString, Buffer.of(unusedBits), bytes);
}

/**
 * A bit string of named bits, given by their numbers (0 is the first); trailing zero bits are left out as DER asks for
 * such lists (X.690, 11.2.2).
 */
export function namedBits(...numbers: number[]): Buffer {
  if (numbers.length === 0) return bitString(Buffer.alloc(0));
  const last = Math.max(...numbers);
  const bytes = Buffer.alloc((last >> 3) + 1);
  for (const number of numbers) bytes[number >> 3]! |= 0x80 >> (number & 7);
  return bitString(bytes, 7 - (last & 7));
}

export const octetString = (...content: Uint8Array[]): Buffer => element(TAGS.octetString, ...content);

export const utf8String = (text: string): Buffer => element(TAGS.utf8String, Buffer.from(text, 'utf8'));

/** An object identifier from its dotted form (`1.2.840.10045.2.1`). Throws `RangeError` for another form. */
export function objectIdentifier(dotted: string): Buffer {
  if (!/^[012](\.(0|[1-9]\d{0,8})){1,30}$/.test(dotted)) throw new RangeError(`"${dotted}" is no object identifier.`);
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]];
  const bytes = [first * 40 + second, ...rest].flatMap(base128);
  return element(TAGS.objectIdentifier, Buffer.from(bytes));
}

/** A time as certificates write it: UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). Whole seconds. */
export function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '');
  const year = Number(digits.slice(0, 4));
  if (year >= 1950 && year < 2050) return element(TAGS.utcTime, Buffer.from(digits.slice(2), 'latin1'));
  return element(TAGS.generalizedTime, Buffer.from(digits, 'latin1'));
}

/** A context-specific element that wraps whole elements (`[n] EXPLICIT`, or IMPLICIT of a constructed type). */
export function contextConstructed(number: number, ...content: Uint8Array[]): Buffer {
  return element(CONTEXT_CLASS | CONSTRUCTED | number, ...content);
}

/** A context-specific element around bare bytes (`[n] IMPLICIT` of a primitive type). */
export function contextPrimitive(number: number, content: Uint8Array): Buffer {
  return element(CONTEXT_CLASS | number, content);
}

/**
 * The elements inside a constructed element, each whole. For elements that a parser has accepted already; throws
 * `RangeError` when lengths do not fit.
 */
export function itemsOf(constructed: Uint8Array): Buffer[] {
  const bytes = Buffer.from(constructed.buffer, constructed.byteOffset, constructed.length);
  const outer = extentOf(bytes, 0);
  const items: Buffer[] = [];
  for (let at = outer.content; at < outer.end; ) {
    const { end } = extentOf(bytes, at);
    items.push(bytes.subarray(at, end));
    at = end;
  }
  return items;
}

function extentOf(bytes: Buffer, at: number): { content: number; end: number } {
  const first = bytes[at + 1] ?? 0x80;
  const size = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || size > 4 || at + 2 + size > bytes.length) throw new RangeError('A DER length is missing.');
  const content = at + 2 + size;
  const end = content + (size === 0 ? first : bytes.readUIntBE(at + 2, size));
  if (end > bytes.length) throw new RangeError('A DER length reaches beyond the end.');
  return { content, end };
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = bytes.subarray(first);
  return Buffer.concat([Buffer.of(0x80 | shortest.length), shortest]);
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}
