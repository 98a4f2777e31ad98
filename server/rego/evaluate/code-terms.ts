/** Compiles terms to getters and patterns to matchers. */

import { flatten } from '../compile/bindings.ts';
import { constantOf } from '../compile/constants.ts';
import type { Term } from '../syntax/ast.ts';
import { RegoObject, RegoSet, type Value } from '../values.ts';
import { type Bound, type Getter, impossible, type Layout, type Matcher } from './code.ts';
import type { Machine } from './machine.ts';
import { chargeSize, equalCharged, isShortText } from './work.ts';

export { constantOf, flatten };

/** The slot of a variable; undefined for other terms. */
export function slotOf(term: Term, layout: Layout): number | undefined {
  return term.kind === 'var' && term.name !== 'data' && term.name !== 'input' ? layout.slot(term.name) : undefined;
}

/** Compiles a term of constants, bound variables and collections of these; it always has a value. */
export function compileGetter(term: Term, layout: Layout): Getter {
  const constant = constantOf(term);
  if (constant !== undefined) {
    const { value } = constant;
    return () => value;
  }
  switch (term.kind) {
    case 'var': {
      const slot = layout.slot(term.name);
      return (_machine, frame) => frame[slot];
    }
    case 'array': {
      const items = term.items.map((item) => compileGetter(item, layout));
      const pay = payment(items.length, ITEMS_PER_STEP);
      return (machine, frame) => {
        pay?.(machine);
        const values = new Array<Value>(items.length);
        for (let index = 0; index < items.length; index++) values[index] = items[index]!(machine, frame) as Value;
        return values;
      };
    }
    case 'set': {
      const items = term.items.map((item) => compileGetter(item, layout));
      const pay = payment(items.length, 1);
      return (machine, frame) => {
        pay?.(machine);
        return RegoSet.from(items.map((item) => hashed(machine, item(machine, frame) as Value)));
      };
    }
    case 'object': {
      const entries = term.entries.map(
        ([key, value]) => [compileGetter(key, layout), compileGetter(value, layout)] as const,
      );
      const pay = payment(entries.length, 1);
      return (machine, frame) => {
        pay?.(machine);
        return RegoObject.from(
          entries.map(
            ([key, value]) => [hashed(machine, key(machine, frame) as Value), value(machine, frame) as Value] as const,
          ),
        );
      };
    }
    default:
      impossible(`a ${term.kind} inside a term`);
  }
}

/** Items of an array that are put together in a step. */
const ITEMS_PER_STEP = 8;

/** Smaller collections are part of the expression that they stand in, and of the element that holds them. */
const MOST_FREE = 8;

/** Parts of larger collections that count as an element that is kept. */
const PARTS_PER_ELEMENT = 4;

/** Pays for a collection that a source writes out; undefined where it is too small to matter. */
function payment(size: number, partsPerStep: number): ((machine: Machine) => void) | undefined {
  if (size <= MOST_FREE) return undefined;
  const steps = Math.ceil(size / partsPerStep);
  const elements = Math.ceil(size / PARTS_PER_ELEMENT);
  return ({ budget }) => {
    budget.charge(steps);
    budget.keep(elements);
  };
}

/** Compiles a term that is bound and used as a key; long ones are charged for. */
export function compileKey(term: Term, layout: Layout): Getter {
  const getter = compileGetter(term, layout);
  if (term.kind === 'scalar') return getter;
  return (machine, frame) => hashed(machine, getter(machine, frame) as Value);
}

/** The value, charged for being a key. */
function hashed(machine: Machine, value: Value): Value {
  chargeSize(machine.budget, value);
  return value;
}

/** Whether the term mentions only bound variables. */
export function isBound(term: Term, bound: Bound): boolean {
  switch (term.kind) {
    case 'var':
      return bound.has(term.name) || term.name === 'data' || term.name === 'input';
    case 'array':
    case 'set':
      return term.items.every((item) => isBound(item, bound));
    case 'object':
      return term.entries.every(([key, value]) => isBound(key, bound) && isBound(value, bound));
    case 'ref':
      return term.terms.every((step) => isBound(step, bound));
    default:
      return true;
  }
}

/** Compiles a pattern; the matcher binds the variables that are not bound yet, and `bound` grows by them. */
export function compileMatcher(pattern: Term, bound: Set<string>, layout: Layout): Matcher {
  if (pattern.kind === 'var' && !bound.has(pattern.name)) {
    bound.add(pattern.name);
    const slot = layout.slot(pattern.name);
    return (_machine, frame, value) => {
      frame[slot] = value;
      return true;
    };
  }
  if (isBound(pattern, bound)) {
    const constant = constantOf(pattern);
    if (constant !== undefined) {
      const { value: wanted } = constant;
      if (isShortText(wanted)) return (_machine, _frame, value) => value === wanted;
      return (machine, _frame, value) => equalCharged(machine.budget, value, wanted);
    }
    const getter = compileGetter(pattern, layout);
    return (machine, frame, value) => equalCharged(machine.budget, getter(machine, frame) as Value, value);
  }
  if (pattern.kind === 'array') {
    const matchers = pattern.items.map((item) => compileMatcher(item, bound, layout));
    return (machine, frame, value) => {
      if (!Array.isArray(value) || value.length !== matchers.length) return false;
      for (let index = 0; index < matchers.length; index++) {
        if (!matchers[index]!(machine, frame, value[index] as Value)) return false;
      }
      return true;
    };
  }
  if (pattern.kind === 'object') {
    const entries = pattern.entries.map(
      ([key, value]) => [compileGetter(key, layout), compileMatcher(value, bound, layout)] as const,
    );
    return (machine, frame, value) => {
      if (!(value instanceof RegoObject) || value.size !== entries.length) return false;
      for (const [key, matcher] of entries) {
        const part = value.get(key(machine, frame) as Value);
        if (part === undefined || !matcher(machine, frame, part)) return false;
      }
      return true;
    };
  }
  impossible(`a ${pattern.kind} that binds variables`);
}

/** Whether matching a value can bind every variable of the pattern that is not bound. */
export function canMatch(pattern: Term, bound: Bound): boolean {
  if (pattern.kind === 'var' || isBound(pattern, bound)) return true;
  if (pattern.kind === 'array') return pattern.items.every((item) => canMatch(item, bound));
  if (pattern.kind !== 'object') return false;
  return pattern.entries.every(([key, value]) => isBound(key, bound) && canMatch(value, bound));
}
