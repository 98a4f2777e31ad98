import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditOperation } from '../../../db/audit-group.ts';
import type { AuditSql } from '../../../db/audit-sql.ts';
import type { QuarantineReason } from '../schema.ts';
import { readBatch } from './batch.ts';
import { draftEntry, ENTRY_COLUMNS, type EntryDraft, entryKey, PAYLOAD_COLUMNS } from './entry.ts';
import type { IngestContext, IngestPayload, IngestResult, RowResult } from './messages.ts';
import { type Aside, draftQuarantine, QUARANTINE_COLUMNS } from './quarantine.ts';
import type { ReadableRow, UnreadableRow } from './row.ts';
import { sdksOf } from './sdk-version.ts';
import { storedDigests } from './stored-digests.ts';

const MOST_CONFLICTS_TOLD = 100;
const ROWS_AT_A_TIME = 200;

type Outcome =
  | { status: 'accepted'; draft: EntryDraft; row: ReadableRow }
  | { status: 'dropped'; id: string }
  | { status: 'rejected'; aside: Aside };

/**
 * Takes a batch of rows as it came over the wire: reads, redacts and stores them. On SQLite all of it happens in the
 * writer's thread, so that the event loop of the server only hands bytes over: reading a row costs more than storing
 * it. Content never makes it throw.
 */
export const ingestEntries: AuditOperation<IngestPayload, IngestResult> = {
  name: 'audit.ingest',
  async run(sql, { body, context }) {
    const batch = readBatch(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    if ('problem' in batch) return { ...resultOf([], context), problem: batch.problem };
    const outcomes = await storeEntries(sql, batch.rows, context);
    await storePayloads(sql, outcomes);
    await storeAsides(sql, outcomes, context);
    return resultOf(outcomes, context);
  },
};

async function storeEntries(
  sql: AuditSql,
  rows: Iterable<ReadableRow | UnreadableRow>,
  context: IngestContext,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting: { index: number; row: ReadableRow; draft: EntryDraft }[] = [];
  let index = 0;
  for (const row of rows) {
    if ('reason' in row) outcomes[index] = { status: 'rejected', aside: row };
    else waiting.push({ index, row, draft: draftEntry(row, context) });
    index += 1;
    // On PostgreSQL this is the thread that answers requests.
    if (sql.dialect === 'postgres' && index % ROWS_AT_A_TIME === 0) await nextTurn();
  }
  const elsewhere = await storedElsewhere(sql, waiting);
  const fresh = waiting.filter(({ index, row, draft }) => {
    const stored = elsewhere.get(draft);
    if (stored !== undefined) outcomes[index] = repeated(row, stored);
    return stored === undefined;
  });
  const inserted = await sql.insertNew({
    table: 'entries',
    columns: ENTRY_COLUMNS,
    key: ['entry_key'],
    rows: fresh.map(({ draft }) => draft.values),
  });
  const doubles = fresh.filter((_, position) => !inserted[position]);
  const digests = await storedDigests(
    sql,
    doubles.map(({ draft }) => draft.key),
  );
  for (const [position, { index, row, draft }] of fresh.entries()) {
    outcomes[index] = inserted[position]
      ? { status: 'accepted', draft, row }
      : repeated(row, digests.get(draft.key.toString('hex')));
  }
  return outcomes;
}

/** Digests that rows naming another project of the organization have there already. */
async function storedElsewhere(
  sql: AuditSql,
  waiting: readonly { draft: EntryDraft }[],
): Promise<Map<EntryDraft, Buffer>> {
  const siblings = waiting.filter(({ draft }) => draft.claim.relation === 'sibling');
  const found = new Map<EntryDraft, Buffer>();
  if (siblings.length === 0) return found;
  const keys = siblings.map(({ draft }) => entryKey(draft.claim.foreignProject ?? '', draft.id));
  const digests = await storedDigests(sql, keys);
  for (const [position, { draft }] of siblings.entries()) {
    const digest = digests.get(keys[position]!.toString('hex'));
    if (digest !== undefined) found.set(draft, digest);
  }
  return found;
}

function repeated(row: ReadableRow, stored: Buffer | undefined): Outcome {
  if (stored?.equals(row.digest) === true) return { status: 'dropped', id: row.id };
  return { status: 'rejected', aside: { origin: row.origin, reason: 'conflict', id: row.id, fields: row.fields } };
}

async function storePayloads(sql: AuditSql, outcomes: readonly Outcome[]): Promise<void> {
  const rows = outcomes.flatMap((outcome) =>
    outcome.status === 'accepted' && outcome.draft.payload !== null ? [outcome.draft.payload] : [],
  );
  if (rows.length > 0)
    await sql.insertNew({ table: 'entry_payloads', columns: PAYLOAD_COLUMNS, key: ['entry_key'], rows });
}

async function storeAsides(sql: AuditSql, outcomes: readonly Outcome[], context: IngestContext): Promise<void> {
  const rows = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [draftQuarantine(outcome.aside, context)] : [],
  );
  if (rows.length > 0) {
    await sql.insertNew({ table: 'quarantine', columns: QUARANTINE_COLUMNS, key: ['quarantine_key'], rows });
  }
}

function resultOf(outcomes: readonly Outcome[], { verbose }: IngestContext): IngestResult {
  const counts = { accepted: 0, rejected: 0, dropped: 0 };
  const quarantined: Partial<Record<QuarantineReason, number>> = {};
  const conflicts = new Set<string>();
  let guardedCalls = 0;
  for (const outcome of outcomes) {
    counts[outcome.status] += 1;
    if (outcome.status === 'accepted') {
      const { kind, claim } = outcome.draft;
      if (kind === 'decision' && claim.relation === 'own') guardedCalls += 1;
    } else if (outcome.status === 'rejected') {
      const { reason, id } = outcome.aside;
      quarantined[reason] = (quarantined[reason] ?? 0) + 1;
      if (reason === 'conflict' && id !== null && conflicts.size < MOST_CONFLICTS_TOLD) conflicts.add(id);
    }
  }
  const accepted = outcomes.flatMap((outcome) => (outcome.status === 'accepted' ? [outcome.row.fields] : []));
  return {
    ...counts,
    guardedCalls,
    conflicts: [...conflicts],
    quarantined,
    sdks: sdksOf(accepted),
    ...(verbose && { results: outcomes.map(rowResult) }),
  };
}

function rowResult(outcome: Outcome, index: number): RowResult {
  switch (outcome.status) {
    case 'accepted':
      return { index, id: outcome.draft.id, status: 'accepted' };
    case 'dropped':
      return { index, id: outcome.id, status: 'dropped' };
    case 'rejected':
      return { index, id: outcome.aside.id, status: 'rejected', reason: outcome.aside.reason };
  }
}
