import { Type } from 'typebox';
import { internalNetwork, open } from '../../kernel/access.ts';
import type { Surface } from '../../kernel/surface.ts';
import { Alive, Readiness, Service } from './schema.ts';
import type { HealthService } from './service.ts';

/** `/`, `/health`, `/ready` and `/metrics`. Source: REST reference, "Health and meta". */
export function healthRoutes(app: Surface, health: HealthService): void {
  const access = open('tells nothing about tenants');
  app.get(
    '/',
    { schema: { summary: 'Service metadata', tags: ['meta'], response: { 200: Service } }, config: { access } },
    async (request, reply) => {
      if (String(request.headers.accept ?? '').includes('text/html')) return reply.redirect('/ui/', 302);
      return health.describe();
    },
  );
  app.get(
    '/health',
    {
      schema: { summary: 'Liveness', tags: ['meta'], response: { 200: Alive } },
      config: { access, rate: 'unlimited' },
    },
    async () => health.alive(),
  );
  app.get(
    '/ready',
    {
      schema: { summary: 'Readiness', tags: ['meta'], response: { 200: Readiness, 503: Readiness } },
      config: { access, rate: 'unlimited' },
    },
    async (_request, reply) => {
      const readiness = await health.readiness();
      return reply.code(readiness.status === 'ready' ? 200 : 503).send(readiness);
    },
  );
  app.get(
    '/metrics',
    {
      schema: {
        summary: 'Prometheus metrics',
        tags: ['meta'],
        response: {
          200: { description: 'Metrics in the text format.', content: { 'text/plain': { schema: Type.String() } } },
        },
      },
      config: { access: internalNetwork(), rate: 'unlimited' },
    },
    async (_request, reply) => reply.type(health.metricsType).send(await health.metrics()),
  );
}
