import type { FastifyRequest } from 'fastify';
import type { Clock } from '../clock.ts';
import type { DomainError } from '../errors.ts';

/** The published HTTP contracts, plus the operator's socket. */
export type ContractName = 'control-zero' | 'reference' | 'zero' | 'control-core' | 'secrets-bridge' | 'operator';

/** What an error body may tell of the request that it answers. */
export interface AnsweredRequest {
  readonly id: string;
  readonly server: { readonly clock: Clock };
}

/** What differs between the surfaces of one product: how a refusal looks, which limits count, which header is demanded. */
export interface Contract {
  readonly name: ContractName;
  /** The error body of this contract. Status and code come from the error; this only reshapes them. */
  errorBody(error: DomainError, request: AnsweredRequest): unknown;
  /** Request bodies above this many bytes are refused with 413. */
  readonly bodyLimit: number;
  /** Checks that every request of the surface must pass before its credential is looked at. */
  preflight?(request: FastifyRequest): void;
}

export const ONE_MEGABYTE = 1_048_576;
