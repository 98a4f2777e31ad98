import { conflict, notFound } from '../../kernel/errors.ts';
import { isAssigned } from './assignment-store.ts';
import { findPolicy, type PolicyRow, type Reader, type Scope } from './store.ts';

/**
 * A policy that the scope may read: a project's own and the organization policies it uses; every policy of an
 * organization. 404 for any other, another tenant's included.
 */
export async function readablePolicy(reader: Reader, scope: Scope, policyId: string): Promise<PolicyRow> {
  const row = await findPolicy(reader, policyId);
  if (row === null || row.org_id !== scope.orgId) throw unknown(policyId);
  if (scope.projectId === null || row.project_id === scope.projectId) return row;
  if (row.project_id !== null || !(await isAssigned(reader, policyId, scope.projectId))) throw unknown(policyId);
  return row;
}

/** A policy that the scope may change: exactly its own. One that it can only read is refused with 409 and the place to go. */
export async function ownPolicy(reader: Reader, scope: Scope, policyId: string): Promise<PolicyRow> {
  const row = await readablePolicy(reader, scope, policyId);
  if (row.project_id === scope.projectId) return row;
  if (row.project_id === null) {
    throw conflict(
      'ORG_POLICY',
      `This policy belongs to the organization and may be used by several projects. Change it under /api/orgs/${row.org_id}/policies/${row.id}, or unassign it from the project.`,
    );
  }
  throw conflict(
    'PROJECT_POLICY',
    `This policy belongs to a project. Change it under /api/projects/${row.project_id}/policies/${row.id}.`,
  );
}

function unknown(policyId: string) {
  return notFound(`The policy ${policyId}`);
}
