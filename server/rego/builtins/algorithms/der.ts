/** Reads ASN.1 structures in DER (X.690), as far as certificates need it. */
import { BuiltinError } from '../../errors.ts';

/** One element: its tag byte, its contents and all its bytes. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Buffer;
  readonly bytes: Buffer;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  identifier: 0x06,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

function malformed(reason: string): BuiltinError {
  return new BuiltinError(`x509: malformed certificate: ${reason}`);
}

/** The element that starts at `offset`. Throws a BuiltinError when the bytes end before it does. */
export function readElement(bytes: Buffer, offset = 0): DerElement {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw malformed('no element');
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || first === 0x80) throw malformed('unsupported length');
  const start = offset + 2 + lengthBytes;
  const length =
    lengthBytes === 0 ? first : bytes.subarray(offset + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  if (start + length > bytes.length) throw malformed('an element is cut off');
  return { tag, contents: bytes.subarray(start, start + length), bytes: bytes.subarray(offset, start + length) };
}

/** The elements that follow each other in the bytes. */
export function readElements(bytes: Buffer): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const element = readElement(bytes, offset);
    elements.push(element);
    offset += element.bytes.length;
  }
  return elements;
}

/** The elements inside a sequence or set. Throws a BuiltinError when the element is missing or of another kind. */
export function childrenOf(element: DerElement | undefined, tag: number = TAG.sequence): readonly DerElement[] {
  if (element?.tag !== tag) throw malformed(`expected tag ${tag}, found ${element?.tag ?? 'nothing'}`);
  return readElements(element.contents);
}

/** The value of an INTEGER. */
export function integerOf(element: DerElement | undefined): bigint {
  if (element?.tag !== TAG.integer || element.contents.length === 0) throw malformed('no integer');
  return BigInt.asIntN(element.contents.length * 8, BigInt(`0x${element.contents.toString('hex')}`));
}

/** The arcs of an OBJECT IDENTIFIER. */
export function identifierOf(element: DerElement | undefined): readonly number[] {
  if (element?.tag !== TAG.identifier) throw malformed('no object identifier');
  const arcs: number[] = [];
  let value = 0;
  for (const byte of element.contents) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(value / 40));
      arcs.push(first, value - first * 40);
    } else {
      arcs.push(value);
    }
    value = 0;
  }
  return arcs;
}

/** The bytes of a BIT STRING without the count of unused bits. */
export function bitsOf(element: DerElement | undefined): Buffer {
  if (element?.tag !== TAG.bitString) throw malformed('no bit string');
  return element.contents.subarray(1);
}

/** The text of any of the string types. */
export function textOf(element: DerElement): string {
  if (element.tag === 0x1e) return Buffer.from(element.contents).swap16().toString('utf16le');
  return element.contents.toString(element.tag === 0x14 ? 'latin1' : 'utf8');
}

/** The seconds since 1970 of a UTCTime or GeneralizedTime. */
export function timeOf(element: DerElement | undefined): number {
  const text = element?.contents.toString('latin1') ?? '';
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?Z$/.exec(text);
  if (!match) throw malformed('no time');
  const [year, month, day, hour, minute, second = 0] = match.slice(1).map((part) => Number(part ?? 0)) as number[];
  const century = element!.tag === TAG.utcTime ? (year! >= 50 ? 1900 : 2000) : 0;
  return Date.UTC(century + year!, month! - 1, day!, hour!, minute!, second) / 1000;
}

/** The number of a context-specific tag such as `[0]`, or undefined for universal tags. */
export function contextTag(element: DerElement): number | undefined {
  return (element.tag & 0xc0) === 0x80 ? element.tag & 0x1f : undefined;
}
