import { Type } from 'typebox';
import { operator } from '../../kernel/access.ts';
import { notFound } from '../../kernel/errors.ts';
import { none } from '../../kernel/route-config.ts';
import { Id } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import { requiredDocument } from './document-input.ts';
import type { PolicyParts } from './parts.ts';
import type { OrgLookup, ProjectLookup } from './ports.ts';
import { pageOf, wishOf } from './requests.ts';
import { simulationOf } from './routes.simulation.ts';
import { changedJson, policyJson, validationJson } from './views.ts';
import { SimulationBody, simulationJson } from './wire.simulation.ts';
import { ApplyBody, DocumentBody, ListQuery } from './wire.ts';

/** `czctl policy list|validate|test|apply`: the policies of a project, and `list` and `apply` for an organization's own. */
export function policiesOperatorRoutes(
  app: Surface,
  parts: PolicyParts,
  projects: ProjectLookup,
  orgs: OrgLookup,
): void {
  const { policies, catalogue, simulator } = parts;
  const access = operator();
  const ofProject = '/operator/projects/:projectID/policies';
  const ofOrg = '/operator/orgs/:orgID/policies';
  const params = Type.Object({ projectID: Id });
  const orgParams = Type.Object({ orgID: Id });
  const scopeOf = async (projectId: string) => {
    const project = await projects.find(projectId);
    if (project === null) throw notFound(`The project ${projectId}`);
    return { orgId: project.org_id, projectId };
  };

  app.get(
    ofProject,
    { schema: { summary: 'List the policies of a project', params, querystring: ListQuery }, config: { access } },
    async ({ params: { projectID }, query }) => {
      const { rows, next } = await catalogue.list(await scopeOf(projectID), query, pageOf(query));
      return { policies: rows.map((row) => policyJson(row, query.include === 'document')), next_cursor: next };
    },
  );
  app.get(
    ofOrg,
    {
      schema: { summary: 'List all policies of an organization', params: orgParams, querystring: ListQuery },
      config: { access },
    },
    async ({ params: { orgID }, query }) => {
      const { id: orgId } = await orgs.get(orgID);
      const { rows, next } = await catalogue.list({ orgId, projectId: null }, query, pageOf(query));
      return { policies: rows.map((row) => policyJson(row, query.include === 'document')), next_cursor: next };
    },
  );
  app.post(
    `${ofProject}/apply`,
    {
      schema: { summary: 'Create or change a policy by its name', params, body: ApplyBody },
      config: { access, activity: 'policy.apply' },
    },
    async (request) => {
      const scope = await scopeOf(request.params.projectID);
      const change = await policies.apply(request.context, scope, { ...wishOf(request), name: request.body.name });
      return { outcome: change.outcome, ...changedJson(change, []) };
    },
  );
  app.post(
    `${ofOrg}/apply`,
    {
      schema: { summary: "Create or change an organization's policy by its name", params: orgParams, body: ApplyBody },
      config: { access, activity: 'policy.apply' },
    },
    async (request) => {
      const scope = { orgId: request.params.orgID, projectId: null };
      const change = await policies.apply(request.context, scope, { ...wishOf(request), name: request.body.name });
      return { outcome: change.outcome, ...changedJson(change, await catalogue.assignedTo(change.policy)) };
    },
  );
  app.post(
    `${ofProject}/validate`,
    {
      schema: { summary: 'Judge a policy document', params, body: DocumentBody },
      config: { access, activity: none('judges a document and changes nothing') },
    },
    async (request) =>
      validationJson(await catalogue.judge(await scopeOf(request.params.projectID), requiredDocument(request))),
  );
  app.post(
    `${ofProject}/simulate`,
    {
      schema: { summary: 'Decide calls, or run test cases', params, body: SimulationBody },
      config: { access, activity: none('decides about calls that nobody made and stores nothing') },
    },
    async (request) =>
      simulationJson(await simulator.simulate(await scopeOf(request.params.projectID), simulationOf(request))),
  );
}
