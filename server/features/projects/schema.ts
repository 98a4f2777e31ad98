import type {
  DefaultAction,
  DefaultOnEmpty,
  DefaultOnMissing,
  DefaultOnTamper,
} from '../../policy/document/document.ts';

/** Announces new, changed and removed projects; the payload is the project's id. */
export const PROJECTS_CHANNEL = 'projects';

declare module '../../db/tables.ts' {
  interface StateTables {
    projects: ProjectsTable;
  }
}

export interface ProjectsTable {
  id: string;
  /** `proj_` and 16 hexadecimal characters: the id in contracts that do not use UUIDs. */
  public_id: string;
  org_id: string;
  /** Unique in the organization. */
  name: string;
  /** May be empty. */
  description: string;
  default_action: DefaultAction;
  default_on_missing: DefaultOnMissing;
  default_on_empty: DefaultOnEmpty;
  default_on_tamper: DefaultOnTamper;
  created_at: number;
  updated_at: number;
}

declare module '../../kernel/events.ts' {
  interface DomainEvents {
    'project.deleted': { projectId: string; orgId: string; at: number };
  }
}
