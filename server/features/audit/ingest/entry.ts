import { randomBytes } from 'node:crypto';
import type { SqlValue } from '../../../db/audit-sql.ts';
import type { EntriesTable, EntryDetails, EntryKind } from '../schema.ts';
import { type Claim, claimOf } from './claim.ts';
import { clientLabel } from './clients.ts';
import { type Leftovers, sortLeftovers } from './leftovers.ts';
import type { IngestContext } from './messages.ts';
import { entryPlace, sealPayload } from './payload-cipher.ts';
import { isTooDeep, jsonOf } from './redaction.ts';
import type { ReadableRow } from './row.ts';
import { sha256 } from './row-digest.ts';
import { ruleTagOf } from './rule-tag.ts';
import { cut, storable } from './text.ts';

/** The columns of `entries` in the order of `EntryDraft.values`. */
export const ENTRY_COLUMNS = [
  'entry_key',
  'org_id',
  'project_id',
  'entry_id',
  'ts',
  'received_at',
  'kind',
  'decision',
  'tool',
  'method',
  'reason',
  'reason_code',
  'policy_ref',
  'rule_tag',
  'user_name',
  'user_email',
  'hostname',
  'client',
  'mode',
  'is_test',
  'foreign_project',
  'key_id',
  'machine_id',
  'latency_ms',
  'provider',
  'model',
  'input_tokens',
  'output_tokens',
  'cost_micros',
  'digest',
  'payload_digest',
  'details',
] as const satisfies readonly (keyof EntriesTable)[];

/** The columns of `entry_payloads` in the order of `EntryDraft.payload`. */
export const PAYLOAD_COLUMNS = ['entry_key', 'org_id', 'salt', 'key_version', 'content'] as const;

/** A row as it will be stored. */
export interface EntryDraft {
  readonly key: Buffer;
  /** The id as sent, whole. */
  readonly id: string;
  readonly digest: Buffer;
  readonly claim: Claim;
  readonly kind: EntryKind;
  readonly values: readonly SqlValue[];
  /** What the erasable table gets; null where nothing is kept. */
  readonly payload: readonly SqlValue[] | null;
}

/** Under what an entry is known: one key per project and id. */
export function entryKey(projectId: string, id: string): Buffer {
  return sha256(`${projectId}\0${id}`).subarray(0, 16);
}

const DAY = 86_400_000;
const EARLIEST = Date.UTC(2000, 0, 1);
const UNATTRIBUTED_DENY = 'synthetic:UNATTRIBUTED_DENY';

/** Turns a row into what is stored, with everything withheld that the organization does not keep. Never throws for content. */
export function draftEntry(row: ReadableRow, context: IngestContext): EntryDraft {
  const { fields } = row;
  const marks: string[] = [];
  const { plain } = row.origin;
  const column = (name: string, most: number) => columnText(fields[name], { name, most, plain, marks });
  const claim = claimOf(fields['project_id'], context);
  const projectId = claim.projectId;
  const key = entryKey(projectId, row.id);
  const decision = column('decision', 32).trim().toLowerCase();
  const tool = column('tool_name', 256);
  const mode = column('mode', 32);
  const kind = kindOf(fields, tool, mode);
  const reason = column('reason', 4000);
  const sentPolicy = column('policy_id', 128);
  const policyRef = decision === 'deny' && sentPolicy === '' && kind === 'decision' ? UNATTRIBUTED_DENY : sentPolicy;
  const ts = timeOf(fields['ts'], context.receivedAt, marks);
  const left = sortLeftovers(row, { context, marks, bare: claim.relation === 'stranger' });
  const payload = payloadOf(key, left, context);
  const rowEmail = column('user_email', 320);
  const values: SqlValue[] = [
    key,
    context.orgId,
    projectId,
    columnText(row.id, { name: 'id', most: 64, plain, marks }),
    ts,
    context.receivedAt,
    kind,
    decision,
    tool,
    column('extracted_method', 256) || column('method_name', 256),
    reason,
    column('reason_code', 64),
    policyRef,
    ruleTagOf({ reason, policyRef, mode }),
    column('user', 256),
    rowEmail === '' ? storable(cut(context.requestorEmail ?? '', 320)) : rowEmail,
    column('hostname', 256),
    clientLabel(column('client_name', 128)),
    mode,
    context.test ? 1 : 0,
    claim.foreignProject,
    context.keyId,
    context.machineId,
    wholeNumber(fields['latency_ms'], 'latency_ms', 1, marks),
    column('provider', 128) || null,
    column('model_id', 128) || null,
    wholeNumber(fields['input_tokens'], 'input_tokens', 1, marks),
    wholeNumber(fields['output_tokens'], 'output_tokens', 1, marks),
    wholeNumber(fields['estimated_cost_usd'], 'estimated_cost_usd', 1_000_000, marks),
    row.digest,
    payload === null ? null : payload.digest,
    JSON.stringify(detailsOf(left, context, marks)),
  ];
  return { key, id: row.id, digest: row.digest, claim, kind, values, payload: payload?.values ?? null };
}

