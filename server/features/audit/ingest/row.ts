import { isUtf8 } from 'node:buffer';
import { parseJson, TOLERANT } from '../../../kernel/parsers/json.ts';
import type { QuarantineReason } from '../schema.ts';
import { rowDigest } from './row-digest.ts';

/** The longest id that is compared whole; SDKs send 32 or 36 characters. */
const LONGEST_ID = 1024;

/** Where a row came from. */
export interface RowOrigin {
  /** The row as it was sent. */
  bytes(): Buffer;
  /** Whether no text in it can hold what a column cannot: NUL or half of a surrogate pair. */
  readonly plain: boolean;
}

/** A row that can be an entry. */
export interface ReadableRow {
  readonly origin: RowOrigin;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The id as sent, whole. */
  readonly id: string;
  readonly digest: Buffer;
  /** Whether parsing kept everything that was sent. */
  readonly exact: boolean;
}

/** A row that cannot be an entry. */
export interface UnreadableRow {
  readonly origin: RowOrigin;
  readonly reason: QuarantineReason;
  readonly id: string | null;
  /** The members, where it is at least an object. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads one row as leniently as it can be: NaN, raw control characters, broken UTF-8 and numbers of any size are taken.
 */
export function readRow(bytes: Buffer): ReadableRow | UnreadableRow {
  const origin = { bytes: () => bytes, plain: false };
  const text = bytes.toString('utf8');
  try {
    return judgeRow(JSON.parse(text), origin, isUtf8(bytes));
  } catch {
    return readTolerantly(text, origin);
  }
}

function readTolerantly(text: string, origin: RowOrigin): ReadableRow | UnreadableRow {
  let value: unknown;
  try {
    value = parseJson(text, TOLERANT);
  } catch {
    return { origin, reason: 'not_json', id: null, fields: null };
  }
  return judgeRow(value, origin, false);
}

/** Says what a parsed row can be. An entry needs an id and a decision; everything else may be missing. */
export function judgeRow(value: unknown, origin: RowOrigin, exact: boolean): ReadableRow | UnreadableRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { origin, reason: 'not_an_object', id: null, fields: null };
  }
  const fields = value as Record<string, unknown>;
  const id = idOf(fields['id']);
  if (id === null) return { origin, reason: 'no_id', id, fields };
  if (!hasDecision(fields['decision'])) return { origin, reason: 'no_decision', id, fields };
  return { origin, fields, id, ...rowDigest(origin, fields, exact) };
}

function idOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_ID) return null;
  return value;
}

function hasDecision(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
