/**
 * Strings as bytes. Rego strings may hold bytes that are no UTF-8 (what `base64.decode` gives); JavaScript's cannot, so such
 * bytes are kept as the lone surrogates U+DC80 to U+DCFF and turned back where a built-in works on bytes.
 */

const ESCAPE_BASE = 0xdc00;

/** The bytes of a string. */
export function toBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  // No UTF-16 unit takes more than three bytes.
  const bytes = Buffer.allocUnsafe(3 * text.length);
  let length = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(at + 1))) at++;
    else if (unit >= ESCAPE_BASE + 0x80 && unit <= ESCAPE_BASE + 0xff) {
      length += bytes.write(text.slice(from, at), length, 'utf8');
      bytes[length++] = unit - ESCAPE_BASE;
      from = at + 1;
    }
  }
  length += bytes.write(text.slice(from), length, 'utf8');
  return bytes.subarray(0, length);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
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
