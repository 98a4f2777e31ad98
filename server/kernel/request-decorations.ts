import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from './actor.ts';
import type { Clock } from './clock.ts';
import type { ContractName } from './contracts/contract.ts';
import type { RateVerdict } from './rate-limit.ts';
import type { RequestContext } from './request-context.ts';
import type { RouteMeter } from './route-meter.ts';
import type { Tenant } from './tenancy.ts';

declare module 'fastify' {
  interface FastifyInstance {
    clock: Clock;
  }
  interface FastifyContextConfig {
    /** The contract of the surface; set by the kernel. */
    contract?: ContractName;
    /** Counts the answers of the route; set by the kernel. */
    meter?: RouteMeter;
  }
  interface FastifyRequest {
    /** Who asks; anonymous until admitted. */
    actor: Actor;
    /** The organization and project that the access check settled. */
    tenant: Tenant | null;
    /** Whether the request left an activity record. */
    recorded: boolean;
    /** The last look at the caller's rate bucket, for contracts that send it as headers. */
    rateVerdict: RateVerdict | null;
    /** Who asks, and the way to leave a record: the first argument of every service call. */
    readonly context: RequestContext;
  }
}

const ANONYMOUS: Actor = { kind: 'anonymous' };

/** The first thing that happens to a request: nobody yet, and an id that the answer carries (unless the route writes its headers itself). */
export function identify(request: FastifyRequest, reply: FastifyReply, writesItself = false): void {
  request.actor = ANONYMOUS;
  if (!writesItself) reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
}
