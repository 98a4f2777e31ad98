/** Makes variable names that no source can contain. */
import type { Location } from '../errors.ts';
import type { VarTerm } from '../syntax/ast.ts';

/** Gives fresh names within one rule or query. */
export class Names {
  #count = 0;

  /** A variable of the engine's own, for the value of a part of an expression; `shown` stands for it in errors. */
  fresh(location: Location, shown?: string): VarTerm {
    const name = `$${this.#count++}`;
    return shown === undefined ? { kind: 'var', name, location } : { kind: 'var', name, shown, location };
  }

  /** A new variable that errors call by the name in the source. */
  rename(shown: string, location: Location): VarTerm {
    return { kind: 'var', name: `${shown}$${this.#count++}`, shown, location };
  }
}

/** Whether the variable was made by the engine and has no name in the source. */
export function isGenerated(name: string): boolean {
  return name.charCodeAt(0) === 36;
}

/** The name that the source has for a variable. */
export function shownName(name: string): string {
  const mark = name.indexOf('$');
  return mark <= 0 ? name : name.slice(0, mark);
}
