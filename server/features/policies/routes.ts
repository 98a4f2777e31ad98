import { member } from '../../kernel/access.ts';
import { nullable } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { PolicyParts } from './parts.ts';
import { changeWishOf, pageOf, scopeOf, wishOf } from './requests.ts';
import { changedJson, policyDetailJson, policyJson } from './views.ts';
import {
  ChangedPolicy,
  DeleteQuery,
  NewPolicy,
  OrgListQuery,
  ownerParams,
  Policies,
  PolicyDetail,
  PolicyPatch,
  PublishBody,
  policyParams,
  RemovedPolicy,
  RollbackBody,
} from './wire.ts';

/** A family of routes: the same for the policies of a project and for those of an organization. */
export interface PolicyFamily {
  base: '/api/projects/:projectID/policies' | '/api/orgs/:orgID/policies';
  owner: 'projectID' | 'orgID';
  tag: string;
  /** `a project` or `an organization`, for the titles. */
  of: string;
}

export const FAMILIES: readonly PolicyFamily[] = [
  { base: '/api/projects/:projectID/policies', owner: 'projectID', tag: 'policies', of: 'a project' },
  { base: '/api/orgs/:orgID/policies', owner: 'orgID', tag: 'org policies', of: 'an organization' },
];

/** Policies of a project or an organization: list, create, read, change, publish, roll back, remove. */
export function policyRoutes(app: Surface, family: PolicyFamily, { policies, catalogue }: PolicyParts): void {
  const { base, of } = family;
  const tags = [family.tag];
  const params = ownerParams(family.owner);
  const oneParams = policyParams(family.owner);
  const read = { access: member() };
  const write = member('admin');

  app.get(
    base,
    {
      schema: {
        summary: `List the policies of ${of}`,
        tags,
        params,
        querystring: OrgListQuery,
        response: { 200: Policies },
      },
      config: read,
    },
    async (request) => {
      const { query } = request;
      const { rows, next } = await catalogue.list(scopeOf(request), query, pageOf(query));
      return { policies: rows.map((row) => policyJson(row, query.include === 'document')), next_cursor: next };
    },
  );
  app.post(
    base,
    {
      schema: {
        summary: `Create a policy of ${of}; in force at once unless it is a draft`,
        tags,
        params,
        body: NewPolicy,
        response: { 201: ChangedPolicy },
      },
      config: { access: write, activity: 'policy.create', idempotent: true },
    },
    async (request, reply) => {
      const change = await policies.create(request.context, scopeOf(request), wishOf(request));
      return reply.code(201).send(changedJson(change, []));
    },
  );
  app.get(
    `${base}/:policyID`,
    {
      schema: {
        summary: 'A policy with its newest document',
        tags,
        params: oneParams,
        response: { 200: PolicyDetail },
      },
      config: read,
    },
    async (request) => policyDetailJson(await catalogue.get(scopeOf(request), request.params.policyID)),
  );
  app.patch(
    `${base}/:policyID`,
    {
      schema: {
        summary: 'Change a policy; in force at once unless the status says draft',
        tags,
        params: oneParams,
        body: PolicyPatch,
        response: { 200: ChangedPolicy },
      },
      config: { access: write, activity: 'policy.update' },
    },
    async (request) => {
      const change = await policies.update(request.context, scopeOf(request), request.params.policyID, wishOf(request));
      return changedJson(change, await catalogue.assignedTo(change.policy));
    },
  );
  app.delete(
    `${base}/:policyID`,
    {
      schema: {
        summary: 'Remove a policy and take it out of every bundle',
        tags,
        params: oneParams,
        querystring: DeleteQuery,
        response: { 200: RemovedPolicy },
      },
      config: { access: write, activity: 'policy.delete' },
    },
    async (request) => {
      const { context, params, query } = request;
      const change = await policies.remove(context, scopeOf(request), params.policyID, changeWishOf(query));
      return { ...changedJson(change, []), deleted: true as const };
    },
  );
  app.post(
    `${base}/:policyID/publish`,
    {
      schema: {
        summary: 'Bring the newest version into force',
        tags,
        params: oneParams,
        body: nullable(PublishBody),
        response: { 200: ChangedPolicy },
      },
      config: { access: write, activity: 'policy.publish' },
    },
    async (request) => {
      const { context, params, body } = request;
      const change = await policies.publish(context, scopeOf(request), params.policyID, changeWishOf(body));
      return changedJson(change, await catalogue.assignedTo(change.policy));
    },
  );
  app.post(
    `${base}/:policyID/rollback`,
    {
      schema: {
        summary: 'Bring an earlier version back into force, as a new version',
        tags,
        params: oneParams,
        body: nullable(RollbackBody),
        response: { 200: ChangedPolicy },
      },
      config: { access: write, activity: 'policy.rollback' },
    },
    async (request) => {
      const { context, params, body } = request;
      const wish = { ...changeWishOf(body), version: body?.version, note: body?.note };
      const change = await policies.rollback(context, scopeOf(request), params.policyID, wish);
      return changedJson(change, await catalogue.assignedTo(change.policy));
    },
  );
}
