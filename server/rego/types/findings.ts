/** The type errors found so far, and the work left for finding more. */
import type { CompileBudget } from '../compile/budget.ts';
import { type Location, RegoError } from '../errors.ts';

/** Collects type errors in the order in which they are found. */
export class Findings {
  readonly errors: RegoError[] = [];
  #budget: CompileBudget;

  /** The budget is charged for the types that are looked at. */
  constructor(budget: CompileBudget) {
    this.#budget = budget;
  }

  /** Charges for looking at so many types. Throws CompileStopped. */
  charge(types: number): void {
    this.#budget.spend(types);
  }

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

  /** The errors that something finds, which are not kept among these, within a budget of its own. */
  taking(budget: CompileBudget, run: () => void): RegoError[] {
    const before = this.errors.length;
    const usual = this.#budget;
    this.#budget = budget;
    try {
      run();
    } finally {
      this.#budget = usual;
    }
    return this.errors.splice(before);
  }
}
