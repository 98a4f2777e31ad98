import type { BatchOutcome, GroupLimits, QueuedBatch } from './audit-group.ts';

/** What the writer's thread is started with. */
export interface WriterThreadData {
  readonly path: string;
  readonly limits: GroupLimits;
}

/** From the main thread to the writer. */
export type ToWriter =
  | { readonly kind: 'batch'; readonly batch: QueuedBatch }
  /** Commit what is open, answer `paused` and start nothing until `resume`. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Close the database and end; everything sent before has been answered. */
  | { readonly kind: 'close' };

/** From the writer to the main thread. */
export type FromWriter =
  | { readonly kind: 'outcomes'; readonly outcomes: readonly BatchOutcome[] }
  | { readonly kind: 'paused' };
