import type { AuditSql } from './audit-sql.ts';

/**
 * Something that is written to the audit database in a batch of its own: `run` gets one payload, makes its changes and
 * returns what the caller should know.
 *
 * Several batches share a transaction, so `run` must do nothing but its statements: when it throws, its own changes
 * are undone and the other batches stay. It may be run again after a conflict. On SQLite it runs in the writer's
 * thread: payload and result must survive structured cloning, and the operation must be in `audit-operations.ts`.
 */
export interface AuditOperation<Payload, Result> {
  readonly name: string;
  run(sql: AuditSql, payload: Payload): Promise<Result>;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of operations holds every payload type.
export type AnyAuditOperation = AuditOperation<any, unknown>;

/** How much one commit may carry. */
export interface GroupLimits {
  readonly rows: number;
  readonly bytes: number;
  /** No batch joins a group that has been open for longer than this. */
  readonly milliseconds: number;
}

/** A batch that waits for its commit. */
export interface QueuedBatch {
  readonly id: number;
  readonly operation: string;
  readonly payload: unknown;
  readonly rows: number;
  readonly bytes: number;
}

/** What became of a batch, after the commit of its group. */
export type BatchOutcome =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: BatchFailure };

/** An error in a form that crosses threads. */
export interface BatchFailure {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
}

/** The transaction of one group, on either engine. */
export interface GroupTransaction {
  readonly sql: AuditSql;
  /** Runs `SAVEPOINT`, `RELEASE` and `ROLLBACK TO`. */
  execute(statement: string): Promise<void>;
  /** Tells whether the transaction can go on after `error`. */
  survives(error: unknown): boolean;
}

/**
 * Runs batches from `take`, each behind a savepoint, until the group is full or nothing waits, and returns what became
 * of each. Throws what `survives` says no to; then nothing of the group is stored.
 */
export async function runGroup(
  transaction: GroupTransaction,
  operations: ReadonlyMap<string, AnyAuditOperation>,
  limits: GroupLimits,
  take: () => QueuedBatch | undefined,
): Promise<BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  const started = performance.now();
  let rows = 0;
  let bytes = 0;
  do {
    const batch = take();
    if (batch === undefined) break;
    rows += batch.rows;
    bytes += batch.bytes;
    outcomes.push(await runBatch(transaction, operations, batch));
  } while (rows < limits.rows && bytes < limits.bytes && performance.now() - started < limits.milliseconds);
  return outcomes;
}

async function runBatch(
  { sql, execute, survives }: GroupTransaction,
  operations: ReadonlyMap<string, AnyAuditOperation>,
  { id, operation: name, payload }: QueuedBatch,
): Promise<BatchOutcome> {
  const operation = operations.get(name);
  if (operation === undefined) {
    return { id, error: describeFailure(new Error(`There is no audit operation ${JSON.stringify(name)}.`)) };
  }
  await execute('SAVEPOINT batch');
  try {
    const result = await operation.run(sql, payload);
    await execute('RELEASE SAVEPOINT batch');
    return { id, result };
  } catch (error) {
    if (!survives(error)) throw error;
    await execute('ROLLBACK TO SAVEPOINT batch');
    await execute('RELEASE SAVEPOINT batch');
    return { id, error: describeFailure(error) };
  }
}

/** Makes an error ready to cross threads. */
export function describeFailure(error: unknown): BatchFailure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), code: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { name: error.name, message: error.message, code };
}

/** Makes an error again, so that `isUniqueViolation` and the like work on it. */
export function restoreFailure({ name, message, code }: BatchFailure): Error {
  return Object.assign(new Error(message), { name }, code === undefined ? {} : { code });
}
