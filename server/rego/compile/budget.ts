/** Counts the work of a compilation, which takes about as long as its sources are unless somebody made it otherwise. */
import { RegoError } from '../errors.ts';

/** Work that every compilation may do. */
const WORK_AT_LEAST = 5_000_000;

/** Work for each character of the sources; what people write takes less than 1. */
const WORK_PER_CHARACTER = 25;

/** Work left for one compilation. A unit of work is a look at a variable, a type or a rule: some 20 to 100 ns. */
export class CompileBudget {
  #left: number;
  readonly #limit: number;

  /** A budget for sources of so many characters. */
  constructor(characters: number) {
    this.#limit = WORK_AT_LEAST + WORK_PER_CHARACTER * characters;
    this.#left = this.#limit;
  }

  /** The units spent so far. */
  get spent(): number {
    return this.#limit - this.#left;
  }

  /** Takes from the budget. Throws CompileStopped when it is used up. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new CompileStopped();
  }
}

/** The sources ask for far more work than their length explains. */
export class CompileStopped extends RegoError {
  constructor() {
    super(
      'rego_compile_error',
      'compilation stopped: rules, bodies or types refer to each other too often',
      undefined,
      'split large bodies and rules of one name, and refer to single rules rather than to whole packages',
    );
  }
}
