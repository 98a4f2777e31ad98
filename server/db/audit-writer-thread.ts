import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import {
  type AnyAuditOperation,
  type BatchOutcome,
  describeFailure,
  type GroupTransaction,
  type QueuedBatch,
  runGroup,
} from './audit-group.ts';
import { sqliteAuditSql } from './audit-sql.ts';
import type { FromWriter, ToWriter, WriterThreadData } from './audit-writer-messages.ts';
import { openSqliteWriter } from './sqlite-connection.ts';

/**
 * Is the writer's thread: owns the connection that writes to the audit database and commits what waits in groups.
 *
 * Batches that arrive while a group is open join it within its limits, so one flush to the disk serves many callers.
 * Outcomes are answered after the commit. Call it once, in a worker started by `startAuditWriter`.
 */
export function runAuditWriter(operations: readonly AnyAuditOperation[]): void {
  const port = parentPort;
  if (port === null) throw new Error('The audit writer runs in a worker thread only.');
  const { path, limits } = workerData as WriterThreadData;
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  const connection = openSqliteWriter(path, 'audit');
  const transaction: GroupTransaction = {
    sql: sqliteAuditSql(connection),
    async execute(statement) {
      connection.exec(statement);
    },
    // A full disk or an I/O error makes SQLite roll the whole transaction back.
    survives: () => connection.inTransaction,
  };
  const queue: QueuedBatch[] = [];
  let mode: 'running' | 'pausing' | 'paused' | 'closing' = 'running';
  let working = false;

  port.on('message', (message: ToWriter) => {
    accept(message);
    void work(port);
  });

  function accept(message: ToWriter): void {
    if (message.kind === 'batch') queue.push(message.batch);
    else if (message.kind === 'pause') mode = 'pausing';
    else if (message.kind === 'resume') mode = 'running';
    else mode = 'closing';
  }

  /** The next batch, also from messages that the event loop has not delivered yet. */
  function take(inbox: MessagePort): QueuedBatch | undefined {
    while (mode === 'running') {
      const batch = queue.shift();
      if (batch !== undefined) return batch;
      const waiting = receiveMessageOnPort(inbox) as { message: ToWriter } | undefined;
      if (waiting === undefined) return undefined;
      accept(waiting.message);
    }
    return undefined;
  }

  async function work(outbox: MessagePort): Promise<void> {
    if (working) return;
    working = true;
    for (let first = take(outbox); first !== undefined; first = take(outbox)) {
      const outcomes = await commitGroup(outbox, first);
      outbox.postMessage({ kind: 'outcomes', outcomes } satisfies FromWriter);
    }
    working = false;
    if (mode === 'pausing') {
      mode = 'paused';
      outbox.postMessage({ kind: 'paused' } satisfies FromWriter);
    }
    if (mode === 'closing') {
      connection.close();
      outbox.close();
    }
  }

  async function commitGroup(inbox: MessagePort, first: QueuedBatch): Promise<readonly BatchOutcome[]> {
    const taken: QueuedBatch[] = [];
    let next: QueuedBatch | undefined = first;
    try {
      connection.exec('BEGIN IMMEDIATE');
      const outcomes = await runGroup(transaction, byName, limits, () => {
        const batch = next ?? take(inbox);
        next = undefined;
        if (batch !== undefined) taken.push(batch);
        return batch;
      });
      connection.exec('COMMIT');
      return outcomes;
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK');
      const failure = describeFailure(error);
      const lost = next === undefined ? taken : [next, ...taken];
      return lost.map(({ id }) => ({ id, error: failure }));
    }
  }
}
