import type { Flag } from '../../db/tables.ts';
import type { RuleOrigin } from '../../policy/bundle/index.ts';

/** Announces that what a project delivers has changed; the payload is the project's id. */
export const BUNDLES_CHANNEL = 'bundles';

/** What kind of API key a build is for. Live keys never see the test build. */
export const BUILD_MODES = ['live', 'test'] as const;
export type BuildMode = (typeof BUILD_MODES)[number];

/** `active` signs and encrypts; `retired` only opens and signs what was made for it before; `revoked` does nothing. */
export type KeyStatus = 'active' | 'retired' | 'revoked';

/** What every process remembers of a rule that was ever delivered. */
export interface RuleTagFacts {
  org_id: string;
  /** `r` and the number, which goes up within an organization. */
  tag: string;
  /** Null for a rule of an organization policy. */
  project_id: string | null;
  policy_id: string;
  policy_name: string;
  version: number;
  /** Position in the document's list of rules. */
  rule_index: number;
  /** The author's own id of the rule. */
  rule_id: string | null;
  created_at: number;
}

declare module '../../db/tables.ts' {
  interface StateTables {
    signing_keys: SigningKeysTable;
    project_keys: ProjectKeysTable;
    builds: BuildsTable;
    bundles: BundlesTable;
    rule_tags: RuleTagsTable;
    seen_sdks: SeenSdksTable;
  }
  interface AuditTables {
    rule_tags: RuleTagFacts;
  }
}

declare module '../../kernel/events.ts' {
  interface DomainEvents {
    /** What a project delivers has changed. */
    'bundle.changed': { orgId: string; projectId: string; etag: string; policyVersion: number; at: number };
    /** A stored build does not fit its signature or digest; its project answers 409 until it is built anew. */
    'bundle.tampered': { orgId: string; projectId: string; at: number };
    /** Machines that pinned this signing key have to enroll again. */
    'signing-key.revoked': { orgId: string; kid: string; at: number };
    /** An SDK named itself: `python_sdk`, `go_sdk`, … with its version. */
    'sdk.seen': { projectId: string; name: string; version: string };
  }
}

/** The Ed25519 keys of organizations; all but the newest are kept, because enrolled machines pin the one they met. */
export interface SigningKeysTable {
  id: string;
  org_id: string;
  version: number;
  kid: string;
  /** The raw 32 bytes. */
  public_key: Buffer;
  /** Sealed as `signing.org-key`. */
  seed: Buffer;
  status: KeyStatus;
  created_at: number;
  retired_at: number | null;
}

/** The AES-256 keys that bundles of a project are encrypted with. */
export interface ProjectKeysTable {
  id: string;
  project_id: string;
  version: number;
  /** Sealed as `project.key`. */
  key: Buffer;
  status: KeyStatus;
  created_at: number;
  retired_at: number | null;
}

/** One bundle as it was signed. Never changed; only the bytes of long superseded ones are dropped. */
export interface BuildsTable {
  id: string;
  project_id: string;
  mode: BuildMode;
  bytes: Buffer | null;
  size: number;
  /** SHA-256 of the bytes, lower-case hexadecimal: the ETag. */
  digest: string;
  /** Ed25519 over the whole bytes, as `X-Policy-Signature` carries it. */
  signature: Buffer;
  /** SHA-256 of the canonical payload: equal when the meaning is equal. */
  payload_digest: string;
  signing_key_id: string;
  project_key_id: string;
  key_version: number;
  policy_count: number;
  min_sdk_version: string | null;
  /** JSON list of `RuleOrigin`: what `rule-<n>` stands for in this build. */
  rule_index: string;
  reason: string;
  created_at: number;
  /** When another build took its place; null while it is delivered. */
  superseded_at: number | null;
}

/** What a project delivers now. */
export interface BundlesTable {
  project_id: string;
  org_id: string;
  live_build_id: string;
  test_build_id: string;
  /** Goes up whenever bootstrap hands out another key. */
  key_version: number;
  /** Goes up with every change of what is delivered: the larger of one more and the Unix time in seconds. */
  policy_version: number;
  /** Goes up with every change of the row: compared and set. */
  revision: number;
  withdrawn_at: number | null;
  flagged_at: number | null;
  /** JSON `TamperFlag`; null while the stored builds are as they were signed. */
  flag: string | null;
  updated_at: number;
}

/** Why a project is flagged as tampered. */
export interface TamperFlag {
  mode: BuildMode;
  build_id: string;
  /** Which check failed: `digest`, or the code of the bundle reader. */
  check: string;
  expected_digest: string;
  found_digest: string;
}

export interface RuleTagsTable extends RuleTagFacts {
  number: number;
  /** Whether the audit database has it. */
  in_audit: Flag;
}

export interface SeenSdksTable {
  project_id: string;
  name: string;
  version: string;
  last_seen_at: number;
}

/** The parsed `rule_index` of a build. */
export function readRuleIndex(stored: string): RuleOrigin[] {
  return JSON.parse(stored) as RuleOrigin[];
}
