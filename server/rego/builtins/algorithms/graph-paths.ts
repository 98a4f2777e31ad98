/** Walks through directed graphs that are given as an object from node to its neighbours. */
import { keyOf, type RegoObject, RegoSet, type Value, type ValueKey } from '../../values.ts';
import { membersOf } from '../operands.ts';

/** The nodes of the graph that can be reached from the given ones, these included. */
export function reachableNodes(graph: RegoObject, from: readonly Value[], step: () => void): RegoSet {
  const pending = [...from];
  const reached = new Map<ValueKey, Value>();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    step();
    const key = keyOf(node);
    const neighbours = reached.has(key) ? undefined : graph.get(node);
    if (neighbours === undefined) continue;
    reached.set(key, node);
    for (const neighbour of membersOf(neighbours) ?? []) pending.push(neighbour);
  }
  return RegoSet.from(reached.values());
}

/** Every longest path without a repeated node that starts at one of the given nodes. */
export function reachablePaths(graph: RegoObject, from: readonly Value[], step: () => void): RegoSet {
  const found: Value[] = [];
  const extend = (node: Value, path: readonly Value[]) => {
    step();
    const neighbours = graph.get(node);
    if (neighbours === undefined) {
      found.push(path);
      return;
    }
    const extended = [...path, node];
    const next = membersOf(neighbours) ?? [];
    if (next.length === 0) found.push(extended);
    const visited = RegoSet.from(extended);
    for (const neighbour of next) {
      if (visited.has(neighbour)) found.push(extended);
      else extend(neighbour, extended);
    }
  };
  for (const node of from) {
    const neighbours = graph.get(node);
    if (neighbours === undefined) continue;
    const next = membersOf(neighbours) ?? [];
    if (next.length === 0) found.push([node]);
    // A start node that is its own neighbour stands twice in the path, as OPA has it.
    for (const neighbour of next) extend(neighbour, [node]);
  }
  return RegoSet.from(found);
}
