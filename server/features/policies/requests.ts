import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { documentIn } from './document-input.ts';
import type { PolicyWish } from './service.ts';
import type { Scope } from './store.ts';
import type { ListQuery, PolicyPatch } from './wire.ts';

const MOST_DOCUMENTS = 20;

/** The project or organization that the access check has settled for a request. */
export function scopeOf({ tenant }: Pick<FastifyRequest, 'tenant'>): Scope {
  if (tenant === null) throw new Error('a policy route without a tenant');
  return tenant;
}

/** As `scopeOf`, for routes below a project. */
export function projectScopeOf(request: Pick<FastifyRequest, 'tenant'>): Scope & { projectId: string } {
  const { orgId, projectId } = scopeOf(request);
  if (projectId === null) throw new Error('a policy route without a project');
  return { orgId, projectId };
}

/** What a body wishes; its document may be written in several ways. */
export function wishOf({ body, rawBody }: { body: Static<typeof PolicyPatch>; rawBody: Buffer | null }): PolicyWish {
  return {
    name: body.name,
    description: body.description,
    priority: body.priority,
    status: body.status,
    note: body.note,
    ifVersion: body.if_version,
    acceptOlderSdks: body.accept_older_sdk_impact,
    document: documentIn({ body, rawBody }),
  };
}

/** How a change is to be taken, of bodies and queries that say no more. */
export function changeWishOf(said: { if_version?: number; accept_older_sdk_impact?: boolean } | null) {
  return { ifVersion: said?.if_version, acceptOlderSdks: said?.accept_older_sdk_impact };
}

/** Documents may be large, so pages with them are short. */
export function pageOf(query: Static<typeof ListQuery>) {
  const { limit, cursor, include } = query;
  const usual = include === 'document' ? Math.min(limit ?? MOST_DOCUMENTS, MOST_DOCUMENTS) : limit;
  return { ...(usual === undefined ? {} : { limit: usual }), ...(cursor === undefined ? {} : { cursor }) };
}
