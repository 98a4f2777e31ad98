/** Built-ins on objects. */
import { BuiltinTypeError } from '../errors.ts';
import { keyOf, RegoObject, RegoSet, type Value, type ValueKey } from '../values.ts';
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

/** Keys that are collections are hashed with all that is in them. */
function keysCost(args: readonly Value[]): number {
  return args[0] instanceof RegoObject ? 2 * deepCost([args[0].keys()]) : 1;
}

/** The keys asked for are hashed with all that is in them. */
function keepCost(args: readonly Value[]): number {
  return 3 * (flatCost(args.slice(0, 1)) + keysCost(args) + deepCost(args.slice(1)));
}

function unionN(args: readonly Value[]): Value {
  const items = arrayOperand(args, 0);
  for (const item of items) {
    if (!(item instanceof RegoObject)) throw operandElementError(1, items, item, 'object');
  }
  return unionOf(items as readonly RegoObject[]);
}

/** Later objects over earlier ones; all that stand at a key are joined at once, so that no object is copied again and again. */
function unionOf(objects: readonly RegoObject[]): RegoObject {
  const last = new Map<ValueKey, { key: Value; values: Value[] }>();
  for (const object of objects) {
    for (const [key, value] of object.entries()) {
      const hash = keyOf(key);
      const known = last.get(hash);
      if (known === undefined) last.set(hash, { key, values: [value] });
      else if (value instanceof RegoObject && known.values[0] instanceof RegoObject) known.values.push(value);
      else known.values = [value];
    }
  }
  return RegoObject.from(
    [...last.values()].map(({ key, values }) => [
      key,
      values.length === 1 ? values[0]! : unionOf(values as readonly RegoObject[]),
    ]),
  );
}

function unionNCost(args: readonly Value[]): number {
  return isArray(args[0]) ? 2 * deepCost(args) : 1;
}

function subset(args: readonly Value[]): boolean {
  const result = isSubset(args[0] as Value, args[1] as Value);
  if (result !== undefined) return result;
  throw new BuiltinTypeError('both arguments object.subset must be of the same type or array and set');
}

/** The object built-ins. */
export const objects: readonly Builtin[] = [
  define(
    'object.filter(object[any: any], any<array[any], object[any: any], set[any]>) -> object[any: any]',
    (args) => keep(args, true),
    { cost: keepCost },
  ),
  define(
    'object.remove(object[any: any], any<array[any], object[any: any], set[any]>) -> object[any: any]',
    (args) => keep(args, false),
    { cost: keepCost },
  ),
  define('object.get(object[any: any], any, any) -> any', get, { cost: (args) => deepCost(args.slice(1, 2)) }),
  define('object.keys(object[any: any]) -> set[any]', (args) => RegoSet.from(objectOperand(args, 0).keys()), {
    cost: keysCost,
  }),
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
