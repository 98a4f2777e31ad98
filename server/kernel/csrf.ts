import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { DomainError } from './errors.ts';

/**
 * The CSRF token of a session: an HMAC of the session id, so nothing is stored and it ends with the session.
 * Handed out by `GET /api/csrf-token`, sent back as `X-CSRF-Token`.
 */
export function csrfToken(key: Buffer, sessionId: string): string {
  return createHmac('sha256', key).update(`csrf\0${sessionId}`).digest('base64url');
}

/** Refuses a request whose `X-CSRF-Token` is not the session's own. */
export function checkCsrf(key: Buffer, sessionId: string, request: FastifyRequest): void {
  const sent = Buffer.from(String(request.headers['x-csrf-token'] ?? ''));
  const right = Buffer.from(csrfToken(key, sessionId));
  if (sent.length === right.length && timingSafeEqual(sent, right)) return;
  const what = sent.length === 0 ? 'is missing' : 'does not belong to this session';
  throw new DomainError(
    403,
    'CSRF_TOKEN_INVALID',
    `The X-CSRF-Token header ${what}. Get one from GET /api/csrf-token and send it with every change.`,
  );
}
