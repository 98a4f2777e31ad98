import type { IngestContext } from './messages.ts';
import { cut, storable } from './text.ts';

/**
 * Whose row it is.
 * `own`: of the project it is stored under. `sibling`: names another project of the organization. `stranger`: names a
 * project of another organization, or none that is known.
 */
export interface Claim {
  readonly relation: 'own' | 'sibling' | 'stranger';
  /** The project it is stored under. */
  readonly projectId: string;
  /** The project that a sibling's or stranger's row names; null for an own row. */
  readonly foreignProject: string | null;
}

/**
 * Judges the `project_id` that a row names. A key stores under its own project whatever the row says, because a spool
 * may deliver rows of an earlier key; of a machine the row's own claim counts within the machine's organization.
 */
export function claimOf(
  claimed: unknown,
  { projectId, orgProjects, machineId }: Pick<IngestContext, 'projectId' | 'orgProjects' | 'machineId'>,
): Claim {
  if (claimed === undefined || claimed === null || claimed === '' || claimed === projectId) {
    return { relation: 'own', projectId, foreignProject: null };
  }
  const known = orgProjects.find((project) => project.id === claimed || project.publicId === claimed);
  if (known === undefined) {
    const named = cut(storable(typeof claimed === 'string' ? claimed : typeof claimed), 64);
    return { relation: 'stranger', projectId, foreignProject: named };
  }
  if (known.id === projectId || machineId !== null)
    return { relation: 'own', projectId: known.id, foreignProject: null };
  return { relation: 'sibling', projectId, foreignProject: known.id };
}
