import type { Role } from '../../kernel/actor.ts';
import type { Tier } from '../../kernel/license-gate.ts';

/** Announces any change of organizations, memberships and their roles; the payload is the organization's id. */
export const ORGS_CHANNEL = 'orgs';

export const PRODUCT_TYPES = ['solo', 'teams'] as const;
export type ProductType = (typeof PRODUCT_TYPES)[number];

/** In a suspended organization nobody has access; what its keys and machines do goes on. */
export const ORG_STATUSES = ['active', 'suspended'] as const;
export type OrgStatus = (typeof ORG_STATUSES)[number];

declare module '../../db/tables.ts' {
  interface StateTables {
    orgs: OrgsTable;
    memberships: MembershipsTable;
    invites: InvitesTable;
  }
}

export interface OrgsTable {
  id: string;
  name: string;
  /** Unique on the appliance. */
  slug: string;
  /** What the organization may use at most; the license may allow less. */
  tier: Tier;
  product_type: ProductType;
  status: OrgStatus;
  /** JSON: the settings that were chosen; what is absent has its standard value. */
  settings: string;
  /** Null: the standard of the tier. */
  audit_retention_days: number | null;
  created_at: number;
  updated_at: number;
}

export interface MembershipsTable {
  id: string;
  org_id: string;
  user_id: string;
  role: Role;
  created_at: number;
  updated_at: number;
}

/** Outstanding invites only: accepting or revoking one removes its row, so it works once. */
export interface InvitesTable {
  id: string;
  org_id: string;
  /** Lower case; one outstanding invite per address and organization. */
  email: string;
  role: Role;
  /** SHA-256 of the token. */
  digest: string;
  invited_by: string | null;
  /** Who invited, as people read it. */
  invited_by_label: string;
  created_at: number;
  expires_at: number;
  /** The state's epoch at issue: used invites that a restore brought back do not count. */
  epoch: number;
}

declare module '../../kernel/events.ts' {
  interface DomainEvents {
    'org.deleted': { orgId: string; at: number };
    /** `role` is null when the person left or was removed. */
    'membership.changed': { orgId: string; userId: string; role: Role | null; at: number };
  }
}
