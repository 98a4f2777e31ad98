import { type Static, Type } from 'typebox';
import { rfc3339 } from '../../kernel/clock.ts';
import { invalid } from '../../kernel/errors.ts';
import { PageQuery } from '../../kernel/paging.ts';
import { Id, nullable, Time, words } from '../../kernel/schemas.ts';
import { ATTRIBUTIONS } from './entry-view.ts';
import type { EntryFilter } from './filter.ts';
import { CLIENTS } from './ingest/clients.ts';
import type { IngestResult } from './ingest/messages.ts';
import { ENTRY_KINDS, QUARANTINE_REASONS } from './schema.ts';
import type { QuarantineRow } from './store.ts';

export const IngestQuery = Type.Object({
  verbose: Type.Optional(words(['0', '1'], 'With 1 the answer says of every entry what became of it.')),
});

const RowResult = Type.Object({
  index: Type.Integer(),
  id: nullable(Type.String()),
  status: words(['accepted', 'dropped', 'rejected']),
  reason: Type.Optional(words(QUARANTINE_REASONS)),
});

export const IngestAnswer = Type.Object(
  {
    accepted: Type.Integer({ description: 'Entries that are stored now.' }),
    rejected: Type.Integer({ description: 'Rows that are in quarantine.' }),
    dropped: Type.Integer({ description: 'Repeats of entries that were stored before.' }),
    results: Type.Optional(Type.Array(RowResult)),
  },
  { examples: [{ accepted: 2, rejected: 0, dropped: 1 }] },
);

/** The reply to a batch. */
export function ingestAnswer({ accepted, rejected, dropped, results }: IngestResult): Static<typeof IngestAnswer> {
  return { accepted, rejected, dropped, ...(results !== undefined && { results: [...results] }) };
}

export const ProjectParams = Type.Object({ projectID: Id });
export const EntryParams = Type.Object({
  projectID: Id,
  entryID: Type.String({ minLength: 1, maxLength: 512, description: 'The id that the SDK gave the entry.' }),
});

const Short = Type.String({ maxLength: 256 });
const Truth = words(['true', 'false']);

const filterProperties = {
  decision: Type.Optional(Type.String({ maxLength: 32 })),
  kind: Type.Optional(words(ENTRY_KINDS)),
  tool: Type.Optional(Short),
  policy_id: Type.Optional(Short),
  rule: Type.Optional(Type.String({ maxLength: 256, description: "A rule's tag or its author's id." })),
  reason_code: Type.Optional(Short),
  user: Type.Optional(Type.String({ maxLength: 320, description: 'A login name or an address.' })),
  client: Type.Optional(words(CLIENTS)),
  mode: Type.Optional(Type.String({ maxLength: 32 })),
  since: Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description: 'From here on.' })),
  until: Type.Optional(Type.String({ format: 'date-time', maxLength: 40, description: 'Up to here, not included.' })),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'Text in tool, method, reason, policy, user or host.' }),
  ),
  test: Type.Optional(Truth),
  foreign: Type.Optional(Truth),
};

export const FilterQuery = Type.Object(filterProperties);
export const LogsQuery = Type.Object({ ...filterProperties, ...PageQuery.properties });

/** The filter that a query asks for. 400 when it ends before it begins. */
export function filterOf(query: Static<typeof FilterQuery>): EntryFilter {
  const since = query.since === undefined ? undefined : Date.parse(query.since);
  const until = query.until === undefined ? undefined : Date.parse(query.until);
  if (since !== undefined && until !== undefined && since >= until) {
    throw invalid(`until (${query.until}) must be later than since (${query.since}).`);
  }
  return {
    decision: query.decision?.toLowerCase(),
    kind: query.kind,
    tool: query.tool,
    policyId: query.policy_id,
    rule: query.rule,
    reasonCode: query.reason_code,
    user: query.user,
    client: query.client,
    mode: query.mode,
    text: query.q,
    test: query.test === undefined ? undefined : query.test === 'true',
    foreign: query.foreign === undefined ? undefined : query.foreign === 'true',
    since,
    until,
  };
}

const Withheld = Type.Object({
  length: Type.Integer({ description: 'Bytes of UTF-8.' }),
  sha256: Type.Optional(Type.String()),
  names: Type.Optional(Type.Array(Type.String())),
});
const Anything = Type.Record(Type.String(), Type.Unknown());

