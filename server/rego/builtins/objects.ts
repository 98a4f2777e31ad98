/** Built-ins on objects. */
import { BuiltinTypeError } from '../errors.ts';
import { RegoObject, RegoSet, type Value } from '../values.ts';
import { isSubset } from './algorithms/subset.ts';
import { deepCost, flatCost } from './cost.ts';
import { define } from './define.ts';
import { arrayOperand, isArray, objectOperand, operandElementError, operandTypeError } from './operands.ts';
import type { Builtin } from './types.ts';

function keysOperand(args: readonly Value[]): RegoSet {
  const value = args[1] as Value;
  if (value instanceof RegoSet) return value;
  if (value instanceof RegoObject) return RegoSet.from(value.keys());
  if (isArray(value)) return RegoSet.from(value);
  throw operandTypeError(2, value, 'object', 'set', 'array');
}

function keep(args: readonly Value[], wanted: boolean): RegoObject {
  const object = objectOperand(args, 0);
  const keys = keysOperand(args);
  return RegoObject.from([...object.entries()].filter(([key]) => keys.has(key) === wanted));
}

/** The value at a path into objects, arrays and sets; undefined where the path leads nowhere. */
function lookUp(value: Value, path: readonly Value[]): Value | undefined {
  let current: Value | undefined = value;
  for (const key of path) {
    if (current instanceof RegoObject || current instanceof RegoSet) current = current.get(key);
    else if (isArray(current) && typeof key === 'number') current = current[key];
    else return undefined;
    if (current === undefined) return undefined;
  }
  return current;
}

function get(args: readonly Value[]): Value {
  const object = objectOperand(args, 0);
  const key = args[1] as Value;
  const found = isArray(key) ? lookUp(object, key) : object.get(key);
  return found === undefined ? (args[2] as Value) : found;
}

/** The second object over the first; where both have objects at a key, these are joined the same way. */
function union(left: RegoObject, right: RegoObject): RegoObject {
  if (left.size === 0) return right;
  if (right.size === 0) return left;
  const entries: [Value, Value][] = [...left.entries()];
  for (const [key, value] of right.entries()) {
    const known = left.get(key);
    const joined = known instanceof RegoObject && value instanceof RegoObject ? union(known, value) : value;
    entries.push([key, joined]);
  }
  return RegoObject.from(entries);
}

function unionN(args: readonly Value[]): Value {
  const items = arrayOperand(args, 0);
  for (const item of items) {
    if (!(item instanceof RegoObject)) throw operandElementError(1, items, item, 'object');
  }
  return (items as readonly RegoObject[]).reduce(union, RegoObject.empty);
}

function unionNCost(args: readonly Value[]): number {
  return isArray(args[0]) ? deepCost(args) + args[0].length * 4 : 1;
}

function subset(args: readonly Value[]): boolean {
  const result = isSubset(args[0] as Value, args[1] as Value);
  if (result !== undefined) return result;
  throw new BuiltinTypeError('both arguments object.subset must be of the same type or array and set');
}

/** The object built-ins. */
export const objects: readonly Builtin[] = [
  define('object.filter(object[any: any], any<array[any], object[any: any], set[any]>) -> object[any: any]', (args) =>
    keep(args, true),
  ),
  define('object.remove(object[any: any], any<array[any], object[any: any], set[any]>) -> object[any: any]', (args) =>
    keep(args, false),
  ),
  define('object.get(object[any: any], any, any) -> any', get, { cost: (args) => flatCost(args.slice(1, 2)) }),
  define('object.keys(object[any: any]) -> set[any]', (args) => RegoSet.from(objectOperand(args, 0).keys())),
  define(
    'object.union(object[any: any], object[any: any]) -> object[any: any]',
    (args) => union(objectOperand(args, 0), objectOperand(args, 1)),
    { cost: deepCost },
  ),
  define('object.union_n(array[object[any: any]]) -> object[any: any]', unionN, { cost: unionNCost }),
  define(
    'object.subset(any<array[any], object[any: any], set[any]>, any<array[any], object[any: any], set[any]>) -> boolean',
    subset,
    { cost: deepCost },
  ),
];
