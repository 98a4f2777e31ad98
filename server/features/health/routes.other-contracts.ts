import { Type } from 'typebox';
import { internalNetwork, open } from '../../kernel/access.ts';
import { nullable, Time } from '../../kernel/schemas.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { HealthService } from './service.ts';

const tellsNothing = open('tells nothing about tenants');
const Component = Type.Object({ status: Type.String() });

const ReferenceHealth = Type.Object(
  { status: Type.String(), version: Type.String() },
  { examples: [{ status: 'ok', version: '0.1.0' }] },
);

/** The /v1 reference: `GET /v1/health`. */
export function referenceHealthRoutes(app: Surface, health: HealthService): void {
  app.get(
    '/v1/health',
    {
      schema: { summary: 'API health check', tags: ['reference'], response: { 200: ReferenceHealth } },
      config: { access: tellsNothing, rate: 'unlimited' },
    },
    async () => health.alive(),
  );
}

const SystemHealth = Type.Object({
  status: Type.String(),
  version: Type.String(),
  uptime_seconds: Type.Integer(),
  components: Type.Object({
    database: Type.Object({
      status: Type.String(),
      latency_ms: nullable(Type.Number()),
      connections: nullable(Type.Integer()),
    }),
    redis: Component,
    'policy-bridge': Component,
  }),
  timestamp: Time,
});

/** Control Core and Zero share `GET /api/v1/health`: the body of Control Core, of which a Zero client needs the status. */
export function controlCoreHealthRoutes(app: Surface, health: HealthService): void {
  app.get(
    '/api/v1/health',
    {
      schema: { summary: 'Component health', tags: ['control-core'], response: { 200: SystemHealth } },
      config: { access: tellsNothing, rate: 'unlimited' },
    },
    async () => health.components(),
  );
  app.get(
    '/api/v1/metrics',
    {
      schema: {
        summary: 'Prometheus metrics',
        tags: ['control-core'],
        response: {
          200: { description: 'Metrics in the text format.', content: { 'text/plain': { schema: Type.String() } } },
        },
      },
      config: { access: internalNetwork(), rate: 'unlimited' },
    },
    async (_request, reply) => reply.type(health.metricsType).send(await health.metrics()),
  );
}

const Ready = Type.Object({ status: Type.Literal('ok') });
const NotReady = Type.Object({
  status: Type.Literal('unavailable'),
  failures: Type.Record(Type.String(), Type.String()),
});

/** Secrets Bridge probes: `/healthz` always 200, `/readyz` 503 with a map of what failed. */
export function secretsBridgeHealthRoutes(app: Surface, health: HealthService): void {
  app.get(
    '/healthz',
    {
      schema: { summary: 'Liveness', tags: ['secrets-bridge'], response: { 200: Ready } },
      config: { access: tellsNothing, rate: 'unlimited' },
    },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      schema: { summary: 'Readiness', tags: ['secrets-bridge'], response: { 200: Ready, 503: NotReady } },
      config: { access: tellsNothing, rate: 'unlimited' },
    },
    async (_request, reply) => {
      const { status, checks } = await health.readiness();
      if (status === 'ready') return { status: 'ok' as const };
      const failed = Object.entries(checks).filter(([, check]) => check.status === 'failed');
      const failures = Object.fromEntries(failed.map(([name, check]) => [name, check.message ?? 'failed']));
      return reply.code(503).send({ status: 'unavailable', failures });
    },
  );
}
