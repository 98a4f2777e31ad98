import type { Reader, Writer } from './store.ts';

/** The projects that use an organization policy, in a fixed order. */
export async function assignedProjects(reader: Reader, policyId: string): Promise<string[]> {
  const rows = await reader
    .selectFrom('policy_assignments')
    .select('project_id')
    .where('policy_id', '=', policyId)
    .orderBy('project_id')
    .execute();
  return rows.map((row) => row.project_id);
}

/** The same for several policies at once, by policy id. */
export async function assignmentsOf(reader: Reader, policyIds: readonly string[]): Promise<Map<string, string[]>> {
  const byPolicy = new Map<string, string[]>(policyIds.map((id) => [id, []]));
  if (policyIds.length === 0) return byPolicy;
  const rows = await reader
    .selectFrom('policy_assignments')
    .select(['policy_id', 'project_id'])
    .where('policy_id', 'in', policyIds)
    .orderBy('project_id')
    .execute();
  for (const row of rows) byPolicy.get(row.policy_id)?.push(row.project_id);
  return byPolicy;
}

export async function isAssigned(reader: Reader, policyId: string, projectId: string): Promise<boolean> {
  const row = await reader
    .selectFrom('policy_assignments')
    .select('policy_id')
    .where('policy_id', '=', policyId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Returns whether the project did not use it before. */
export async function insertAssignment(trx: Writer, policyId: string, projectId: string, at: number): Promise<boolean> {
  const result = await trx
    .insertInto('policy_assignments')
    .values({ policy_id: policyId, project_id: projectId, created_at: at })
    .onConflict((conflict) => conflict.columns(['policy_id', 'project_id']).doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** Returns whether the project used it before. */
export async function deleteAssignment(trx: Writer, policyId: string, projectId: string): Promise<boolean> {
  const result = await trx
    .deleteFrom('policy_assignments')
    .where('policy_id', '=', policyId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}

export async function deleteAssignments(trx: Writer, policyId: string): Promise<void> {
  await trx.deleteFrom('policy_assignments').where('policy_id', '=', policyId).execute();
}
