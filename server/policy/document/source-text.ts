import { isUtf8 } from 'node:buffer';
import { LIMITS } from './limits.ts';
import type { Problem } from './problem.ts';
import type { Position } from './source-map.ts';

/** Turns offsets (UTF-16 code units) of a text into lines and columns; `\n`, `\r\n` and `\r` end a line. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (const lineEnd of text.matchAll(/\r\n|\n|\r/g)) this.#starts.push(lineEnd.index + lineEnd[0].length);
  }

  at(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }
}

/** A problem of the text itself, before anything has a pointer. */
export function textProblem(code: string, message: string, position: Position, path = ''): Problem {
  return { severity: 'error', code, message, path, ...position };
}

/**
 * Decodes a document: at most 1 MiB of valid UTF-8, one leading byte order mark dropped.
 *
 * @returns the text, or the problem that keeps it from being one; never throws.
 */
export function decodeSource(input: string | Uint8Array): { text: string } | { problem: Problem } {
  const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength;
  if (bytes > LIMITS.documentBytes) {
    const message = `The document has ${bytes} bytes; the limit is ${LIMITS.documentBytes}. Split it into several policies.`;
    return { problem: textProblem('document_too_large', message, { line: 1, column: 1 }) };
  }
  if (typeof input !== 'string' && !isUtf8(input)) {
    const message = 'The document is not valid UTF-8 here. Save it as UTF-8 and try again.';
    return { problem: textProblem('not_utf8', message, firstBadByte(input)) };
  }
  const text = typeof input === 'string' ? input : Buffer.from(input).toString('utf8');
  return decoded(text.startsWith('\uFEFF') ? text.slice(1) : text);
}

function decoded(text: string): { text: string } | { problem: Problem } {
  const surrogate = text.search(/\p{Surrogate}/u);
  if (surrogate >= 0) {
    const message = 'The document holds half of a surrogate pair here, which is no character. Remove it.';
    return { problem: textProblem('lone_surrogate', message, new LineIndex(text).at(surrogate)) };
  }
  const control = text.search(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/);
  if (control >= 0) {
    const code = text.charCodeAt(control).toString(16).padStart(4, '0');
    const message = `The document holds the control character U+${code.toUpperCase()} here. Remove it.`;
    return { problem: textProblem('control_character', message, new LineIndex(text).at(control)) };
  }
  return { text };
}

function firstBadByte(bytes: Uint8Array): Position {
  let start = 0;
  // A line feed is never part of a longer UTF-8 sequence, so lines can be judged one by one.
  for (let line = 1; ; line += 1) {
    const lineFeed = bytes.indexOf(0x0a, start);
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    const content = bytes.subarray(start, end);
    if (!isUtf8(content)) return { line, column: firstReplacement(content) };
    if (lineFeed < 0) return { line, column: 1 };
    start = lineFeed + 1;
  }
}

function firstReplacement(content: Uint8Array): number {
  const repaired = Buffer.from(Buffer.from(content).toString('utf8'), 'utf8');
  const bad = repaired.findIndex((byte, at) => byte !== content[at]);
  const good = Buffer.from(content.subarray(0, bad < 0 ? content.length : bad)).toString('utf8');
  return good.replace(/\uFFFD$/, '').length + 1;
}
