import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { inNetworks } from './admission.ts';
import { forbidden } from './errors.ts';
import { identify } from './request-decorations.ts';

/**
 * Where a proxy ends TLS, lets requests in from the proxies' networks only: whoever comes past the proxy comes without
 * encryption. Health probes are answered to everybody. Each connection is judged once, when it is made.
 */
export function answerProxiesOnly(app: FastifyInstance, proxies: readonly string[]): void {
  const strangers = new WeakSet<Socket>();
  app.server.on('connection', (socket: Socket) => {
    if (!inNetworks(socket.remoteAddress ?? '', proxies)) strangers.add(socket);
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (!strangers.has(request.socket) || request.routeOptions.config?.rate === 'unlimited') return done();
    identify(request, reply);
    done(
      forbidden(
        'This server is behind a proxy that encrypts, and answers requests from CZ_TRUSTED_PROXIES only. Use its public address.',
        { reason: 'not_through_proxy' },
      ),
    );
  });
}
