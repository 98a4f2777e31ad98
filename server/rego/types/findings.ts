/** The type errors found so far. */
import { type Location, RegoError } from '../errors.ts';

/** Collects type errors in the order in which they are found. */
export class Findings {
  readonly errors: RegoError[] = [];

  /** Adds an error; the details are further lines for its reader. */
  fail(message: string, location: Location, details?: string): void {
    this.errors.push(new RegoError('rego_type_error', message, location, undefined, details));
  }

  /** Runs something of which only the result counts, not the errors it finds. */
  quietly<Result>(run: () => Result): Result {
    const before = this.errors.length;
    const result = run();
    this.errors.length = before;
    return result;
  }

  /** The errors that something finds, which are not kept among these. */
  taking(run: () => void): RegoError[] {
    const before = this.errors.length;
    run();
    return this.errors.splice(before);
  }
}
