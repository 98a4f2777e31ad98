import { operator } from '../../kernel/access.ts';
import type { Clock } from '../../kernel/clock.ts';
import { PageQuery } from '../../kernel/paging.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { ApiKeysService } from './service.ts';
import { freshKeyJson, KeyParams, keyJson, NewKeyBody, ProjectParams } from './wire.ts';

/** `czctl key create|list|revoke`. */
export function apiKeysOperatorRoutes(app: Surface, keys: ApiKeysService, clock: Clock): void {
  const access = operator();
  app.get(
    '/operator/projects/:projectID/keys',
    { schema: { summary: 'List API keys', params: ProjectParams, querystring: PageQuery }, config: { access } },
    async ({ params, query }) => {
      const { rows, next } = await keys.list(params.projectID, query);
      return { api_keys: rows.map((key) => keyJson(key, clock.now())), next_cursor: next };
    },
  );
  app.post(
    '/operator/projects/:projectID/keys',
    {
      schema: { summary: 'Make an API key, shown once', params: ProjectParams, body: NewKeyBody },
      config: { access, activity: 'api-key.create', secretBody: true },
    },
    async ({ context, params, body }, reply) => {
      const { expires_at, ...wanted } = body;
      const expiresAt = expires_at == null ? null : Date.parse(expires_at);
      const fresh = await keys.create(context, params.projectID, { ...wanted, expiresAt });
      return reply.code(201).send(freshKeyJson(fresh, clock.now()));
    },
  );
  app.delete(
    '/operator/projects/:projectID/keys/:keyID',
    {
      schema: { summary: 'Revoke an API key', params: KeyParams },
      config: { access, activity: 'api-key.revoke' },
    },
    async ({ context, params }, reply) => {
      await keys.revoke(context, params.projectID, params.keyID);
      return reply.code(204).send();
    },
  );
}
