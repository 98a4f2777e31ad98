/** Announces new, changed and ended keys: `key:<id>` or `project:<id>` for all keys of a project. */
export const API_KEYS_CHANNEL = 'api-keys';

/** Test keys see the same rules, but nothing is blocked. */
export const KEY_MODES = ['live', 'test'] as const;
export type KeyMode = (typeof KEY_MODES)[number];

declare module '../../db/tables.ts' {
  interface StateTables {
    api_keys: ApiKeysTable;
  }
}

export interface ApiKeysTable {
  id: string;
  org_id: string;
  project_id: string;
  name: string;
  mode: KeyMode;
  /** JSON list of scopes. */
  scopes: string;
  /** SHA-256 of the key; the key itself is not kept. */
  digest: string;
  /** The first 12 characters, by which SDKs name their caches; unique in the organization, ended keys included. */
  prefix: string;
  /** The person who made it; null for operators and the appliance itself. */
  created_by: string | null;
  /** Who made it, as people read it. */
  created_by_label: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  /** Written in batches, so up to half a minute behind. */
  last_used_at: number | null;
  /** The key that took its place; it expires soon or has expired. */
  rotated_to: string | null;
}

declare module '../../kernel/events.ts' {
  interface DomainEvents {
    /** A key ends at `endsAt`: now when it was revoked or its project went, later when it was rotated with an overlap. */
    'api-key.revoked': { keyId: string; orgId: string; projectId: string; endsAt: number; at: number };
  }
}
