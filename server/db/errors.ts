/** More work is waiting than may wait; the caller answers 503 with `Retry-After`. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds = 1) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The stored data was written by a newer version of this software; nothing was changed. */
export class DowngradeError extends Error {
  override readonly name = 'DowngradeError';
}

/** PostgreSQL cannot be reached, or does not let this appliance in. */
export class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError';
}

/** Another process holds the data directory. */
export class DirectoryLockedError extends Error {
  override readonly name = 'DirectoryLockedError';
}

/** The writer's thread died; it is started again with the next batch. */
export class AuditWriterCrashedError extends Error {
  override readonly name = 'AuditWriterCrashedError';
}

const uniqueCodes: ReadonlySet<unknown> = new Set([
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
  // PostgreSQL: unique_violation
  '23505',
]);

const foreignKeyCodes: ReadonlySet<unknown> = new Set([
  'SQLITE_CONSTRAINT_FOREIGNKEY',
  // PostgreSQL: foreign_key_violation
  '23503',
]);

const retryableCodes: ReadonlySet<unknown> = new Set([
  // PostgreSQL: serialization_failure and deadlock_detected
  '40001',
  '40P01',
]);

/** The way to PostgreSQL. */
const wayCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/;

const storageCodes: readonly RegExp[] = [
  /^SQLITE_(FULL|IOERR|BUSY|CANTOPEN|READONLY|CORRUPT|NOTADB)(_|$)/,
  // What the operating system says of flushing the log.
  /^(EIO|ENOSPC|EDQUOT|EROFS)$/,
  // PostgreSQL classes: connection exception, insufficient resources, operator intervention, system error.
  /^(08|53|57P|58)/,
  // Conflicts that outlasted every attempt.
  /^(40001|40P01|55P03)$/,
  wayCodes,
];

/** Tells whether a statement failed because a row with the same unique value exists; on either engine. */
export function isUniqueViolation(error: unknown): boolean {
  return uniqueCodes.has(codeOf(error));
}

/** Tells whether a statement failed because a row it refers to is missing, or is still referred to; on either engine. */
export function isForeignKeyViolation(error: unknown): boolean {
  return foreignKeyCodes.has(codeOf(error));
}

/** Tells whether the same transaction may succeed when it is simply run again (PostgreSQL 40001 and 40P01). */
export function isRetryable(error: unknown): boolean {
  return retryableCodes.has(codeOf(error));
}

/** PostgreSQL classes: connection exception, invalid authorization, no such database, operator intervention. */
const refusedCodes = /^(08|28|3D|57P)/;

/** Tells whether a connection could not be made, or was refused. */
export function isConnectionTrouble(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === 'string' && (refusedCodes.test(code) || wayCodes.test(code));
}

/**
 * Tells whether the storage itself is in trouble: a full or failing disk, an unreachable or overloaded PostgreSQL, a
 * writer that died. The request was fine and may be sent again later; the caller answers 503.
 */
export function isStorageTrouble(error: unknown): boolean {
  if (error instanceof AuditWriterCrashedError || error instanceof BusyError) return true;
  const code = codeOf(error);
  return typeof code === 'string' && storageCodes.some((pattern) => pattern.test(code));
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
