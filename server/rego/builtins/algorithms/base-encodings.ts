/** Strict decoders for base64 (RFC 4648, line breaks ignored) and hexadecimal; Node's own accept anything. */
import { BuiltinError } from '../../errors.ts';
import { toBytes } from './bytes.ts';

const STANDARD = digitsOf('+/');
const URL_SAFE = digitsOf('-_');

/** The characters that stand for six bits, by their bytes. */
function digitsOf(last: string): ReadonlySet<number> {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return new Set(Buffer.from(letters + last));
}

const LINE_BREAKS: ReadonlySet<number | undefined> = new Set([0x0a, 0x0d]);
const PADDING = 0x3d;

/** Reads groups of four; line breaks count for nothing. The offset of an error is the byte that Go names. */
function decode(text: string, digits: ReadonlySet<number>): Buffer {
  const wrong = firstWrongByte(toBytes(text), digits);
  if (wrong !== undefined) throw new BuiltinError(`illegal base64 data at input byte ${wrong}`);
  return Buffer.from(text.replace(/[\r\n]/g, ''), 'base64');
}

function firstWrongByte(bytes: Buffer, digits: ReadonlySet<number>): number | undefined {
  let inGroup = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (digits.has(byte)) inGroup = (inGroup + 1) % 4;
    else if (byte === PADDING && inGroup >= 2) return wrongPadding(bytes, at + 1, inGroup);
    else if (!LINE_BREAKS.has(byte)) return at;
  }
  return inGroup === 0 ? undefined : bytes.length - inGroup;
}

/** What is wrong after the first padding character of a group: a second one that is missing, or anything at all behind. */
function wrongPadding(bytes: Buffer, from: number, inGroup: number): number | undefined {
  let at = from;
  const skip = (): void => {
    while (LINE_BREAKS.has(bytes[at])) at++;
  };
  skip();
  if (inGroup === 2) {
    if (at === bytes.length) return at;
    if (bytes[at] !== PADDING) return at - 1;
    at++;
    skip();
  }
  return at < bytes.length ? at : undefined;
}

/** The bytes of padded base64; throws a BuiltinError naming the offset for anything else. */
export function decodeBase64(text: string): Buffer {
  return decode(text, STANDARD);
}

/** The bytes of URL-safe base64, with or without padding; throws a BuiltinError for anything else. */
export function decodeBase64Url(text: string): Buffer {
  if (text.endsWith('=')) return decode(text, URL_SAFE);
  const length = Buffer.byteLength(text);
  if (length % 4 === 1) throw new BuiltinError(`illegal base64url string: ${text}`);
  return decode(text + '='.repeat((4 - (length % 4)) % 4), URL_SAFE);
}

/** The bytes of hexadecimal digits; throws a BuiltinError for other bytes and for odd lengths. */
export function decodeHex(text: string): Buffer {
  if (!/^[0-9a-fA-F]*$/.test(text)) {
    const wrong = toBytes(text).find((byte) => !/[0-9a-fA-F]/.test(String.fromCharCode(byte)))!;
    throw new BuiltinError(`encoding/hex: invalid byte: ${codeText(wrong)}`);
  }
  if (text.length % 2 === 1) throw new BuiltinError('encoding/hex: odd length hex string');
  return Buffer.from(text, 'hex');
}

/** A byte as the character of its number: `U+0061 'a'`, without the character where it cannot be shown. */
function codeText(byte: number): string {
  const code = `U+${byte.toString(16).toUpperCase().padStart(4, '0')}`;
  const character = String.fromCharCode(byte);
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character) ? `${code} '${character}'` : code;
}
