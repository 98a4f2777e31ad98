import type { Generated } from 'kysely';
import type { Flag } from '../../db/tables.ts';
import type { Client } from './ingest/clients.ts';

declare module '../../db/tables.ts' {
  interface StateTables {
    audit_keys: AuditKeysTable;
    payload_erasures: PayloadErasuresTable;
  }
  interface AuditTables {
    entries: EntriesTable;
    entry_payloads: EntryPayloadsTable;
    quarantine: QuarantineTable;
  }
}

/** What an entry tells of: a decision, a finding beside one, or something that happened to the SDK itself. */
export const ENTRY_KINDS = ['decision', 'dlp', 'credential', 'lifecycle'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** One row that an SDK reported. Append-only. */
export interface EntriesTable {
  /** The order of arrival. */
  seq: Generated<number>;
  /** First 16 bytes of SHA-256 over project id, NUL, entry id: tells doubles. */
  entry_key: Buffer;
  org_id: string;
  /** The project of the key or machine that delivered the row, whatever the row claims. */
  project_id: string;
  /** As the SDK named it, cut to 64 characters. */
  entry_id: string;
  /** When it happened, as the SDK says; the time of arrival where that is not believable. */
  ts: number;
  received_at: number;
  kind: EntryKind;
  /** `allow`, `deny`, `warn`, `audit`, or another word that an SDK sent. */
  decision: string;
  tool: string;
  method: string;
  /** As sent, with the tag of the rule at its end. */
  reason: string;
  reason_code: string;
  /** `policy_id` as sent: a rule tag, `rule-<n>`, `synthetic:…` or empty. */
  policy_ref: string;
  /** The tag by which the deciding rule is known; null when the row carries none. */
  rule_tag: string | null;
  user_name: string;
  /** As claimed by the row or the request. */
  user_email: string;
  hostname: string;
  /** The canonical label of the client. */
  client: Client;
  mode: string;
  is_test: Flag;
  /** What the row itself names as its project where that is another one; such rows are left out of statistics. */
  foreign_project: string | null;
  key_id: string | null;
  machine_id: string | null;
  latency_ms: number | null;
  provider: string | null;
  model: string | null;
  input_tokens: number | null;
  output_tokens: number | null;
  /** Estimated cost in millionths of a US dollar. */
  cost_micros: number | null;
  /** SHA-256 over the row as sent. */
  digest: Buffer;
  /** SHA-256 over salt and payload; null where no payload is kept. */
  payload_digest: Buffer | null;
  /** JSON `EntryDetails`. */
  details: string;
}

/** Everything of a row that has no column of its own. */
export interface EntryDetails {
  /** Known fields as sent. */
  fields: Record<string, unknown>;
  /** Numbers, booleans and nulls of fields that are not known. */
  other?: Record<string, unknown>;
  /** What is known of arguments and payloads without their content. */
  withheld?: Record<string, Withheld>;
  /** Columns and fields that do not hold exactly what was sent. */
  marks?: string[];
  requestor_email?: string;
  trace_id?: string;
  /** How far the machine's clock was from ours, in milliseconds. */
  skew_ms?: number;
}

/** An argument or payload without its content. */
export interface Withheld {
  /** Bytes of UTF-8. */
  length: number;
  /** Lower-case hexadecimal; absent where the content itself is kept in the erasable table. */
  sha256?: string;
  /** Names of the arguments. */
  names?: string[];
}

/** Arguments and payloads, where the organization keeps them; may be erased without breaking an entry's digest. */
export interface EntryPayloadsTable {
  entry_key: Buffer;
  org_id: string;
  salt: Buffer;
  /** The data key it is sealed with; null when it is kept as it came. */
  key_version: number | null;
  /** JSON object of the fields, sealed or not. */
  content: Buffer;
}

export const QUARANTINE_REASONS = ['not_json', 'not_an_object', 'no_id', 'no_decision', 'conflict'] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

/** A row that could not become an entry. */
export interface QuarantineTable {
  seq: Generated<number>;
  /** First 16 bytes of SHA-256 over project, reason and content: one row however often it is sent. */
  quarantine_key: Buffer;
  org_id: string;
  project_id: string;
  reason: QuarantineReason;
  entry_id: string | null;
  received_at: number;
  is_test: Flag;
  key_id: string | null;
  machine_id: string | null;
  /** Bytes as sent. */
  size: number;
  /** Of the bytes as sent. */
  sha256: string;
  /** `raw`: the bytes as sent; `redacted`: a JSON object without arguments and payloads; `erased`: nothing any more. */
  form: 'raw' | 'redacted' | 'erased';
  /** The data key that the content is sealed with; null when it is kept as it is. */
  key_version: number | null;
  content: Buffer;
}

/** The data keys of organizations. */
export interface AuditKeysTable {
  org_id: string;
  version: number;
  /** 32 bytes sealed as `audit.org-key`. */
  sealed: Buffer;
  created_at: number;
}

/** Organizations that went and whose payloads still have to be erased. */
export interface PayloadErasuresTable {
  org_id: string;
  requested_at: number;
}
