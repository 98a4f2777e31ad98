import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from './logging.ts';

/** Logs an answered request: failures of ours at error, changes and refusals at info, successful reads at debug. */
export function logRequest(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  const status = reply.statusCode;
  const level = status >= 500 ? 'error' : request.method !== 'GET' || status >= 400 ? 'info' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  const facts = {
    reqId: request.id,
    route: request.routeOptions.url ?? 'unknown',
    method: request.method,
    status,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    ip: request.ip,
    actor: request.actor.kind,
  };
  log[level](facts, 'request');
}
