import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { FastifyRequest, RouteOptions } from 'fastify';
import { invalid } from './errors.ts';
import { listOf } from './hook-list.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals the paging cursors of a route that takes one: `next_cursor` leaves encrypted and bound to the list it belongs to,
 * and a `cursor` comes back to the handler as it made it. One that was changed, made up or taken from the list of another
 * organization, project or object is refused with 400 before anything is looked up, so no store ever sees values that it
 * did not make, and nobody reads from a cursor what its list does not show.
 */
export function sealCursors(route: RouteOptions, key: Buffer): void {
  if (!takesCursor(route)) return;
  const open = (request: FastifyRequest, _reply: unknown, done: (error?: Error) => void) => {
    const query = request.query as { cursor?: string };
    try {
      if (query.cursor !== undefined) query.cursor = opened(key, request, query.cursor);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
  const seal = (
    request: FastifyRequest,
    _reply: unknown,
    payload: unknown,
    done: (error: null, payload: unknown) => void,
  ) => {
    const next = (payload as { next_cursor?: string | null } | null)?.next_cursor;
    done(null, next == null ? payload : { ...(payload as object), next_cursor: sealed(key, request, next) });
  };
  route.preHandler = [open, ...listOf(route.preHandler)];
  route.preSerialization = [...listOf(route.preSerialization), seal];
}

function takesCursor(route: RouteOptions): boolean {
  const query = route.schema?.querystring as { properties?: Record<string, unknown> } | undefined;
  return query?.properties?.cursor !== undefined;
}

function sealed(key: Buffer, request: FastifyRequest, cursor: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(listNamed(request));
  const content = Buffer.concat([cipher.update(cursor, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, content, cipher.getAuthTag()]).toString('base64url');
}

function opened(key: Buffer, request: FastifyRequest, sent: string): string {
  const bytes = Buffer.from(sent, 'base64url');
  // One text for each cursor: what decodes alike but is written otherwise is a changed cursor too.
  if (bytes.length <= NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== sent) throw foreign();
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(listNamed(request)).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const content = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([content, decipher.final()]).toString('utf8');
  } catch {
    throw foreign();
  }
}

/** What a cursor is bound to: the route and the ids in its path. */
function listNamed(request: FastifyRequest): Buffer {
  return Buffer.from(JSON.stringify([request.routeOptions.url, request.params]));
}

function foreign() {
  return invalid(
    'The cursor is not one that this list gave out. Send next_cursor as it came, or start again without it.',
    {
      reason: 'invalid_cursor',
      details: [{ path: '/cursor', message: 'was not made by this list' }],
    },
  );
}
