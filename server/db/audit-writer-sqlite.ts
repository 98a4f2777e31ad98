import type { Worker } from 'node:worker_threads';
import type { Clock } from '../kernel/clock.ts';
import { type BatchOutcome, type GroupLimits, restoreFailure } from './audit-group.ts';
import { type AuditWriter, type QueueLimits, queueGauge } from './audit-queue.ts';
import type { FromWriter, ToWriter, WriterThreadData } from './audit-writer-messages.ts';
import type { DatabaseLog } from './database.ts';
import { AuditWriterCrashedError, BusyError } from './errors.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import type { AuditTables } from './tables.ts';
import { auditWriterUrl, startThread } from './worker-url.ts';

/** After two crashes without a commit between them, the next start waits so long, in milliseconds. */
const restartPause = 1_000;

interface PendingBatch {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * Starts the writer as a thread that owns a connection to `audit`. A write of this process to the same database (see
 * `Database.write`) pauses the thread meanwhile, so that neither ever waits for the other inside SQLite.
 */
export function startSqliteWriter(
  audit: SqliteDatabase<AuditTables>,
  options: { clock: Clock; log: DatabaseLog; queue: QueueLimits; group: GroupLimits; thread?: URL },
): AuditWriter {
  const { clock, log, thread = auditWriterUrl() } = options;
  const gauge = queueGauge(options.queue);
  const pending = new Map<number, PendingBatch>();
  let lastId = 0;
  let worker: Worker | undefined;
  let whenPaused: (() => void) | undefined;
  let crashes = 0;
  let crashedAt = 0;

  function start(): Worker {
    const workerData: WriterThreadData = { path: audit.path, limits: options.group };
    const started = startThread(thread, { workerData, name: 'audit-writer' });
    let failure: unknown;
    started.on('message', (message: FromWriter) => {
      if (message.kind === 'outcomes') settle(message.outcomes);
      else whenPaused?.();
    });
    started.on('error', (error) => {
      failure = error;
    });
    started.on('exit', (code) => ended(started, code, failure));
    worker = started;
    return started;
  }

  function settle(outcomes: readonly BatchOutcome[]): void {
    crashes = 0;
    for (const outcome of outcomes) {
      const batch = pending.get(outcome.id);
      pending.delete(outcome.id);
      if ('error' in outcome) batch?.reject(restoreFailure(outcome.error));
      else batch?.resolve(outcome.result);
    }
  }

  function ended(which: Worker, code: number, failure: unknown): void {
    if (worker !== which) return;
    worker = undefined;
    crashes += 1;
    crashedAt = clock.now();
    log.error(
      { err: failure, code, batches: pending.size },
      'the audit writer died; it starts again with the next batch',
    );
    const error = new AuditWriterCrashedError(
      `The audit writer stopped (exit code ${code}) before it answered. The batch may or may not be stored; send it again, its ids tell doubles.`,
      { cause: failure },
    );
    for (const batch of pending.values()) batch.reject(error);
    pending.clear();
    // Nobody writes any more, so whoever waits for the pause may go on.
    whenPaused?.();
  }

  function running(): Worker {
    if (worker !== undefined) return worker;
    const pause = crashes < 2 ? 0 : crashedAt + restartPause - clock.now();
    if (pause > 0) throw new BusyError('The audit writer died repeatedly and starts again in a moment; see the log.');
    return start();
  }

  function send(to: Worker, message: ToWriter, transfer: readonly ArrayBuffer[] = []): void {
    to.postMessage(message, transfer);
  }

  async function enter(): Promise<() => void> {
    const writing = worker;
    if (writing === undefined) return () => {};
    await new Promise<void>((resolve) => {
      whenPaused = resolve;
      send(writing, { kind: 'pause' });
    });
    whenPaused = undefined;
    return () => send(writing, { kind: 'resume' });
  }

  audit.useGate({ enter });
  start();

  return {
    get load() {
      return gauge.load;
    },
    async run<Payload, Result>(
      operation: { readonly name: string },
      payload: Payload,
      weight: { rows: number; bytes: number },
      transfer?: readonly ArrayBuffer[],
    ): Promise<Result> {
      if (audit.insideWrite()) {
        throw new Error(
          `The audit operation ${operation.name} was started inside a write of the audit database; start it after the write.`,
        );
      }
      const release = gauge.admit(weight);
      try {
        const to = running();
        lastId += 1;
        const id = lastId;
        const settled = new Promise<unknown>((resolve, reject) => pending.set(id, { resolve, reject }));
        try {
          send(to, { kind: 'batch', batch: { id, operation: operation.name, payload, ...weight } }, transfer);
        } catch (error) {
          // A payload that cannot be cloned never left this thread.
          pending.delete(id);
          throw error;
        }
        return (await settled) as Result;
      } finally {
        release();
      }
    },
    async close() {
      await gauge.drain();
      audit.useGate(undefined);
      const last = worker;
      if (last === undefined) return;
      worker = undefined;
      await new Promise<void>((resolve) => {
        last.once('exit', () => resolve());
        send(last, { kind: 'close' });
      });
    },
  };
}
