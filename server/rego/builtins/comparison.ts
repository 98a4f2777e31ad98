/** Built-ins that compare any two values by Rego's total order, and membership. */
import { compare, equal, RegoObject, RegoSet, type Value } from '../values.ts';
import { deepCost, flatCost } from './cost.ts';
import { define } from './define.ts';
import { isArray } from './operands.ts';
import type { Builtin } from './types.ts';

/** Two operands are compared only as far as the smaller one goes. */
function comparisonCost(args: readonly Value[]): number {
  const [left = null, right = null] = args;
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') return 1;
  return deepCost([flatCost([left]) <= flatCost([right]) ? left : right]);
}

function comparison(signature: string, infix: string, holds: (left: Value, right: Value) => boolean): Builtin {
  return define(signature, (args) => holds(args[0] as Value, args[1] as Value), { infix, cost: comparisonCost });
}

function isMember(args: readonly Value[]): boolean {
  const [value = null, collection] = args;
  if (collection instanceof RegoSet) return collection.has(value);
  if (isArray(collection)) return collection.some((item) => equal(item, value));
  if (!(collection instanceof RegoObject)) return false;
  for (const item of collection.values()) if (equal(item, value)) return true;
  return false;
}

function isMemberAt(args: readonly Value[]): boolean {
  const [key = null, value = null, collection] = args;
  if (collection instanceof RegoSet) return collection.has(key) && equal(key, value);
  if (collection instanceof RegoObject) return isEqualTo(value, collection.get(key));
  return isArray(collection) && typeof key === 'number' && isEqualTo(value, collection[key]);
}

function isEqualTo(value: Value, found: Value | undefined): boolean {
  return found !== undefined && equal(value, found);
}

/** A collection may be compared with every member. */
function memberCost(args: readonly Value[]): number {
  return flatCost(args.slice(1)) * deepCost(args.slice(0, 1));
}

/** The comparison built-ins. */
export const comparisons: readonly Builtin[] = [
  comparison('equal(any, any) -> boolean', '==', equal),
  comparison('neq(any, any) -> boolean', '!=', (left, right) => !equal(left, right)),
  comparison('lt(any, any) -> boolean', '<', (left, right) => compare(left, right) < 0),
  comparison('lte(any, any) -> boolean', '<=', (left, right) => compare(left, right) <= 0),
  comparison('gt(any, any) -> boolean', '>', (left, right) => compare(left, right) > 0),
  comparison('gte(any, any) -> boolean', '>=', (left, right) => compare(left, right) >= 0),
  // Unification and assignment are the compiler's; with ground operands both mean equality.
  comparison('eq(any, any) -> boolean', '=', equal),
  comparison('assign(any, any) -> boolean', ':=', equal),
  define('internal.member_2(any, any) -> boolean', isMember, { infix: 'in', cost: memberCost }),
  define('internal.member_3(any, any, any) -> boolean', isMemberAt, {
    infix: 'in',
    cost: (args) => deepCost(args.slice(0, 2)),
  }),
];
