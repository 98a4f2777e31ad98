import { Type } from 'typebox';
import { member } from '../../kernel/access.ts';
import { Id } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { PolicyParts } from './parts.ts';
import { scopeOf } from './requests.ts';
import { changedJson } from './views.ts';
import { AssignBody, AssignProjectsBody, ChangedPolicy } from './wire.ts';

/** Which projects use a policy of their organization; from the project's side, and from the organization's for many. */
export function assignmentRoutes(app: Surface, { assignments, catalogue }: PolicyParts): void {
  const access = member('admin');
  const projectParams = Type.Object({ projectID: Id });
  const policyParams = Type.Object({ orgID: Id, policyID: Id });

  for (const verb of ['assign', 'unassign'] as const) {
    const summary =
      verb === 'assign' ? 'Use a policy of the organization' : 'No longer use a policy of the organization';
    app.post(
      `/api/projects/:projectID/policies/${verb}`,
      {
        schema: {
          summary: `${summary} in this project`,
          tags: ['policies'],
          params: projectParams,
          body: AssignBody,
          response: { 200: ChangedPolicy },
        },
        config: { access, activity: `policy.${verb}` },
      },
      async (request) => {
        const { context, params, body } = request;
        const change = await assignments[verb](context, scopeOf(request).orgId, {
          policyId: body.policy_id,
          projectIds: [params.projectID],
          acceptOlderSdks: body.accept_older_sdk_impact,
        });
        return changedJson(change, await catalogue.assignedTo(change.policy));
      },
    );
    app.post(
      `/api/orgs/:orgID/policies/:policyID/${verb}`,
      {
        schema: {
          summary: `${summary} in several projects at once`,
          tags: ['org policies'],
          params: policyParams,
          body: AssignProjectsBody,
          response: { 200: ChangedPolicy },
        },
        config: { access, activity: `policy.${verb}` },
      },
      async (request) => {
        const { context, params, body } = request;
        const change = await assignments[verb](context, params.orgID, {
          policyId: params.policyID,
          projectIds: body.project_ids,
          acceptOlderSdks: body.accept_older_sdk_impact,
        });
        return changedJson(change, await catalogue.assignedTo(change.policy));
      },
    );
  }
}
