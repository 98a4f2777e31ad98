import { Type } from 'typebox';
import { member } from '../../kernel/access.ts';
import { PageQuery } from '../../kernel/paging.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { ApiKeysService } from './service.ts';
import { ApiKeys, freshKeyJson, KeyParams, keyJson, NewKey, NewKeyBody, ProjectParams, RotateBody } from './wire.ts';

/** API keys on the dashboard. Source: REST reference, "Project, API keys, …"; rotation is our addition. */
export function apiKeysRoutes(app: Surface, keys: ApiKeysService): void {
  const tags = ['api-keys'];

  app.get(
    '/api/projects/:projectID/api-keys',
    {
      schema: { summary: 'API keys', tags, params: ProjectParams, querystring: PageQuery, response: { 200: ApiKeys } },
      config: { access: member('analyst') },
    },
    async ({ params, query }) => {
      const { rows, next } = await keys.list(params.projectID, query);
      const now = app.clock.now();
      return { api_keys: rows.map((key) => keyJson(key, now)), next_cursor: next };
    },
  );
  app.post(
    '/api/projects/:projectID/api-keys',
    {
      schema: {
        summary: 'Create an API key; it is shown this once',
        tags,
        params: ProjectParams,
        body: NewKeyBody,
        response: { 201: NewKey },
      },
      config: { access: member('admin'), activity: 'api-key.create', secretBody: true, idempotent: true },
    },
    async ({ context, params, body: { expires_at, ...body } }, reply) => {
      const fresh = await keys.create(context, params.projectID, { ...body, ...expiry(expires_at) });
      return reply.code(201).header('cache-control', 'no-store').send(freshKeyJson(fresh, app.clock.now()));
    },
  );
  app.post(
    '/api/projects/:projectID/api-keys/:keyID/rotate',
    {
      schema: {
        summary: 'Replace an API key; the new one is shown this once',
        tags,
        params: KeyParams,
        body: RotateBody,
        response: { 201: NewKey },
      },
      config: { access: member('admin'), activity: 'api-key.rotate', secretBody: true },
    },
    async ({ context, params, body: { overlap_seconds: overlapSeconds, expires_at } }, reply) => {
      const rotation = { ...(overlapSeconds === undefined ? {} : { overlapSeconds }), ...expiry(expires_at) };
      const fresh = await keys.rotate(context, params.projectID, params.keyID, rotation);
      return reply.code(201).header('cache-control', 'no-store').send(freshKeyJson(fresh, app.clock.now()));
    },
  );
  app.delete(
    '/api/projects/:projectID/api-keys/:keyID',
    {
      schema: { summary: 'Revoke an API key', tags, params: KeyParams, response: { 204: Type.Null() } },
      config: { access: member('admin'), activity: 'api-key.revoke' },
    },
    async ({ context, params }, reply) => {
      await keys.revoke(context, params.projectID, params.keyID);
      return reply.code(204).send(null);
    },
  );
}

function expiry(text: string | null | undefined): { expiresAt?: number | null } {
  if (text === undefined) return {};
  return { expiresAt: text === null ? null : Date.parse(text) };
}
