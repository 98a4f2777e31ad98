import { isUtf8 } from 'node:buffer';
import { parseJson, TOLERANT } from '../../../kernel/parsers/json.ts';
import type { QuarantineReason } from '../schema.ts';
import { fidelityOf, rowDigest } from './row-digest.ts';

/** The longest id that is compared whole; SDKs send 32 or 36 characters. */
const LONGEST_ID = 1024;

/** A row that can be an entry. */
export interface ReadableRow {
  readonly bytes: Buffer;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The id as sent, whole. */
  readonly id: string;
  readonly digest: Buffer;
  /** Whether parsing kept everything that was sent. */
  readonly exact: boolean;
}

/** A row that cannot be an entry. */
export interface UnreadableRow {
  readonly bytes: Buffer;
  readonly reason: QuarantineReason;
  readonly id: string | null;
  /** The members, where it is at least an object. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads one row as leniently as it can be: NaN, raw control characters, broken UTF-8 and numbers of any size are taken.
 * An entry needs an id and a decision; everything else may be missing.
 */
export function readRow(bytes: Buffer): ReadableRow | UnreadableRow {
  const parsed = parse(bytes);
  if (parsed === undefined) return { bytes, reason: 'not_json', id: null, fields: null };
  const { value, exact } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { bytes, reason: 'not_an_object', id: null, fields: null };
  }
  const fields = value as Record<string, unknown>;
  const id = idOf(fields['id']);
  if (id === null) return { bytes, reason: 'no_id', id, fields };
  if (!hasDecision(fields['decision'])) return { bytes, reason: 'no_decision', id, fields };
  const fidelity = exact ? fidelityOf(fields) : 'inexact';
  return { bytes, fields, id, digest: rowDigest(bytes, fields, fidelity), exact: fidelity !== 'inexact' };
}

function parse(bytes: Buffer): { value: unknown; exact: boolean } | undefined {
  const text = bytes.toString('utf8');
  try {
    return { value: JSON.parse(text), exact: isUtf8(bytes) };
  } catch {
    try {
      return { value: parseJson(text, TOLERANT), exact: false };
    } catch {
      return undefined;
    }
  }
}

function idOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_ID) return null;
  return value;
}

function hasDecision(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
