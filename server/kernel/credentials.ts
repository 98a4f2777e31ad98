import type { FastifyRequest } from 'fastify';
import type { Actor, CredentialKind } from './actor.ts';

/** A credential as it came with the request, not yet believed. */
export interface Presented {
  kind: CredentialKind;
  value: string;
}

/** Turns a presented credential into an actor, or null when it does not count (unknown, ended, expired). */
export type Resolver = (value: string, request: FastifyRequest) => Actor | null | Promise<Actor | null>;

export const SESSION_COOKIE = 'cz_session';

/** Which credential a request carries. Nothing is looked up; at most one counts, headers before the cookie. */
export function presentedCredential(request: FastifyRequest): Presented | null {
  const { headers } = request;
  if (typeof headers['x-cz-signature'] === 'string') {
    return { kind: 'machine', value: String(headers['x-cz-machine-id'] ?? '') };
  }
  const authorization = headers.authorization;
  if (authorization !== undefined && isBearer(authorization)) {
    const value = authorization.slice(7).trim();
    const kind = value.startsWith('cz_live_') || value.startsWith('cz_test_') ? 'api-key' : 'session';
    return { kind, value };
  }
  const keyHeader = headers['x-api-key'];
  if (typeof keyHeader === 'string' && keyHeader !== '') return { kind: 'api-key', value: keyHeader };
  const cookie = sessionCookie(headers.cookie);
  return cookie === null ? null : { kind: 'session', value: cookie };
}

/** The usual spelling is compared first: an expression costs a bundle poll more. */
function isBearer(authorization: string): boolean {
  return authorization.startsWith('Bearer ') || /^bearer /i.test(authorization);
}

function sessionCookie(header: string | undefined): string | null {
  if (header === undefined) return null;
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === SESSION_COOKIE && value !== undefined && value !== '') return value;
  }
  return null;
}

/** The resolvers that features registered, one per kind of credential. */
export class CredentialRegistry {
  private readonly resolvers = new Map<CredentialKind, Resolver>();

  /** Registers the one resolver of a kind. A second one for the same kind is a programming error. */
  register(kind: CredentialKind, resolver: Resolver): void {
    if (this.resolvers.has(kind)) throw new Error(`The credential kind ${kind} has two resolvers`);
    this.resolvers.set(kind, resolver);
  }

  /** The actor behind a credential, or null. A kind that nobody resolves counts as unknown. */
  resolve(presented: Presented, request: FastifyRequest): Actor | null | Promise<Actor | null> {
    return this.resolvers.get(presented.kind)?.(presented.value, request) ?? null;
  }
}
