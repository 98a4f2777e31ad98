/** Whether terms can be equal or of a type, and what their variables are when they are. */
import { constantOf } from '../compile/constants.ts';
import type { Term, VarTerm } from '../syntax/ast.ts';
import { keyName, type Variables } from './patterns.ts';
import { isVague, type Meter, select, unifies, union } from './relate.ts';
import { ANY, type Type } from './types.ts';

/** Tells the types of terms. */
export interface TermTyper {
  /** The type of a term, or undefined while it has unbound variables. */
  of(term: Term, variables: Variables): Type | undefined;
}

/**
 * What becomes of a variable whose type is known already: `keep` asks that the other type can hold the same value, `widen`
 * lets it be of either type from then on.
 */
type Known = 'keep' | 'widen';

/** Relates terms to each other and to types. What does not fit is told by false, never by an error of its own. */
export class Unifier {
  readonly #terms: TermTyper;
  readonly #meter: Meter;

  constructor(terms: TermTyper, meter: Meter) {
    this.#terms = terms;
    this.#meter = meter;
  }

  /** Whether two terms can be equal; binds the variables of either to what the other tells of them. */
  unify(left: Term, right: Term, variables: Variables): boolean {
    const leftType = this.#terms.of(left, variables);
    const rightType = this.#terms.of(right, variables);
    const leftKnown = leftType !== undefined && !isVague(leftType);
    const rightKnown = rightType !== undefined && !isVague(rightType);
    if (leftKnown && rightKnown) return unifies(leftType, rightType, this.#meter);
    if (rightKnown) return this.fits(left, rightType, variables);
    if (leftKnown) return this.fits(right, leftType, variables);
    return this.#unifyParts(left, right, variables);
  }

  /** Unifies terms of which neither has a type that tells enough; other terms than these are taken to differ, as in OPA. */
  #unifyParts(left: Term, right: Term, variables: Variables): boolean {
    if (left.kind === 'array' && right.kind === 'array') {
      if (left.items.length !== right.items.length) return false;
      return left.items.every((item, index) => this.unify(item, right.items[index]!, variables));
    }
    if (left.kind === 'object' && right.kind === 'object') {
      if (left.entries.length !== right.entries.length) return false;
      const others = valuesByKey(right);
      return left.entries.every(([key, value]) => {
        const other = others.get(keyName(key));
        return other !== undefined && this.unify(value, other, variables);
      });
    }
    if (left.kind === 'var') return this.#unifyVar(left, right, variables);
    return right.kind === 'var' && this.#unifyVar(right, left, variables);
  }

  /** Unifies a variable with a term of which no more is known: the order of two variables counts, as in OPA. */
  #unifyVar(variable: VarTerm, term: Term, variables: Variables): boolean {
    if (term.kind === 'var') {
      if (!variables.has(variable.name)) variables.set(variable.name, ANY);
      return this.fits(term, variables.get(variable.name)!, variables);
    }
    const isPattern = term.kind === 'array' || term.kind === 'object';
    if (!isPattern && variables.has(variable.name)) return false;
    return this.fits(variable, this.given(term, variables), variables);
  }

  /** The type that a new variable gets by being made equal to a term. */
  given(term: Term, variables: Variables): Type {
    const type = this.#terms.of(term, variables);
    const isPattern = term.kind === 'array' || term.kind === 'object';
    if (!isPattern || (type !== undefined && !isVague(type))) return type ?? ANY;
    this.#fit(term, ANY, variables, 'widen');
    return this.#terms.of(term, variables) ?? ANY;
  }

  /** Whether a term can be what a function takes: as a whole, as far as its type tells that, and part by part. */
  takes(term: Term, type: Type, variables: Variables): boolean {
    const own = this.#terms.of(term, variables);
    if (own !== undefined && !isVague(own) && !unifies(own, type, this.#meter)) return false;
    return this.fits(term, type, variables);
  }

  /** Whether a term can be of a type, part by part; variables that are in it and have no type yet are bound to the parts. */
  fits(term: Term, type: Type, variables: Variables): boolean {
    return this.#fit(term, type, variables, 'keep');
  }

  #fit(term: Term, type: Type, variables: Variables, known: Known): boolean {
    switch (term.kind) {
      case 'var':
        return this.#fitVar(term, type, variables, known);
      case 'array':
      case 'set':
      case 'object': {
        if (type.kind === 'any') return this.#fitAny(term, type.of, variables);
        if (term.kind === 'array') return type.kind === 'array' && this.#fitArray(term, type, variables, known);
        if (term.kind === 'object') return type.kind === 'object' && this.#fitObject(term, type, variables, known);
        if (type.kind !== 'set') return false;
        const { of } = type;
        return term.items.every((item) => of !== undefined && this.#fit(item, of, variables, known));
      }
      default: {
        const own = this.#terms.of(term, variables);
        return own !== undefined && unifies(own, type, this.#meter);
      }
    }
  }

  #fitVar(term: VarTerm, type: Type, variables: Variables, known: Known): boolean {
    const own = this.#terms.of(term, variables);
    if (own !== undefined && known === 'keep') return unifies(own, type, this.#meter);
    if (type.kind === 'unknown') return true;
    variables.set(term.name, union([own, type])!);
    return true;
  }

  /** What a collection in a place of several types holds can be any of these from then on. */
  #fitAny(term: CollectionTerm, types: readonly Type[], variables: Variables): boolean {
    if (types.length > 0) return types.filter((type) => this.#fit(term, type, variables, 'widen')).length > 0;
    for (const part of partsIn(term)) this.#fit(part, ANY, variables, 'widen');
    return true;
  }

  #fitArray(term: ArrayTerm, type: Type & { kind: 'array' }, variables: Variables, known: Known): boolean {
    if (type.rest === undefined && term.items.length !== type.items.length) return false;
    return term.items.every((item, index) => {
      const wanted = type.items[index] ?? type.rest;
      return wanted !== undefined && this.#fit(item, wanted, variables, known);
    });
  }

  #fitObject(term: ObjectTerm, type: Type & { kind: 'object' }, variables: Variables, known: Known): boolean {
    if (type.dynamic === undefined && type.properties.length !== term.entries.length) return false;
    return term.entries.every(([key, value]) => {
      const constant = constantOf(key);
      // Which property a key that is no constant means is not looked for.
      if (constant === undefined) return this.#fit(value, ANY, variables, known) || true;
      const wanted = select(type, constant.value);
      return wanted !== undefined && this.#fit(value, wanted, variables, known);
    });
  }
}

type ArrayTerm = Term & { kind: 'array' };
type ObjectTerm = Term & { kind: 'object' };
type CollectionTerm = ArrayTerm | ObjectTerm | (Term & { kind: 'set' });

/** The values of an object by the names of their keys; of keys that are the same the first counts. */
function valuesByKey({ entries }: ObjectTerm): Map<string | undefined, Term> {
  const values = new Map<string | undefined, Term>();
  for (const [key, value] of entries) {
    const name = keyName(key);
    if (name !== undefined && !values.has(name)) values.set(name, value);
  }
  return values;
}

function partsIn(term: CollectionTerm): readonly Term[] {
  return term.kind === 'object' ? term.entries.flat() : term.items;
}
