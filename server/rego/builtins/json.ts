/** Built-ins on JSON-like documents: paths and patches. */
import type { Value } from '../values.ts';
import { applyPatch } from './algorithms/json-patch.ts';
import { keepPaths, removePaths } from './algorithms/json-paths.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import { arrayOperand, objectOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

function patch(args: readonly Value[], ctx: BuiltinContext): Value | undefined {
  return applyPatch(args[0] as Value, arrayOperand(args, 1), (elements) => ctx.limits.charge(1 + elements));
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
    cost: (args) => 20 + 3 * deepCost(args.slice(1)),
  }),
];
