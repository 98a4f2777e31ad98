/** Which rules can give something else when another is replaced. */
import type { RuleGraph, Vertex } from '../compile/rule-graph.ts';
import { RuleGroup } from '../compile/rule-graph.ts';
import type { RuleNode } from '../compile/rule-tree.ts';

/** Answers for the rules of a graph; what was asked once is kept. */
export class Dependents {
  readonly #graph: RuleGraph;
  readonly #found = new Map<RuleNode, ReadonlySet<RuleNode>>();
  #users: Map<Vertex, Vertex[]> | undefined;

  constructor(graph: RuleGraph) {
    this.#graph = graph;
  }

  /** The nodes of all rules that need, by however many steps, a rule at or below the node. */
  of(node: RuleNode): ReadonlySet<RuleNode> {
    let nodes = this.#found.get(node);
    if (nodes === undefined) {
      nodes = this.#find(node);
      this.#found.set(node, nodes);
    }
    return nodes;
  }

  #find(node: RuleNode): ReadonlySet<RuleNode> {
    this.#users ??= usersOf(this.#graph);
    const replaced = new Set<RuleNode>();
    addNodes(node, replaced);
    const nodes = new Set<RuleNode>();
    const pending: Vertex[] = this.#graph.rules.filter((rule) => replaced.has(rule.node));
    const seen = new Set(pending);
    for (let vertex = pending.pop(); vertex !== undefined; vertex = pending.pop()) {
      for (const user of this.#users.get(vertex) ?? []) {
        if (seen.has(user)) continue;
        seen.add(user);
        pending.push(user);
        if (!(user instanceof RuleGroup)) nodes.add(user.node);
      }
    }
    return nodes;
  }
}

function addNodes(node: RuleNode, into: Set<RuleNode>): void {
  into.add(node);
  for (const child of node.children.values()) addNodes(child, into);
}

/** The graph in the other direction. */
function usersOf(graph: RuleGraph): Map<Vertex, Vertex[]> {
  const users = new Map<Vertex, Vertex[]>();
  const pending: Vertex[] = [...graph.rules];
  const seen = new Set(pending);
  for (let vertex = pending.pop(); vertex !== undefined; vertex = pending.pop()) {
    for (const needed of graph.next(vertex)) {
      const known = users.get(needed);
      if (known === undefined) users.set(needed, [vertex]);
      else known.push(vertex);
      if (seen.has(needed)) continue;
      seen.add(needed);
      pending.push(needed);
    }
  }
  return users;
}
