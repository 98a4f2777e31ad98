import { isForeignKeyViolation } from '../db/errors.ts';
import { notFound } from './errors.ts';

/**
 * The outcome of a write that adds something below `owner` (`The project 0197…`). Throws 404 when the owner was removed
 * between the look at it and the write; nothing was changed then.
 */
export async function belowExisting<R>(owner: string, write: Promise<R>): Promise<R> {
  try {
    return await write;
  } catch (error) {
    throw isForeignKeyViolation(error) ? notFound(owner) : error;
  }
}
