const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
  [0x5c, '\\\\'],
]);

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function escapeCharacter(point: number): string {
  if (point < 0x20 || point === 0x7f) return `\\x${point.toString(16).padStart(2, '0')}`;
  if (point <= 0xffff) return `\\u${point.toString(16).padStart(4, '0')}`;
  return `\\U${point.toString(16).padStart(8, '0')}`;
}

const PLAIN = /^[ !#-&(-[\]-~]*$/;

function quoteWith(text: string, quote: string, asciiOnly: boolean): string {
  if (PLAIN.test(text)) return quote + text + quote;
  let out = quote;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (character === quote) out += `\\${quote}`;
    else if (SHORT_ESCAPES.has(point)) out += SHORT_ESCAPES.get(point)!;
    else if ((!asciiOnly || point < 0x80) && PRINTABLE.test(character)) out += character;
    else out += escapeCharacter(point);
  }
  return out + quote;
}

/** A text in double quotes with escapes, as Go's `%q` writes it; with `asciiOnly` also what is not ASCII is escaped. */
export function quote(text: string, asciiOnly = false): string {
  return quoteWith(text, '"', asciiOnly);
}

/** A text in double quotes as Go's `time` package writes it: every byte that is not ASCII, and control characters, as `\\xNN`. */
export function quoteBytes(text: string): string {
  let out = '"';
  for (const byte of Buffer.from(text)) {
    if (byte === 0x22 || byte === 0x5c) out += `\\${String.fromCharCode(byte)}`;
    else if (byte < 0x20 || byte >= 0x80) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += String.fromCharCode(byte);
  }
  return `${out}"`;
}

/** One character in single quotes with escapes; numbers that are no character give the replacement character. */
export function quoteCharacter(point: bigint, asciiOnly = false): string {
  const valid = point >= 0n && point <= 0x10ffffn && !(point >= 0xd800n && point <= 0xdfffn);
  return quoteWith(String.fromCodePoint(valid ? Number(point) : 0xfffd), "'", asciiOnly);
}
