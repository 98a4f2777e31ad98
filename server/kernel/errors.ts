/** Extra facts of a refusal that contracts show where they have a place for them. */
export interface ErrorFacts {
  /** Coarse machine-readable cause, e.g. `invalid_or_revoked`. */
  reason?: string;
  /** What the caller should do next, one sentence. */
  remediation?: string;
  /** Field-level problems, in the order they were found. */
  details?: readonly ErrorDetail[];
  /** Members that one route documents beside the common ones (e.g. `resolved_scope`). */
  extra?: Readonly<Record<string, unknown>>;
  /** Response headers that belong to the refusal, e.g. `Retry-After`. */
  headers?: Readonly<Record<string, string>>;
}

/** One problem at one place of a request. */
export interface ErrorDetail {
  /** JSON pointer into the body, or the name of a parameter. */
  path: string;
  message: string;
  line?: number;
  column?: number;
  suggestion?: string;
}

/**
 * A refusal that a person can act on. Its message says what was wrong, with which value (never a secret), and what to do.
 * The contract of the surface decides how it looks on the wire; status and code stay the same everywhere.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly status: number;
  readonly code: string;
  readonly facts: ErrorFacts;

  constructor(status: number, code: string, message: string, facts: ErrorFacts = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.facts = facts;
  }
}

/** 400: the request cannot be understood or breaks a documented bound. */
export function invalid(message: string, facts?: ErrorFacts): DomainError {
  return new DomainError(400, 'VALIDATION_FAILED', message, facts);
}

/** 401: no credential, or one that does not count here. The text never says which of the two. */
export function unauthenticated(message: string, facts?: ErrorFacts): DomainError {
  return new DomainError(401, 'UNAUTHENTICATED', message, facts);
}

/** 403: known caller, not allowed. */
export function forbidden(message: string, facts?: ErrorFacts): DomainError {
  return new DomainError(403, 'FORBIDDEN', message, facts);
}

/** 404: another tenant's object answers exactly like a missing one, so the text names only what was asked for. */
export function notFound(what: string): DomainError {
  return new DomainError(404, 'NOT_FOUND', `${what} not found. Check the id and that it belongs to the path above it.`);
}

/** 409: the state of the object does not allow it. */
export function conflict(code: string, message: string, facts?: ErrorFacts): DomainError {
  return new DomainError(409, code, message, facts);
}

/** 422: well-formed, but its meaning is refused (a policy that an SDK could not read, for example). */
export function unprocessable(code: string, message: string, facts?: ErrorFacts): DomainError {
  return new DomainError(422, code, message, facts);
}

/** 429: too fast. `retryAfterSeconds` is sent as `Retry-After`. */
export function tooMany(message: string, retryAfterSeconds: number): DomainError {
  return new DomainError(429, 'RATE_LIMITED', message, { headers: { 'retry-after': String(retryAfterSeconds) } });
}

/** 503: a switched-off feature, or the appliance cannot do its work right now. */
export function unavailable(code: string, message: string, facts?: ErrorFacts): DomainError {
  return new DomainError(503, code, message, facts);
}
