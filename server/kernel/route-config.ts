import type { Access } from './access.ts';
import type { FeatureFlag } from './license-gate.ts';

/** The activity verb of a route that changes something. */
export type ActivityVerb = `${string}.${string}`;
/** Says why a route that is not a plain read leaves no activity record. */
export interface NoActivity {
  none: string;
}
export type Activity = ActivityVerb | NoActivity;

/** This route leaves no activity record, because: `why`. */
export function none(why: string): NoActivity {
  return { none: why };
}

/** How a request body is read before its schema is applied. */
export type BodyReading =
  /** Fatal UTF-8, no duplicate keys, bounded depth and numbers: bodies that people write. */
  | 'strict'
  /** Bodies of SDKs: anything that can be understood is taken; only what is no JSON at all is refused. */
  | 'lenient'
  /** The bytes as they came (`Buffer`). */
  | 'bytes'
  /** The bytes as they came, of a batch of an SDK: up to 16 MB, and 400 above that, which makes an SDK halve its batch. */
  | 'batch';

/** Which of the limits a request counts against, beside the limit of its address. */
export type RateClass =
  /** The default: per API key or session. */
  | 'standard'
  /** Pull and bootstrap: a bucket of their own per key, so that audit cannot starve them. */
  | 'bundle'
  /** Audit ingest with an API key. */
  | 'ingest'
  /** Sign-in and other password work. */
  | 'sign-in'
  /** Not limited: polling of one's own, authenticated requests, health probes. */
  | 'unlimited';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call it. A route without one does not boot. */
    access?: Access;
    /** What it records. A route that changes something without one does not boot. */
    activity?: Activity;
    /** Feature flag or license feature that must be on. */
    feature?: FeatureFlag;
    /** Default 'strict' for JSON bodies. */
    reading?: BodyReading;
    rate?: RateClass;
    /** Whether the usage limiter may answer 402. Default false. */
    metered?: boolean;
    /** Accepts `Idempotency-Key`: the first answer is repeated for the same key and body. */
    idempotent?: boolean;
    /** Mutating session routes need a CSRF token unless this says why not. */
    withoutCsrf?: string;
    /** Never log, cache or keep anything of the body: it carries a secret. */
    secretBody?: boolean;
  }
}
