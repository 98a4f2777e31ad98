import type { Actor } from './actor.ts';
import type { Clock } from './clock.ts';
import type { ContractName } from './contracts/contract.ts';
import type { RateVerdict } from './rate-limit.ts';
import type { RequestContext } from './request-context.ts';
import type { Tenant } from './tenancy.ts';

declare module 'fastify' {
  interface FastifyInstance {
    clock: Clock;
  }
  interface FastifyContextConfig {
    /** The contract of the surface; set by the kernel. */
    contract?: ContractName;
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

export const ANONYMOUS: Actor = { kind: 'anonymous' };
