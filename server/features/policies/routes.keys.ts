import { Type } from 'typebox';
import { apiKey } from '../../kernel/access.ts';
import { Id } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { PolicyParts } from './parts.ts';
import { changeWishOf, pageOf, scopeOf, wishOf } from './requests.ts';
import { changedJson, policyDetailJson, policyJson } from './views.ts';
import {
  ChangedPolicy,
  DeleteQuery,
  KeyNewPolicy,
  KeyPolicyPatch,
  ListQuery,
  Policies,
  PolicyDetail,
  RemovedPolicy,
} from './wire.ts';

/** The public API: policies of the API key's project. Source: REST reference, "Public API (/v1/*)". */
export function keyRoutes(app: Surface, { policies, catalogue }: PolicyParts): void {
  const tags = ['public-api'];
  const params = Type.Object({ policyID: Id });
  const read = { access: apiKey('read') };
  const access = apiKey('write');

  app.get(
    '/v1/policies',
    {
      schema: {
        summary: "List the policies of the key's project",
        tags,
        querystring: ListQuery,
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
    '/v1/policies',
    {
      schema: {
        summary: 'Create a policy; in force at once unless it is a draft',
        description: 'The body is a policy document (YAML-equivalent JSON), with name and priority beside its members.',
        tags,
        body: KeyNewPolicy,
        response: { 201: ChangedPolicy },
      },
      config: { access, activity: 'policy.create', idempotent: true },
    },
    async (request, reply) => {
      const change = await policies.create(request.context, scopeOf(request), wishOf(request));
      return reply.code(201).send(changedJson(change, []));
    },
  );
  app.get(
    '/v1/policies/:policyID',
    {
      schema: { summary: 'A policy with its newest document', tags, params, response: { 200: PolicyDetail } },
      config: read,
    },
    async (request) => policyDetailJson(await catalogue.get(scopeOf(request), request.params.policyID)),
  );
  app.patch(
    '/v1/policies/:policyID',
    {
      schema: {
        summary: 'Change a policy; in force at once unless the status says draft',
        tags,
        params,
        body: KeyPolicyPatch,
        response: { 200: ChangedPolicy },
      },
      config: { access, activity: 'policy.update' },
    },
    async (request) => {
      const change = await policies.update(request.context, scopeOf(request), request.params.policyID, wishOf(request));
      return changedJson(change, []);
    },
  );
  app.delete(
    '/v1/policies/:policyID',
    {
      schema: {
        summary: 'Remove a policy and take it out of the bundle',
        tags,
        params,
        querystring: DeleteQuery,
        response: { 200: RemovedPolicy },
      },
      config: { access, activity: 'policy.delete' },
    },
    async (request) => {
      const { context, query } = request;
      const change = await policies.remove(context, scopeOf(request), request.params.policyID, changeWishOf(query));
      return { ...changedJson(change, []), deleted: true as const };
    },
  );
}
