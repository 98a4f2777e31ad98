/** Whether terms can be equal or of a type, and what their variables are when they are. */
import { constantOf } from '../compile/constants.ts';
import type { Term, VarTerm } from '../syntax/ast.ts';
import { bindAny, isVariable, sameKey, type Variables } from './patterns.ts';
import { hasEmptySet, keysOf, partsOf, select, unifies, union } from './relate.ts';
import { ANY, type Type } from './types.ts';

/** Tells the types of terms. */
export interface TermTyper {
  /** The type of a term, or undefined while it has unbound variables. */
  of(term: Term, variables: Variables): Type | undefined;
}

/** Relates terms to each other and to types. What does not fit is told by false, never by an error of its own. */
export class Unifier {
  readonly #terms: TermTyper;

  constructor(terms: TermTyper) {
    this.#terms = terms;
  }

  /** Whether two terms can be equal; binds the variables of either to what the other tells of them. */
  unify(left: Term, right: Term, variables: Variables): boolean {
    const leftType = this.#terms.of(left, variables);
    const rightType = this.#terms.of(right, variables);
    const leftKnown = leftType !== undefined && !hasEmptySet(leftType);
    const rightKnown = rightType !== undefined && !hasEmptySet(rightType);
    if (leftKnown && rightKnown) return unifies(leftType, rightType);
    if (rightKnown) return this.fits(left, rightType, variables);
    if (leftKnown) return this.fits(right, leftType, variables);
    return this.#unifyParts(left, right, variables);
  }

