import type { SqlValue } from '../../../db/audit-sql.ts';
import type { QuarantineReason } from '../schema.ts';
import { FIELDS } from './fields.ts';
import type { IngestContext } from './messages.ts';
import { quarantinePlace, sealPayload } from './payload-cipher.ts';
import { isTooDeep, jsonOf, withhold } from './redaction.ts';
import type { UnreadableRow } from './row.ts';
import { sha256 } from './row-digest.ts';
import { cut, storable } from './text.ts';

/** The columns of `quarantine` in the order of `draftQuarantine`. */
export const QUARANTINE_COLUMNS = [
  'quarantine_key',
  'org_id',
  'project_id',
  'reason',
  'entry_id',
  'received_at',
  'is_test',
  'key_id',
  'machine_id',
  'size',
  'sha256',
  'form',
  'key_version',
  'content',
] as const;

/** A row to put aside. */
export interface Aside extends UnreadableRow {
  readonly reason: QuarantineReason;
}

/**
 * Turns a row that cannot be an entry into what is kept of it. An object goes through the organization's redaction like
 * an entry; bytes in which no fields can be told apart are kept whole, sealed unless the organization keeps everything.
 */
export function draftQuarantine(row: Aside, context: IngestContext): readonly SqlValue[] {
  const bytes = row.origin.bytes();
  const digest = sha256(bytes);
  const key = sha256(`${context.projectId}\0${row.reason}\0${digest.toString('hex')}`).subarray(0, 16);
  const redacted = context.redaction === 'redact' && row.fields !== null;
  const content = redacted ? Buffer.from(jsonOf(redactedFields(row.fields))) : bytes;
  const sealed = !redacted && context.redaction !== 'full';
  return [
    key,
    context.orgId,
    context.projectId,
    row.reason,
    row.id === null ? null : cut(storable(row.id), 64),
    context.receivedAt,
    context.test ? 1 : 0,
    context.keyId,
    context.machineId,
    bytes.length,
    digest.toString('hex'),
    redacted ? 'redacted' : 'raw',
    sealed ? context.dataKey.version : null,
    sealed ? sealPayload(context.dataKey, quarantinePlace(key), content) : content,
  ];
}

const IN_THE_OPEN: ReadonlySet<string> = new Set([
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
]);
const LARGEST_OPEN = 8192;

function redactedFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(fields).slice(0, 200)) {
    const value = fields[name];
    const open = IN_THE_OPEN.has(name) || FIELDS.get(name) === 'plain';
    const scalar = (typeof value !== 'string' && typeof value !== 'object') || value === null;
    shown[cut(name, 128)] = scalar || (open && isShort(value)) ? value : withhold(value, true);
  }
  return shown;
}

function isShort(value: unknown): boolean {
  const json = jsonOf(value);
  return json.length <= LARGEST_OPEN && !isTooDeep(json);
}
