import type { FastifyContextConfig } from 'fastify';
import type { AuditWriter } from '../db/audit-writer.ts';
import type { Databases } from '../db/open.ts';
import { uuidSource } from '../db/uuid.ts';
import type { Actor } from './actor.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/load.ts';
import type { ContractName } from './contracts/contract.ts';
import { CredentialRegistry } from './credentials.ts';
import { Events } from './events.ts';
import type { Idempotency } from './idempotency.ts';
import type { FeatureFlag } from './license-gate.ts';
import type { Log } from './logging.ts';
import { Metrics } from './metrics.ts';
import { RateLimiter } from './rate-limit.ts';
import type { Tenancy } from './tenancy.ts';

/** Decides whether a feature may be used. Throws the refusal: 503 for a switched-off flag, 403 for a tier without it. */
export interface FeatureGate {
  /** `orgId` is null on routes that belong to no organization; `method` tells reading and ending from switching on. */
  check(feature: FeatureFlag, orgId: string | null, method: string): void | Promise<void>;
}

/** Knows who is active in an organization, and refuses with 402 when one has used up its month. */
export interface UsageMeter {
  /** Notes that a key, person or machine of an organization is at work. Called with every request: costs a look into a set. */
  active(orgId: string, actor: Actor): void;
  check(orgId: string): void | Promise<void>;
}

/** Keys that the kernel itself uses, derived from the session key at start. */
export interface KernelKeys {
  /** HMAC key of CSRF tokens. */
  csrf: Buffer;
  /** AES-256 key that seals paging cursors, so that they cannot be read or made up; see `sealCursors`. */
  cursor: Buffer;
}

/** A declared route, for guard tests, the inventory and rehearsals. */
export interface RouteRecord {
  contract: ContractName;
  method: string;
  path: string;
  config: FastifyContextConfig;
  schema: Partial<Record<'body' | 'querystring' | 'params' | 'response', unknown>>;
}

/** What is true of every request. Features receive narrowed parts of it; tests build it from small objects. */
export interface Kernel {
  readonly config: Config;
  readonly clock: Clock;
  /** Makes a UUIDv7; ids of one process sort in the order they were made. */
  readonly newId: () => string;
  readonly log: Log;
  readonly databases: Databases;
  /** Writes batches to the audit database; durable when `run` resolves. */
  readonly auditWriter: AuditWriter;
  readonly keys: KernelKeys;
  readonly credentials: CredentialRegistry;
  readonly limits: RateLimiter;
  readonly idempotency: Idempotency;
  readonly metrics: Metrics;
  readonly events: Events;
  /** Every route of every contract, in the order of declaration. */
  readonly routes: RouteRecord[];
  /** Set once by the feature that owns organizations. */
  tenancy: Tenancy;
  /** Set once by the feature that owns licenses and flags. */
  gate: FeatureGate;
  /** Set once by the feature that owns usage. */
  usage: UsageMeter;
}

/** Builds a kernel whose tenancy, gate and usage refuse everything until their features take over. */
export function createKernel(
  parts: Pick<Kernel, 'config' | 'clock' | 'log' | 'databases' | 'auditWriter' | 'idempotency' | 'keys'>,
): Kernel {
  return {
    ...parts,
    newId: uuidSource(parts.clock),
    credentials: new CredentialRegistry(),
    limits: new RateLimiter(parts.clock),
    metrics: new Metrics(),
    events: new Events(parts.log),
    routes: [],
    tenancy: { role: async () => null, orgOfProject: async () => null },
    gate: { check: (feature) => missing(`features (${feature})`) },
    usage: { active: () => missing('usage'), check: () => missing('usage') },
  };
}

function missing(what: string): never {
  throw new Error(`No feature has taken over ${what}; compose the features before listening`);
}
