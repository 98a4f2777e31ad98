/** Walks through directed graphs that are given as an object from node to its neighbours. */
import { keyOf, type RegoObject, RegoSet, type Value, type ValueKey } from '../../values.ts';
import { membersOf } from '../operands.ts';

/** The nodes of the graph that can be reached from the given ones, these included. */
export function reachableNodes(graph: RegoObject, from: readonly Value[], step: (node: Value) => void): RegoSet {
  const pending = [...from];
  const reached = new Map<ValueKey, Value>();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    step(node);
    const key = keyOf(node);
    const neighbours = reached.has(key) ? undefined : graph.get(node);
    if (neighbours === undefined) continue;
    reached.set(key, node);
    for (const neighbour of membersOf(neighbours) ?? []) pending.push(neighbour);
  }
  return RegoSet.from(reached.values());
}

/**
 * Every longest path without a repeated node that starts at one of the given nodes. `step` is told of every node that is visited
 * and of every node of a path that is kept.
 */
export function reachablePaths(graph: RegoObject, from: readonly Value[], step: (node: Value) => void): RegoSet {
  const found: Value[] = [];
  const path: Value[] = [];
  const onPath = new Set<ValueKey>();
  const keep = () => {
    for (const node of path) step(node);
    found.push([...path]);
  };
  const extend = (node: Value) => {
    step(node);
    const neighbours = graph.get(node);
    if (neighbours === undefined) {
      keep();
      return;
    }
    const key = keyOf(node);
    const isRepeated = onPath.has(key);
    onPath.add(key);
    path.push(node);
    const next = membersOf(neighbours) ?? [];
    if (next.length === 0) keep();
    for (const neighbour of next) {
      if (onPath.has(keyOf(neighbour))) keep();
      else extend(neighbour);
    }
    path.pop();
    if (!isRepeated) onPath.delete(key);
  };
  for (const node of from) {
    step(node);
    const neighbours = graph.get(node);
    if (neighbours === undefined) continue;
    path.push(node);
    onPath.add(keyOf(node));
    const next = membersOf(neighbours) ?? [];
    if (next.length === 0) keep();
    // A start node that is its own neighbour stands twice in the path, as OPA has it.
    for (const neighbour of next) extend(neighbour);
    path.pop();
    onPath.delete(keyOf(node));
  }
  return RegoSet.from(found);
}
