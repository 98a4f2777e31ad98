/** Makes variable names that no source can contain. */
import type { Location } from '../errors.ts';
import type { Term, VarTerm } from '../syntax/ast.ts';
import { termText } from './ref-text.ts';

/** A variable that holds the value of a part of an expression; errors show that part, which they seldom have to. */
class HeldVar implements VarTerm {
  readonly kind = 'var';
  readonly name: string;
  readonly location: Location;
  readonly part: Term;

  constructor(name: string, part: Term, location: Location) {
    this.name = name;
    this.location = location;
    this.part = part;
  }

  get shown(): string {
    return termText(this.part);
  }
}

/** Gives fresh names within one rule or query. */
export class Names {
  #count = 0;

  /** A variable of the engine's own, for what a part of an expression makes. */
  fresh(location: Location): VarTerm {
    return { kind: 'var', name: `$${this.#count++}`, location };
  }

  /** A variable of the engine's own that stands for a part of an expression, which errors show for it. */
  holding(part: Term, location: Location): VarTerm {
    return new HeldVar(`$${this.#count++}`, part, location);
  }

  /** A new variable that errors call by the name in the source. */
  rename(shown: string, location: Location): VarTerm {
    return { kind: 'var', name: `${shown}$${this.#count++}`, shown, location };
  }
}

/** The part of an expression that the term holds the value of, or undefined when it is no such variable. */
export function heldPart(term: Term): Term | undefined {
  return term instanceof HeldVar ? term.part : undefined;
}
