/** Built-ins on graphs and trees of values. */
import { RegoObject, RegoSet, type Value } from '../values.ts';
import { reachableNodes, reachablePaths } from './algorithms/graph-paths.ts';
import { constantCost, deepCost } from './cost.ts';
import { define } from './define.ts';
import { isArray, membersOf, objectOperand, operandTypeError } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

type Search = (graph: RegoObject, from: readonly Value[], step: (node: Value) => void) => RegoSet;

function search(signature: string, find: Search): Builtin {
  const call = (args: readonly Value[], ctx: BuiltinContext) => {
    const graph = objectOperand(args, 0);
    const from = membersOf(args[1]);
    if (!from) throw operandTypeError(2, args[1] as Value, '{array, set}');
    // How far a search goes is only known while it goes: each node is charged when it is visited.
    return find(graph, from, (node) => ctx.limits.charge(5 + deepCost([node])));
  };
  return define(signature, call, { cost: constantCost(20) });
}

function childrenOf(value: Value): Iterable<readonly [Value, Value]> {
  if (isArray(value)) return value.entries();
  if (value instanceof RegoObject) return value.entries();
  return value instanceof RegoSet ? value.items().map((item) => [item, item] as const) : [];
}

/** Every value inside the operand, itself first, each with the path to it. */
function walk(args: readonly Value[], ctx: BuiltinContext): Value {
  const found: Value[] = [];
  const visit = (path: readonly Value[], value: Value) => {
    // Each path is a list of its own.
    ctx.limits.charge(path.length >> 2);
    found.push([path, value]);
    for (const [key, child] of childrenOf(value)) visit([...path, key], child);
  };
  visit([], args[0] as Value);
  return found;
}

const EDGES = 'object[any: any<array[any], set[any]>], any<array[any], set[any]>';

/** The graph built-ins. */
export const graph: readonly Builtin[] = [
  search(`graph.reachable(${EDGES}) -> set[any]`, reachableNodes),
  search(`graph.reachable_paths(${EDGES}) -> set[array[any]]`, reachablePaths),
  define('walk(any) -> array<array[any], any>', walk, { relation: true, cost: (args) => 2 * deepCost(args) }),
];
