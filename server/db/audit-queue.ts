import type { AuditOperation } from './audit-group.ts';
import { BusyError } from './errors.ts';

/** How large a batch is, for the limits of queue and group; an estimate of the bytes is enough. */
export interface BatchWeight {
  readonly rows: number;
  readonly bytes: number;
}

/** What waits or is being committed. */
export interface WriterLoad extends BatchWeight {
  readonly batches: number;
}

/** The one way to append to the audit database. */
export interface AuditWriter {
  /**
   * Writes a batch and resolves with the operation's result when it is committed and on the disk.
   *
   * Rejects with `BusyError` at once when the queue is full or the writer is closing (answer 503), with the
   * operation's own error when it threw (nothing of the batch is stored), and with `AuditWriterCrashedError` when the
   * writer died: then the batch may or may not be stored, so repeat it only if its rows carry ids that tell doubles.
   * Must not be called from inside a `write` of the audit database. `transfer` moves buffers of the payload instead
   * of copying them; they are empty here afterwards.
   */
  run<Payload, Result>(
    operation: AuditOperation<Payload, Result>,
    payload: Payload,
    weight: BatchWeight,
    transfer?: readonly ArrayBuffer[],
  ): Promise<Result>;
  readonly load: WriterLoad;
  /** Refuses new batches, waits until all others are answered, and ends the writer. */
  close(): Promise<void>;
}

/** How much may wait; a batch that comes to an empty queue is always taken. */
export type QueueLimits = WriterLoad;

/** Counts what waits and refuses what would be too much. */
export interface QueueGauge {
  readonly load: WriterLoad;
  /** Throws `BusyError` when the batch does not fit, else counts it; returns how to uncount it. */
  admit(weight: BatchWeight): () => void;
  /** Refuses everything from now on; resolves when nothing is counted any more. */
  drain(): Promise<void>;
}

/** Makes the gauge of an empty queue. */
export function queueGauge(limits: QueueLimits): QueueGauge {
  let batches = 0;
  let rows = 0;
  let bytes = 0;
  let draining = false;
  let emptied = () => {};

  return {
    get load() {
      return { batches, rows, bytes };
    },
    admit(weight) {
      if (draining) throw new BusyError('The audit writer is closing; send the entries again in a moment.');
      const fits =
        batches + 1 <= limits.batches && rows + weight.rows <= limits.rows && bytes + weight.bytes <= limits.bytes;
      if (batches > 0 && !fits) {
        throw new BusyError(
          `The audit queue is full (${batches} batches, ${rows} rows, ${bytes} bytes wait); send the entries again in a moment.`,
        );
      }
      batches += 1;
      rows += weight.rows;
      bytes += weight.bytes;
      return () => {
        batches -= 1;
        rows -= weight.rows;
        bytes -= weight.bytes;
        if (batches === 0) emptied();
      };
    },
    drain() {
      draining = true;
      return batches === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            emptied = resolve;
          });
    },
  };
}
