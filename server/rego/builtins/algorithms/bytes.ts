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

/** The length of the valid UTF-8 sequence at a place (RFC 3629, section 4); 0 where there is none. */
function sequenceLength(buffer: Buffer, at: number): number {
  const first = buffer[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > buffer.length) return 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let index = 1; index < length; index++) {
    const byte = buffer[at + index]!;
    if (byte < (index === 1 ? lowest : 0x80) || byte > (index === 1 ? highest : 0xbf)) return 0;
  }
  return length;
}

function escapeInvalid(buffer: Buffer): string {
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  while (at < buffer.length) {
    const length = sequenceLength(buffer, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > from) parts.push(buffer.toString('utf8', from, at));
    parts.push(String.fromCharCode(ESCAPE_BASE + buffer[at]!));
    at += 1;
    from = at;
  }
  parts.push(buffer.toString('utf8', from));
  return parts.join('');
}