function kindOf(fields: Readonly<Record<string, unknown>>, tool: string, mode: string): EntryKind {
  if (fields['event_kind'] !== undefined && fields['event_kind'] !== '') return 'credential';
  if (fields['event'] !== undefined && fields['event'] !== '') return 'dlp';
  return tool.startsWith('_') || mode === 'lifecycle' ? 'lifecycle' : 'decision';
}

function columnText(
  value: unknown,
  { name, most, plain, marks }: { name: string; most: number; plain: boolean; marks: string[] },
): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : jsonOf(value);
  const stored = cut(plain ? text : storable(text), most);
  if (stored !== value && !marks.includes(name)) marks.push(name);
  return stored;
}

/** A quantity as a whole number of `unit` parts; null when it is none. */
function wholeNumber(value: unknown, name: string, unit: number, marks: string[]): number | null {
  if (value === undefined || value === null) return null;
  const number = typeof value === 'number' ? value * unit : Number.NaN;
  if (Number.isNaN(number)) {
    marks.push(name);
    return null;
  }
  const whole = Math.round(Math.min(Math.max(number, 0), Number.MAX_SAFE_INTEGER));
  if (Math.abs(whole - number) > 0.5) marks.push(name);
  return whole;
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/;

/** When it happened: what the row says where that is a time between the year 2000 and tomorrow, else when it arrived. */
function timeOf(value: unknown, receivedAt: number, marks: string[]): number {
  const time = typeof value === 'string' && RFC3339.test(value) ? Date.parse(value) : Number.NaN;
  if (time >= EARLIEST && time <= receivedAt + DAY) return time;
  marks.push('ts');
  return receivedAt;
}

function payloadOf(
  key: Buffer,
  { payload }: Leftovers,
  context: IngestContext,
): { values: readonly SqlValue[]; digest: Buffer } | null {
  if (payload === null) return null;
  const json = jsonOf(payload);
  // What cannot be written again is there as it was sent.
  const content = Buffer.from(isTooDeep(json) ? JSON.stringify({ fields: {}, row: payload.row }) : json);
  const salt = randomBytes(16);
  const digest = sha256(Buffer.concat([salt, content]));
  const sealed = context.redaction === 'encrypted';
  const stored = sealed ? sealPayload(context.dataKey, entryPlace(key), content) : content;
  return { values: [key, context.orgId, salt, sealed ? context.dataKey.version : null, stored], digest };
}

function detailsOf(left: Leftovers, context: IngestContext, marks: string[]): EntryDetails {
  const details: EntryDetails = { fields: left.fields };
  if (left.other !== null) details.other = left.other;
  if (left.withheld !== null) details.withheld = left.withheld;
  if (marks.length > 0) details.marks = marks;
  if (context.requestorEmail !== null) details.requestor_email = cut(context.requestorEmail, 320);
  if (context.traceId !== null) details.trace_id = context.traceId;
  if (context.skewMs !== null) details.skew_ms = context.skewMs;
  return details;
}
