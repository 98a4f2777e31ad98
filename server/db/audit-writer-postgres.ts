import { AsyncResource } from 'node:async_hooks';
import { sql } from 'kysely';
import {
  type AnyAuditOperation,
  type BatchOutcome,
  type GroupLimits,
  type QueuedBatch,
  restoreFailure,
  runGroup,
} from './audit-group.ts';
import { type AuditWriter, type QueueLimits, queueGauge } from './audit-queue.ts';
import { postgresAuditSql } from './audit-sql.ts';
import type { Database } from './database.ts';
import { isRetryable } from './errors.ts';
import type { AuditTables } from './tables.ts';

interface WaitingBatch extends QueuedBatch {
  readonly run: AnyAuditOperation;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Starts the writer in this thread: batches queue up while a transaction is on its way and share the next one. */
export function startPostgresWriter(
  audit: Database<AuditTables>,
  options: { queue: QueueLimits; group: GroupLimits },
): AuditWriter {
  const gauge = queueGauge(options.queue);
  // Groups belong to nobody in particular: they must not run in the context of the caller that happened to come first.
  const ownContext = new AsyncResource('AuditWriter');
  const queue: WaitingBatch[] = [];
  let lastId = 0;
  let working = false;

  async function work(): Promise<void> {
    if (working) return;
    working = true;
    while (queue.length > 0) {
      const group = nextGroup();
      try {
        settle(group, await commit(group));
      } catch (error) {
        for (const batch of group) batch.reject(error);
      }
    }
    working = false;
  }

  function nextGroup(): WaitingBatch[] {
    let rows = 0;
    let bytes = 0;
    const full = queue.findIndex((batch) => {
      rows += batch.rows;
      bytes += batch.bytes;
      return rows >= options.group.rows || bytes >= options.group.bytes;
    });
    return queue.splice(0, full === -1 ? queue.length : full + 1);
  }

  function commit(group: readonly WaitingBatch[]): Promise<BatchOutcome[]> {
    const operations = new Map(group.map((batch) => [batch.operation, batch.run]));
    return audit.write((transaction) => {
      const rest = group.values();
      return runGroup(
        {
          sql: postgresAuditSql(transaction),
          async execute(statement) {
            await sql.raw(statement).execute(transaction);
          },
          // After a conflict with another process the whole group is run again.
          survives: (error) => !isRetryable(error),
        },
        operations,
        // The group was cut to its size already, and what was cut must be answered.
        { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY, milliseconds: Number.POSITIVE_INFINITY },
        () => rest.next().value,
      );
    });
  }

  function settle(group: readonly WaitingBatch[], outcomes: readonly BatchOutcome[]): void {
    for (const [index, outcome] of outcomes.entries()) {
      if ('error' in outcome) group[index]!.reject(restoreFailure(outcome.error));
      else group[index]!.resolve(outcome.result);
    }
  }

  return {
    get load() {
      return gauge.load;
    },
    async run(operation, payload, weight) {
      if (audit.insideWrite()) {
        throw new Error(
          `The audit operation ${operation.name} was started inside a write of the audit database; start it after the write.`,
        );
      }
      const release = gauge.admit(weight);
      try {
        lastId += 1;
        const batch = { id: lastId, operation: operation.name, run: operation, payload, ...weight };
        return await new Promise((resolve, reject) => {
          queue.push({ ...batch, resolve: resolve as (result: unknown) => void, reject });
          ownContext.runInAsyncScope(() => void work());
        });
      } finally {
        release();
      }
    },
    close: () => gauge.drain(),
  };
}
