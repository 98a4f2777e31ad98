import { rfc3339 } from '../../kernel/clock.ts';
import { shownReason } from './ingest/rule-tag.ts';
import type { EntryDetails } from './schema.ts';
import type { EntryRow } from './store.ts';

/** How it is known which rule decided. */
export const ATTRIBUTIONS = ['tag', 'build', 'synthetic', 'unresolved', 'none'] as const;
export type Attribution = (typeof ATTRIBUTIONS)[number];

/** The rule that decided. */
export interface DecidedBy {
  attribution: Attribution;
  policyId: string | null;
  policyName: string | null;
  policyVersion: number | null;
  ruleId: string | null;
  /** Position in the document's list of rules, from 0. */
  ruleIndex: number | null;
}

/** An entry as people and programs read it; fields that SDKs send keep their names. */
export function entryView(row: EntryRow, by: DecidedBy) {
  const details = JSON.parse(row.details) as EntryDetails;
  return {
    id: row.entry_id,
    seq: row.seq,
    org_id: row.org_id,
    project_id: row.project_id,
    ts: rfc3339(row.ts),
    received_at: rfc3339(row.received_at),
    kind: row.kind,
    decision: row.decision,
    tool_name: row.tool,
    method: row.method,
    reason: shownReason(row.reason, row.rule_tag),
    reason_code: row.reason_code,
    attribution: by.attribution,
    policy_id: by.policyId ?? row.policy_ref,
    policy_name: by.policyName,
    policy_version: by.policyVersion,
    rule_id: by.ruleId,
    rule_index: by.ruleIndex,
    rule_tag: row.rule_tag,
    policy_ref: row.policy_ref,
    user: row.user_name,
    user_email: row.user_email,
    hostname: row.hostname,
    client: row.client,
    mode: row.mode,
    is_test: row.is_test === 1,
    foreign_project_id: row.foreign_project,
    key_id: row.key_id,
    machine_id: row.machine_id,
    latency_ms: row.latency_ms,
    provider: row.provider,
    model_id: row.model,
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    estimated_cost_usd: row.cost_micros === null ? null : row.cost_micros / 1_000_000,
    has_payload: row.payload_digest !== null,
    fields: details.fields,
    other: details.other ?? {},
    withheld: details.withheld ?? {},
    marks: details.marks ?? [],
    requestor_email: details.requestor_email ?? null,
    trace_id: details.trace_id ?? null,
    clock_skew_ms: details.skew_ms ?? null,
  };
}

export type EntryView = ReturnType<typeof entryView>;
