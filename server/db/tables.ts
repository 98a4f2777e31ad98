import type { Generated } from 'kysely';

/**
 * The tables of the state database: small and precious.
 *
 * Every feature adds its own tables from its `schema.ts`:
 *
 *     declare module '../../db/tables.ts' {
 *       interface StateTables { users: UsersTable }
 *     }
 *
 * Column types are the portable subset of both engines: `string` for text and JSON, `number` for times (milliseconds
 * since the Unix epoch, UTC) and integers, `Flag` for booleans, `Buffer` for bytes.
 */
export interface StateTables {
  activity_outbox: ActivityOutboxTable;
  settings: SettingsTable;
  feature_flags: FeatureFlagsTable;
  idempotency_keys: IdempotencyKeysTable;
  kek: KekTable;
  epoch: EpochTable;
}

/** The tables of the audit database: large and append-only; extended by features like `StateTables`. */
export interface AuditTables {
  activity: ActivityTable;
}

/** A boolean as both engines store it. */
export type Flag = 0 | 1;

/** An administrative change, written in the transaction of the change itself and moved into the ledger afterwards. */
export interface ActivityOutboxTable {
  /** UUIDv7; the same id in the ledger, which makes the move happen exactly once. */
  id: string;
  org_id: string | null;
  project_id: string | null;
  at: number;
  /** `noun.verb`, as the route declares it. */
  verb: string;
  /** What acted: `user`, `api_key`, `machine`, `operator`, `system`, … */
  actor_kind: string;
  actor_id: string | null;
  /** What a reader should see, kept as it was at the time of the change. */
  actor_label: string | null;
  target_type: string | null;
  target_id: string | null;
  request_id: string | null;
  ip: string | null;
  /** JSON object; never holds a secret. */
  details: string;
}

/** The activity ledger: the outbox columns in the order in which they arrived. */
export interface ActivityTable extends ActivityOutboxTable {
  seq: Generated<number>;
}

/** Settings that operators change while the server runs; what is not here has its documented default. */
export interface SettingsTable {
  key: string;
  /** JSON value. */
  value: string;
  updated_at: number;
  updated_by: string | null;
}

/** Feature flags, for the whole appliance (`org_id` empty) or for one org. */
export interface FeatureFlagsTable {
  flag: string;
  /** The org id, or the empty string for the whole appliance. */
  org_id: string;
  enabled: Flag;
  updated_at: number;
  updated_by: string | null;
}

/** Answers already given to requests that carried an idempotency key. */
export interface IdempotencyKeysTable {
  /** Who asked and on which route; the same key from somebody else is another key. */
  scope: string;
  key: string;
  /** SHA-256 of the request, to refuse the same key with another request. */
  request_hash: string;
  /** HTTP status of the answer; null while the first request is still at work. */
  status: number | null;
  /** The answer's body, sealed by the keyring; null when it had none. */
  body: Buffer | null;
  created_at: number;
  expires_at: number;
}

/** Key-encryption keys, wrapped by the master key. */
export interface KekTable {
  purpose: string;
  version: number;
  master_key_id: string;
  wrapped: Buffer;
  created_at: number;
}

/** One row: how often this state has been restored, so that what was handed out before a restore can be told apart. */
export interface EpochTable {
  /** Always 1. */
  id: number;
  epoch: number;
  raised_at: number;
  reason: string;
}
