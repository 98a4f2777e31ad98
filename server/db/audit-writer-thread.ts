import { setImmediate as nextTurn } from 'node:timers/promises';
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
import { walFlush } from './wal-flush.ts';

/**
 * Is the writer's thread: owns the connection that writes to the audit database and commits what waits in groups.
 *
 * Batches that arrive while a group is open join it within its limits. A group is answered when its commit is on the
 * disk; the next one is read and stored meanwhile, so that the disk and the processor work at the same time, and groups
 * that were committed during a flush share the next. Call it once, in a worker started by `startAuditWriter`.
 */
export function runAuditWriter(operations: readonly AnyAuditOperation[]): void {
  const port = parentPort;
  if (port === null) throw new Error('The audit writer runs in a worker thread only.');
  const { path, limits } = workerData as WriterThreadData;
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  const connection = openSqliteWriter(path, 'audit');
  // What COMMIT leaves out is done by `disk` before a group is answered.
  connection.pragma('synchronous = NORMAL');
  // Pages that are written again and again reach the file once for every 16 MiB of the log, not for every 4 MiB: the
  // thread stands still in each checkpoint.
  connection.pragma('wal_autocheckpoint = 4000');
  const disk = walFlush(path);
  let answered: Promise<void> = Promise.resolve();
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
      answerWhenLasting(outbox, await commitGroup(outbox, first));
      // Lets the groups be answered that are on the disk by now.
      await nextTurn();
    }
    working = false;
    if (mode === 'pausing') {
      mode = 'paused';
      outbox.postMessage({ kind: 'paused' } satisfies FromWriter);
    }
    if (mode === 'closing') {
      await answered;
      await disk.close();
      connection.close();
      outbox.close();
    }
  }

  /** Groups are flushed in their order, so the last one that was answered is the last of all. */
  function answerWhenLasting(outbox: MessagePort, outcomes: readonly BatchOutcome[]): void {
    answered = disk
      .flush()
      .then(
        () => outcomes,
        (error: unknown) => outcomes.map(({ id }) => ({ id, error: describeFailure(error) })),
      )
      .then((lasting) => outbox.postMessage({ kind: 'outcomes', outcomes: lasting } satisfies FromWriter));
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
