import { RegoError } from '../errors.ts';

/** The error with a hint; one that it has already stays. */
export function withHint(error: RegoError, find: () => string | undefined): RegoError {
  if (error.hint !== undefined) return error;
  const hint = find();
  if (hint === undefined) return error;
  return new RegoError(error.code, error.message, error.location, hint, error.details);
}
