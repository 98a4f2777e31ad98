import type { Reflected } from './values.ts';

/** The variables of a template that is executed, the innermost last. */
export class Variables {
  readonly #charge: (length: number) => void;
  readonly #stack: { readonly name: string; value: Reflected }[];

  /** `charge` is told how many variables are looked through. */
  constructor(data: Reflected, charge: (length: number) => void) {
    this.#charge = charge;
    this.#stack = [{ name: '$', value: data }];
  }

  declare(name: string, value: Reflected): void {
    this.#stack.push({ name, value });
  }

  #find(name: string): { value: Reflected } | undefined {
    this.#charge(4 * this.#stack.length);
    return this.#stack.findLast((variable) => variable.name === name);
  }

  /** Gives a known variable a value. Returns whether it is known. */
  assign(name: string, value: Reflected): boolean {
    const variable = this.#find(name);
    if (variable) variable.value = value;
    return variable !== undefined;
  }

  /** The value of a variable in a box; undefined for one that is not known yet. */
  read(name: string): { readonly value: Reflected } | undefined {
    return this.#find(name);
  }

  /** Forgets what is declared meanwhile. */
  within<Result>(run: () => Result): Result {
    const count = this.#stack.length;
    const result = run();
    this.#stack.length = count;
    return result;
  }
}
