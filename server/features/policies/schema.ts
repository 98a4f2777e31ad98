export const POLICY_STATUSES = ['live', 'draft', 'archived'] as const;
export type PolicyStatus = (typeof POLICY_STATUSES)[number];

export const SOURCE_FORMATS = ['yaml', 'json'] as const;
export type SourceFormat = (typeof SOURCE_FORMATS)[number];

declare module '../../db/tables.ts' {
  interface StateTables {
    policies: PoliciesTable;
    policy_versions: PolicyVersionsTable;
    policy_assignments: PolicyAssignmentsTable;
  }
}

declare module '../../kernel/events.ts' {
  interface DomainEvents {
    /** A policy was created, changed, published, assigned or removed; `projectIds` are those whose bundle was rebuilt. */
    'policy.changed': {
      orgId: string;
      projectId: string | null;
      policyId: string;
      verb: string;
      version: number;
      projectIds: readonly string[];
      at: number;
    };
  }
}

export interface PoliciesTable {
  id: string;
  org_id: string;
  /** Null: a policy of the organization, in force where it is assigned. */
  project_id: string | null;
  /** The project, or the organization where there is none: names are unique within it. */
  owner_id: string;
  name: string;
  description: string;
  /** Higher is tried first. */
  priority: number;
  status: PolicyStatus;
  /** The newest version; a draft when it is not the live one. */
  current_version: number;
  /** The version in force; null while the policy is a draft or archived. */
  live_version: number | null;
  /** Raised by every change of the row, so that no change overwrites one that it has not seen. */
  revision: number;
  created_at: number;
  updated_at: number;
  /** A removed policy keeps its versions: old audit rows name its rules. */
  deleted_at: number | null;
}

/** The content of a version never changes once it was in force; rule tags name (policy, version, rule). */
export interface PolicyVersionsTable {
  policy_id: string;
  version: number;
  /** Canonical JSON. */
  document: string;
  /** The text as its author wrote it. */
  source: string;
  source_format: SourceFormat;
  rule_count: number;
  note: string;
  author_id: string;
  author_label: string;
  created_at: number;
  /** When it first came into force; null for a draft. */
  published_at: number | null;
}

/** An organization policy that a project uses. */
export interface PolicyAssignmentsTable {
  policy_id: string;
  project_id: string;
  created_at: number;
}
