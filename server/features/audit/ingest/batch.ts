import { isUtf8 } from 'node:buffer';
import { judgeRow, type ReadableRow, readRow, type UnreadableRow } from './row.ts';
import { MOST_ROWS, type SplitProblem, splitEntries } from './split.ts';

/** The rows of a batch, each read when it is asked for, or why it has none. */
export type Batch = { readonly rows: Iterable<ReadableRow | UnreadableRow> } | { readonly problem: SplitProblem };

/**
 * Reads the body of a batch. One that is JSON throughout is parsed at once, which costs half of what it costs row by
 * row; the bytes of a row are then looked for only where they are needed. Any other is read row by row.
 */
export function readBatch(body: Buffer): Batch {
  const whole = isUtf8(body) ? parseWhole(body) : undefined;
  if (whole === undefined) {
    const split = splitEntries(body);
    return 'problem' in split ? split : { rows: each(split.rows, readRow) };
  }
  const entries = typeof whole === 'object' && whole !== null ? (whole as { entries?: unknown }).entries : undefined;
  if (!Array.isArray(entries) || !Object.hasOwn(whole as object, 'entries')) return { problem: 'no_entries' };
  if (entries.length > MOST_ROWS) return { problem: 'too_many_entries' };
  const plain = isPlain(body);
  const bytesOf = bytesByIndex(body);
  return { rows: each(entries, (value, index) => judgeRow(value, { bytes: () => bytesOf(index), plain }, true)) };
}

function* each<T, R>(values: readonly T[], change: (value: T, index: number) => R): Generator<R> {
  for (const [index, value] of values.entries()) yield change(value, index);
}

function parseWhole(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

const UNSTORABLE_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;

/** In valid UTF-8 that parses as JSON, NUL and halves of surrogate pairs can only stand as escapes. */
function isPlain(body: Buffer): boolean {
  const first = body.indexOf('\\u');
  return first === -1 || !UNSTORABLE_ESCAPE.test(body.toString('latin1', first));
}

function bytesByIndex(body: Buffer): (index: number) => Buffer {
  let rows: readonly Buffer[] | undefined;
  return (index) => {
    if (rows === undefined) {
      const split = splitEntries(body);
      rows = 'rows' in split ? split.rows : [];
    }
    return rows[index] ?? Buffer.alloc(0);
  };
}
