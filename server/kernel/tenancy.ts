import type { Role } from './actor.ts';

/** What the organizations feature tells the kernel about who belongs where. */
export interface Tenancy {
  /** The caller's role in an organization, or null: not a member, or no such organization. */
  role(userId: string, orgId: string): Promise<Role | null>;
  /** The organization that owns a project, or null when there is no such project. */
  orgOfProject(projectId: string): Promise<string | null>;
}

/** The organization and project that the access check settled for a request. */
export interface Tenant {
  orgId: string;
  /** Null on routes of an organization. */
  projectId: string | null;
  /** The caller's role; null for keys and machines. */
  role: Role | null;
}
