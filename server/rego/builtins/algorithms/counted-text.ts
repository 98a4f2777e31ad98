/** A text that charges for being read: what a pattern that is searched again and again reads cannot be told beforehand. */

/** Takes steps away before they are spent. */
export type Charge = (steps: number) => void;

/** Characters that are read between two charges. */
const BLOCK = 1_024;

/** Characters that a native search passes over in a step. */
const SEARCHED_PER_STEP = 256;

/** Behaves as the string it stands for where the pattern library reads strings, which takes it for one. */
export class CountedText {
  readonly length: number;
  readonly #text: string;
  readonly #charge: Charge;
  readonly #stepsPerBlock: number;
  #free: number;

  /** The first `free` characters that are read cost nothing: they are paid for already. */
  constructor(text: string, free: number, stepsPerCharacter: number, charge: Charge) {
    this.length = text.length;
    this.#text = text;
    this.#free = free;
    this.#stepsPerBlock = Math.ceil(BLOCK * stepsPerCharacter);
    this.#charge = charge;
  }

  get [Symbol.toStringTag](): string {
    return 'String';
  }

  charCodeAt(index: number): number {
    if (--this.#free < 0) {
      this.#free = BLOCK;
      this.#charge(this.#stepsPerBlock);
    }
    return this.#text.charCodeAt(index);
  }

  indexOf(search: string, from: number): number {
    const found = this.#text.indexOf(search, from);
    const passed = (found < 0 ? this.length : found) - from;
    this.#charge(Math.floor(passed / SEARCHED_PER_STEP));
    return found;
  }

  substring(start: number, end: number): string {
    return this.#text.substring(start, end);
  }

  toString(): string {
    return this.#text;
  }
}