  /** Unifies terms of which neither has a type that tells enough. */
  #unifyParts(left: Term, right: Term, variables: Variables): boolean {
    if (left.kind === 'array' && right.kind === 'array') {
      if (left.items.length !== right.items.length) return false;
      return left.items.every((item, index) => this.unify(item, right.items[index]!, variables));
    }
    if (left.kind === 'object' && right.kind === 'object') {
      if (left.entries.length !== right.entries.length) return false;
      return left.entries.every(([key, value]) => {
        const other = right.entries.find(([otherKey]) => sameKey(key, otherKey));
        return other !== undefined && this.unify(value, other[1], variables);
      });
    }
    if (right.kind === 'var' && !variables.has(right.name)) return this.#bind(right, left, variables);
    if (left.kind === 'var' && !variables.has(left.name)) return this.#bind(left, right, variables);
    if (isVariable(right) && !isVariable(left)) return this.#unifyParts(right, left, variables);
    if (isVariable(left)) {
      if (isVariable(right) || right.kind === 'array' || right.kind === 'object') return true;
    }
    const leftType = this.#terms.of(left, variables);
    const rightType = this.#terms.of(right, variables);
    if (leftType !== undefined && rightType !== undefined) return unifies(leftType, rightType);
    if (rightType !== undefined && left.kind !== 'var') return this.assign(left, rightType, variables);
    return leftType === undefined || right.kind === 'var' || this.assign(right, leftType, variables);
  }

  /** Gives a variable without a type that of another term; what nothing is known of in that can be anything. */
  #bind(variable: VarTerm, term: Term, variables: Variables): boolean {
    if (term.kind !== 'set') bindAny(term, variables);
    variables.set(variable.name, (isVariable(term) ? undefined : this.#terms.of(term, variables)) ?? ANY);
    return true;
  }

  /** Binds the variables of a pattern to the parts of a type; false when the type cannot have the shape. */
  assign(pattern: Term, type: Type, variables: Variables): boolean {
    if (pattern.kind === 'var') {
      const known = variables.get(pattern.name);
      if (known !== undefined) return unifies(known, type);
      variables.set(pattern.name, type);
      return true;
    }
    if (type.kind === 'any') return type.of.length === 0 || this.#assignAny(pattern, type.of, variables);
    if (pattern.kind === 'array') {
      if (type.kind !== 'array') return false;
      if (type.rest === undefined && type.items.length !== pattern.items.length) return false;
      return pattern.items.every((item, index) => {
        const part = type.items[index] ?? type.rest;
        return part !== undefined && this.assign(item, part, variables);
      });
    }
    if (pattern.kind === 'object') {
      if (type.kind !== 'object') return false;
      if (type.dynamic === undefined && type.properties.length !== pattern.entries.length) return false;
      return pattern.entries.every(([key, value]) => {
        const part = key.kind === 'scalar' ? select(type, key.value) : partsOf(type);
        return part !== undefined && this.assign(value, part, variables);
      });
    }
    const own = this.#terms.of(pattern, variables);
    return own === undefined || unifies(own, type);
  }

  /** Binds the variables of a pattern to what they are in any of the types that the pattern can have. */
  #assignAny(pattern: Term, types: readonly Type[], variables: Variables): boolean {
    const fitting = types
      .map((type) => ({ type, bound: new Map(variables) }))
      .filter(({ type, bound }) => this.assign(pattern, type, bound));
    for (const { bound } of fitting) {
      for (const [name, type] of bound) {
        const known = variables.get(name);
        variables.set(name, known === undefined ? type : union([known, type])!);
      }
    }
    return fitting.length > 0;
  }

  /** Whether a term can be of a type, part by part; a term of no known type yet is bound to the parts. */
  fits(term: Term, type: Type, variables: Variables): boolean {
    const own = this.#terms.of(term, variables);
    if (own === undefined) return this.assign(term, type, variables);
    const shows = term.kind === 'array' || term.kind === 'set' || term.kind === 'object';
    const fits = shows && hasEmptySet(own) ? type.kind === 'any' || own.kind === type.kind : unifies(own, type);
    return fits && this.#partsFit(term, type, variables);
  }

  #partsFit(term: Term, type: Type, variables: Variables): boolean {
    const matches = (part: Term, wanted: Type | undefined): boolean =>
      wanted === undefined || this.fits(part, wanted, variables);
    if (type.kind === 'any') {
      const fitting = type.of.filter((part) => matches(term, part));
      if (type.of.length > 0 && fitting.length === 0) return false;
      // What a collection in such a place holds counts as any of these from then on, as in OPA.
      for (const part of type.of.length === 0 ? [ANY] : fitting) this.#widen(term, part, variables);
      return true;
    }
    if (term.kind === 'array' && type.kind === 'array') {
      if (type.rest === undefined && term.items.length !== type.items.length) return false;
      return term.items.every((item, index) => matches(item, type.items[index] ?? type.rest));
    }
    if (term.kind === 'set' && type.kind === 'set') {
      return term.items.every((item) => type.of !== undefined && this.fits(item, type.of, variables));
    }
    if (term.kind !== 'object' || type.kind !== 'object') return true;
    const isClosed = type.dynamic === undefined;
    if (isClosed && type.properties.length !== term.entries.length) return false;
    return term.entries.every(([key, value]) => {
      const constant = constantOf(key);
      if (isClosed && constant !== undefined && select(type, constant.value) === undefined) return false;
      const wanted = constant === undefined ? partsOf(type) : select(type, constant.value);
      return matches(key, keysOf(type)) && matches(value, wanted);
    });
  }

  /** Adds a type to those of the variables in a collection. */
  #widen(term: Term, type: Type, variables: Variables): void {
    const parts = partsOf(type);
    const keys = keysOf(type);
    const add = (part: Term, more: Type | undefined): void => {
      if (more === undefined) return;
      const known = part.kind === 'var' ? variables.get(part.name) : undefined;
      if (known !== undefined) variables.set((part as VarTerm).name, union([known, more])!);
      else this.#widen(part, more, variables);
    };
    if (term.kind === 'array' || term.kind === 'set') for (const item of term.items) add(item, parts);
    if (term.kind !== 'object') return;
    for (const [key, value] of term.entries) {
      add(key, keys);
      add(value, parts);
    }
  }
}
