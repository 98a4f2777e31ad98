/** Built-ins on JSON-like documents: paths and patches. */
import { RegoObject, type Value } from '../values.ts';
import { applyPatch } from './algorithms/json-patch.ts';
import { keepPaths, removePaths } from './algorithms/json-paths.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import { arrayOperand, isArray, objectOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

function patch(args: readonly Value[], ctx: BuiltinContext): Value | undefined {
  return applyPatch(args[0] as Value, arrayOperand(args, 1), (elements) => ctx.limits.charge(1 + elements));
}

/** Steps for each character of a path that is written as text. */
const STEPS_PER_PATH_CHARACTER = 0.3;

function pathsCost(operations: Value | undefined): number {
  let characters = 0;
  for (const operation of isArray(operations) ? operations : []) {
    if (!(operation instanceof RegoObject)) continue;
    for (const name of ['path', 'from']) {
      const path = operation.get(name);
      if (typeof path === 'string') characters += path.length;
    }
  }
  return Math.ceil(characters * STEPS_PER_PATH_CHARACTER);
}

const PATHS = 'any<array[any<string, array[any]>], set[any<string, array[any]>]>';

/** The JSON document built-ins. */
export const json: readonly Builtin[] = [
  define(
    `json.filter(object[any: any], ${PATHS}) -> object[any: any]`,
    (args) => keepPaths(objectOperand(args, 0), args),
    { cost: (args) => 20 + 2 * deepCost(args) },
  ),
  define(
    `json.remove(object[any: any], ${PATHS}) -> object[any: any]`,
    (args) => removePaths(objectOperand(args, 0), args),
    { cost: (args) => 20 + 2 * deepCost(args) },
  ),
  define('json.patch(any, array[object<op: string, path: any>[any: any]]) -> any', patch, {
    cost: (args) => 20 + 3 * deepCost(args.slice(1)) + pathsCost(args[1]),
  }),
];