export const Entry = Type.Object({
  id: Type.String(),
  seq: Type.Integer({ description: 'Order of arrival.' }),
  org_id: Type.String(),
  project_id: Type.String(),
  ts: Time,
  received_at: Time,
  kind: words(ENTRY_KINDS),
  decision: Type.String(),
  tool_name: Type.String(),
  method: Type.String(),
  reason: Type.String(),
  reason_code: Type.String(),
  attribution: words(ATTRIBUTIONS, 'How it is known which rule decided.'),
  policy_id: Type.String({ description: 'The policy that decided, or what the SDK named where that is not known.' }),
  policy_name: nullable(Type.String()),
  policy_version: nullable(Type.Integer()),
  rule_id: nullable(Type.String()),
  rule_index: nullable(Type.Integer()),
  rule_tag: nullable(Type.String()),
  policy_ref: Type.String({ description: 'What the SDK named.' }),
  user: Type.String(),
  user_email: Type.String({ description: 'As claimed.' }),
  hostname: Type.String(),
  client: words(CLIENTS),
  mode: Type.String(),
  is_test: Type.Boolean(),
  foreign_project_id: nullable(Type.String({ description: 'The project that the row itself names.' })),
  key_id: nullable(Type.String()),
  machine_id: nullable(Type.String()),
  latency_ms: nullable(Type.Integer()),
  provider: nullable(Type.String()),
  model_id: nullable(Type.String()),
  input_tokens: nullable(Type.Integer()),
  output_tokens: nullable(Type.Integer()),
  estimated_cost_usd: nullable(Type.Number()),
  has_payload: Type.Boolean({ description: 'Whether arguments or payloads are kept and can be unmasked.' }),
  fields: Anything,
  other: Anything,
  withheld: Type.Record(Type.String(), Withheld),
  marks: Type.Array(Type.String(), { description: 'What is not kept exactly as it was sent.' }),
  requestor_email: nullable(Type.String()),
  trace_id: nullable(Type.String()),
  clock_skew_ms: nullable(Type.Integer()),
});

const Payload = Type.Object(
  {
    fields: Anything,
    row: Type.Optional(
      Type.String({ description: 'The row as sent, where numbers or nesting would change otherwise.' }),
    ),
  },
  { examples: [{ fields: { args: { command: 'rm -rf /tmp/x' } } }] },
);
export const SingleEntry = Type.Object({
  ...Entry.properties,
  payload: nullable(Payload),
});
export const Unmasked = Payload;

export const QuarantineQuery = Type.Object({
  ...PageQuery.properties,
  reason: Type.Optional(words(QUARANTINE_REASONS)),
});
export const QuarantineParams = Type.Object({ projectID: Id, seq: Type.Integer({ minimum: 1 }) });

const Quarantined = Type.Object({
  seq: Type.Integer(),
  reason: words(QUARANTINE_REASONS),
  entry_id: nullable(Type.String()),
  received_at: Time,
  is_test: Type.Boolean(),
  key_id: nullable(Type.String()),
  machine_id: nullable(Type.String()),
  size: Type.Integer({ description: 'Bytes as sent.' }),
  sha256: Type.String({ description: 'Of the bytes as sent.' }),
  form: words(['raw', 'redacted', 'erased']),
  sealed: Type.Boolean(),
});
export const QuarantinedRows = Type.Object({
  quarantine: Type.Array(Quarantined),
  next_cursor: nullable(Type.String()),
});
export const UnmaskedRow = Type.Object({
  ...Quarantined.properties,
  content: Type.String({ description: 'Base64.' }),
  text: nullable(Type.String({ description: 'The content as text; null where it is no UTF-8.' })),
});

/** A row in quarantine on the wire. */
export function quarantinedJson(row: Omit<QuarantineRow, 'content'>): Static<typeof Quarantined> {
  const { seq, reason, entry_id, key_id, machine_id, size, sha256, form } = row;
  return {
    seq,
    reason,
    entry_id,
    received_at: rfc3339(row.received_at),
    is_test: row.is_test === 1,
    key_id,
    machine_id,
    size,
    sha256,
    form,
    sealed: row.key_version !== null,
  };
}

export const Entries = Type.Object({ logs: Type.Array(Entry), next_cursor: nullable(Type.String()) });
