import type { Withheld } from '../schema.ts';
import { FIELDS } from './fields.ts';
import type { IngestContext } from './messages.ts';
import { isTooDeep, jsonOf, withhold } from './redaction.ts';
import type { ReadableRow } from './row.ts';
import { cut, storable } from './text.ts';

/** What of a row has no column of its own. */
export interface Leftovers {
  readonly fields: Record<string, unknown>;
  readonly other: Record<string, unknown> | null;
  readonly withheld: Record<string, Withheld> | null;
  /** What goes into the erasable table; null when there is nothing or nothing is kept. */
  readonly payload: KeptPayload | null;
}

/** Arguments and payloads as they are kept. */
export interface KeptPayload {
  readonly fields: Record<string, unknown>;
  /** The row as sent, where parsing would not keep everything of it. */
  readonly row?: string;
}

const IN_COLUMNS: ReadonlySet<string> = new Set([
  'id',
  'ts',
  'tool_name',
  'decision',
  'policy_id',
  'reason',
  'reason_code',
  'hostname',
  'user',
  'user_email',
  'mode',
  'extracted_method',
  'project_id',
  'latency_ms',
  'provider',
  'model_id',
  'input_tokens',
  'output_tokens',
  'estimated_cost_usd',
]);
/** What is kept of a row of somebody else's project beside its columns. */
const BARE: ReadonlySet<string> = new Set(['rule_id', 'policy_source', 'controlzero_sdk_version', 'client_name']);
const LONGEST_TEXT = 1024;
const LONGEST_JSON = 8192;
const MOST_UNKNOWN = 100;

/**
 * Sorts the members of a row that have no column: known fields stay, arguments and payloads go where the organization
 * wants them. A field that nobody knows may hold anything, so only its numbers, booleans and nulls are kept in the
 * open. `bare` keeps nothing but who decided.
 */
export function sortLeftovers(
  row: ReadableRow,
  { context, marks, bare }: { context: IngestContext; marks: string[]; bare: boolean },
): Leftovers {
  const fields: Record<string, unknown> = {};
  const other: Record<string, unknown> = Object.create(null);
  const payload: Record<string, unknown> = Object.create(null);
  let unknown = 0;
  let payloads = 0;
  for (const name of Object.keys(row.fields)) {
    if (IN_COLUMNS.has(name)) {
      if (name === 'ts' && marks.includes('ts')) fields['ts'] = kept('ts', row, marks);
      continue;
    }
    if (bare && !BARE.has(name)) continue;
    const value = row.fields[name];
    const use = FIELDS.get(name);
    if (use === 'plain') {
      if (name !== 'rule_id' || value !== row.fields['policy_id']) fields[name] = kept(name, row, marks);
    } else if (use === 'payload') {
      if (value !== null && value !== '') {
        payload[name] = value;
        payloads += 1;
      }
    } else if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) {
      unknown += 1;
      if (unknown <= MOST_UNKNOWN) other[shortName(name)] = value;
    } else {
      payload[name] = value;
      payloads += 1;
    }
  }
  if (unknown > MOST_UNKNOWN) marks.push('other');
  const inexact = !row.exact && !bare;
  if (inexact) marks.push('row');
  const keeps = context.redaction !== 'redact' && (payloads > 0 || inexact);
  return {
    fields,
    other: unknown > 0 ? other : null,
    withheld: payloads > 0 ? withheldOf(payload, context.redaction === 'redact', marks) : null,
    payload: keeps ? { fields: payload, ...(inexact && { row: row.origin.bytes().toString('utf8') }) } : null,
  };
}

function kept(name: string, { fields, origin }: ReadableRow, marks: string[]): unknown {
  const value = fields[name];
  if (typeof value === 'string') {
    const text = cut(origin.plain ? value : storable(value), LONGEST_TEXT);
    if (text !== value) marks.push(name);
    return text;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isSmall(value)) return value;
  const json = jsonOf(value);
  if (json.length <= LONGEST_JSON && !isTooDeep(json)) return value;
  marks.push(name);
  return withhold(value, true);
}

/** Tells without writing it whether the JSON of a value is short for certain. */
function isSmall(value: object): boolean {
  const members = Object.values(value);
  return members.length <= 16 && members.every(isShort);
}

function isShort(member: unknown): boolean {
  if (typeof member === 'string') return member.length <= 64;
  return typeof member !== 'object' || member === null || Object.keys(member).length === 0;
}

function withheldOf(payload: Record<string, unknown>, hashed: boolean, marks: string[]): Record<string, Withheld> {
  const withheld: Record<string, Withheld> = Object.create(null);
  const names = Object.keys(payload);
  for (const name of names.slice(0, MOST_UNKNOWN)) withheld[shortName(name)] = withhold(payload[name], hashed);
  if (names.length > MOST_UNKNOWN) marks.push('withheld');
  return withheld;
}

function shortName(name: string): string {
  return cut(storable(name), 128);
}
