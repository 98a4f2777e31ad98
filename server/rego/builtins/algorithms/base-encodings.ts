/** Strict decoders for base64 (RFC 4648, line breaks ignored) and hexadecimal; Node's own accept anything. */
import { BuiltinError } from '../../errors.ts';

const OUTSIDE_STANDARD = /[^A-Za-z0-9+/]/;
const OUTSIDE_URL_SAFE = /[^A-Za-z0-9\-_]/;

function decode(text: string, outside: RegExp): Buffer {
  const compact = text.replace(/[\r\n]/g, '');
  const unpadded = compact.replace(/={0,2}$/, '');
  const wrong = outside.exec(unpadded);
  if (wrong) throw illegal(text, wrong.index);
  if (compact.length % 4 !== 0) throw illegal(text, Math.max(0, compact.length - (compact.length % 4)));
  return Buffer.from(unpadded, 'base64');
}

function illegal(text: string, at: number): BuiltinError {
  return new BuiltinError(`illegal base64 data at input byte ${Math.min(at, text.length)}`);
}

/** The bytes of padded base64; throws a BuiltinError naming the offset for anything else. */
export function decodeBase64(text: string): Buffer {
  return decode(text, OUTSIDE_STANDARD);
}

/** The bytes of URL-safe base64, with or without padding; throws a BuiltinError for anything else. */
export function decodeBase64Url(text: string): Buffer {
  if (text.endsWith('=')) return decode(text, OUTSIDE_URL_SAFE);
  if (text.length % 4 === 1) throw new BuiltinError(`illegal base64url string: ${text}`);
  return decode(text + '='.repeat((4 - (text.length % 4)) % 4), OUTSIDE_URL_SAFE);
}

/** The bytes of hexadecimal digits; throws a BuiltinError for other characters and for odd lengths. */
export function decodeHex(text: string): Buffer {
  const wrong = /^[0-9a-fA-F]*$/.test(text) ? undefined : /[^0-9a-fA-F]/u.exec(text);
  if (wrong) {
    const code = wrong[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    throw new BuiltinError(`encoding/hex: invalid byte: U+${code} '${wrong[0]}'`);
  }
  if (text.length % 2 === 1) throw new BuiltinError('encoding/hex: odd length hex string');
  return Buffer.from(text, 'hex');
}
