/** Errors that a command shows as they are. */
import type { PlainError } from '../../server/rego/worker/messages.ts';

/** A file or folder could not be read; the message says which. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

/** Errors of policies, queries, documents and limits, ready to be shown. */
export class ReportedErrors extends Error {
  override readonly name = 'ReportedErrors';
  readonly errors: readonly PlainError[];
  readonly stage: 'load' | 'compile' | 'evaluate';

  constructor(errors: readonly PlainError[], stage: 'load' | 'compile' | 'evaluate') {
    super(errors[0]?.message ?? 'failed');
    this.errors = errors;
    this.stage = stage;
  }
}
