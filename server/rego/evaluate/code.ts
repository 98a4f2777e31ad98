/**
 * The shape of compiled policy code: closures over a frame of numbered slots.
 *
 * Why closures and not generated JavaScript text: see `docs` of the measurement in `bench`; in short, V8 inlines both
 * about equally once the shapes are stable, closures need no text of a policy to reach the JavaScript parser, and they
 * compile several times faster, which matters because policies arrive over the API.
 */
import { RegoError } from '../errors.ts';
import type { Value } from '../values.ts';
import type { Machine } from './machine.ts';

/** The variables of one running rule. Slots also hold lists under construction and machines set aside by `with`. */
export type Frame = (Value | undefined)[];

/** Runs the rest of a body for one set of bindings; true ends the search. */
export type Step = (machine: Machine, frame: Frame) => boolean;

/** Computes a term whose variables are all bound. */
export type Getter = (machine: Machine, frame: Frame) => Value | undefined;

/** Compares a value with a pattern and binds the pattern's variables. */
export type Matcher = (machine: Machine, frame: Frame, value: Value) => boolean;

/** Gives variables their slots while a body is compiled. */
export class Layout {
  readonly #slots = new Map<string, number>();
  #size = 0;

  /** The slot of a variable. */
  slot(name: string): number {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = this.#size++;
      this.#slots.set(name, slot);
    }
    return slot;
  }

  /** A slot that no variable has. */
  scratch(): number {
    return this.#size++;
  }

  get size(): number {
    return this.#size;
  }
}

/** An empty frame; the layout must be complete. */
export function newFrame(size: number): Frame {
  return new Array<Value | undefined>(size).fill(undefined);
}

/** The variables bound at a place of a body; grows while the place moves on. */
export type Bound = ReadonlySet<string>;

/** The bound variables and some more. */
export function binding(bound: Bound, names: Iterable<string>): Bound {
  return new Set([...bound, ...names]);
}

/** For states that earlier stages rule out. */
export function impossible(what: string): never {
  throw new RegoError('eval_internal_error', `${what}; this is a defect of the engine`);
}
