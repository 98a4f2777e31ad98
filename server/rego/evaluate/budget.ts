/** What one evaluation may spend, so that no policy can hold the process. */
import type { Budget } from '../builtins/types.ts';
import { RegoError } from '../errors.ts';

/** Upper bounds of one evaluation; each ends it with `eval_cancel_error`. */
export interface Limits {
  /** Expressions evaluated, elements visited and work charged by built-ins. */
  readonly steps?: number;
  /** Milliseconds by the given clock. */
  readonly milliseconds?: number;
  /** Elements that rules and comprehensions collect and results hold, and 16-character pieces of text that built-ins make. */
  readonly memory?: number;
}

/** Bounds where the caller gives none: some seconds of work at most. */
export const DEFAULT_LIMITS: Required<Limits> = { steps: 50_000_000, milliseconds: 10_000, memory: 10_000_000 };

/**
 * Bounds of a decision that is made where other work waits for it: an evaluation that spends all of them holds its thread for
 * at most 50 ms. The counted bounds alone see to that; the clock also ends what a slower processor would stretch.
 */
export const DECISION_LIMITS: Required<Limits> = { steps: 300_000, milliseconds: 50, memory: 300_000 };

/** The clock is asked once in this many steps. */
const CLOCK_INTERVAL = 4_096;

/** Counts down; shared by everything that runs in one evaluation. */
export class EvaluationBudget implements Budget {
  readonly #limits: Required<Limits>;
  readonly #now: () => number;
  readonly #deadline: number;
  #steps = 0;
  #memory = 0;
  #nextClock: number;

  constructor(limits: Limits, now: () => number) {
    const { steps, milliseconds, memory } = DEFAULT_LIMITS;
    this.#limits = {
      steps: limits.steps ?? steps,
      milliseconds: limits.milliseconds ?? milliseconds,
      memory: limits.memory ?? memory,
    };
    this.#now = now;
    this.#deadline = now() + this.#limits.milliseconds;
    this.#nextClock = Math.min(CLOCK_INTERVAL, this.#limits.steps + 1);
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Steps that may still be taken. */
  get left(): number {
    return Math.max(0, this.#limits.steps - this.#steps);
  }

  /** Elements that may still be kept. */
  get memoryLeft(): number {
    return Math.max(0, this.#limits.memory - this.#memory);
  }

  charge(steps: number): void {
    this.#steps += steps;
    if (this.#steps >= this.#nextClock) this.#check();
  }

  /** Takes one element that stays in memory. */
  keep(elements: number): void {
    this.#memory += elements;
    if (this.#memory > this.#limits.memory) {
      throw cancelled(`memory limit of ${this.#limits.memory} collected elements exceeded`);
    }
  }

  #check(): void {
    if (this.#steps > this.#limits.steps) throw cancelled(`step limit of ${this.#limits.steps} exceeded`);
    if (this.#now() > this.#deadline) throw cancelled(`time limit of ${this.#limits.milliseconds} ms exceeded`);
    this.#nextClock = Math.min(this.#steps + CLOCK_INTERVAL, this.#limits.steps + 1);
  }
}

function cancelled(reason: string): RegoError {
  return new RegoError(
    'eval_cancel_error',
    `evaluation stopped: ${reason}`,
    undefined,
    'make the policy look at less, or raise the limit of this evaluation',
  );
}
