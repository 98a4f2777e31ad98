import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ContractName } from './contracts/contract.ts';

/** The scope of one contract in which features declare their routes. Schemas are TypeBox; types follow from them. */
export type Surface = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** One probe of /ready. Resolves when the part works; rejects with a message that an operator can act on. */
export interface ReadinessCheck {
  name: string;
  check(): Promise<void>;
}

/** What a feature folder hands to the composition root. */
export interface Feature {
  readonly name: string;
  /** Its routes, by the contract they belong to. */
  readonly routes?: Partial<Record<ContractName, (scope: Surface) => void>>;
  readonly readiness?: readonly ReadinessCheck[];
  /** Timers and other work that begins once the server listens. */
  start?(): void | Promise<void>;
  /** Finishes what it accepted. Called after the last request was answered, in reverse order. */
  stop?(): Promise<void>;
}
