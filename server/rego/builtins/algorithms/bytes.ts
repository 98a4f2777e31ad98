/**
 * Strings as bytes. Rego strings may hold bytes that are no UTF-8 (what `base64.decode` gives); JavaScript's cannot, so such
 * bytes are kept as the lone surrogates U+DC80 to U+DCFF and turned back where a built-in works on bytes.
 */

const ESCAPE_BASE = 0xdc00;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The bytes of a string. */
export function toBytes(text: string): Buffer {
  if (!LONE_SURROGATE.test(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    const isEscaped = point >= ESCAPE_BASE + 0x80 && point <= ESCAPE_BASE + 0xff;
    parts.push(isEscaped ? Buffer.of(point - ESCAPE_BASE) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** The string of bytes; bytes that are no UTF-8 survive a round trip through {@link toBytes}. */
export function fromBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(buffer) ? escapeInvalid(buffer) : text;
}

function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

function escapeInvalid(buffer: Buffer): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let out = '';
  let at = 0;
  while (at < buffer.length) {
    const length = sequenceLength(buffer[at]!);
    const decoded = length > 0 ? tryDecode(decoder, buffer.subarray(at, at + length), length) : undefined;
    out += decoded ?? String.fromCharCode(ESCAPE_BASE + buffer[at]!);
    at += decoded === undefined ? 1 : length;
  }
  return out;
}

function tryDecode(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer, length: number): string | undefined {
  if (bytes.length < length) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
