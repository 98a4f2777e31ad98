/** The variables of a scope inside another. */
import type { Variables } from './patterns.ts';
import type { Type } from './types.ts';

/** Types of variables over those of a scope around them, which is read and never written: bodies are long and nest. */
class InnerVariables extends Map<string, Type> {
  readonly #outer: Variables;

  constructor(outer: Variables) {
    super();
    this.#outer = outer;
  }

  override get(name: string): Type | undefined {
    return super.get(name) ?? this.#outer.get(name);
  }

  override has(name: string): boolean {
    return super.has(name) || this.#outer.has(name);
  }

  /** All variables, those of the outer scope first. */
  override *[Symbol.iterator](): MapIterator<[string, Type]> {
    yield* this.#outer;
    yield* super.entries();
  }
}

/** Variables that begin as those of a scope and do not change them. */
export function innerVariables(outer: Variables): Variables {
  return new InnerVariables(outer);
}
