import type { FastifyInstance } from 'fastify';
import type { Kernel } from './kernel.ts';

/** Counts and times every answer by its route pattern, and logs what an operator wants to see: changes and failures at info, polls at debug. */
export function observeRequests(app: FastifyInstance, kernel: Kernel): void {
  const { requests, duration } = kernel.metrics;
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const status = reply.statusCode;
    requests.inc({ route, method: request.method, status: `${Math.floor(status / 100)}xx` });
    duration.observe({ route }, reply.elapsedTime / 1000);
    const level = status >= 500 ? 'error' : request.method !== 'GET' || status >= 400 ? 'info' : 'debug';
    if (kernel.log.isLevelEnabled(level)) {
      request.log[level](
        {
          route,
          method: request.method,
          status,
          ms: Math.round(reply.elapsedTime * 10) / 10,
          ip: request.ip,
          actor: request.actor?.kind,
        },
        'request',
      );
    }
    done();
  });
}
