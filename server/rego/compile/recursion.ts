/** The order of rules by what they need, and rules that depend on themselves. */
import type { RegoError } from '../errors.ts';
import type { RefTerm, Term } from '../syntax/ast.ts';
import type { AnalysedRule } from './analyse.ts';
import type { CompileBudget } from './budget.ts';
import { recursionErrors } from './rule-cycles.ts';
import { type RuleGraph, RuleGroup, type Vertex } from './rule-graph.ts';
import type { RuleNode, RuleTree } from './rule-tree.ts';

/** The rules, each after those that it needs (as far as there are no cycles). */
export function dependencyOrder(graph: RuleGraph): AnalysedRule[] {
  const order: AnalysedRule[] = [];
  const entered = new Set<Vertex>();
  for (const start of graph.rules) {
    const stack: { vertex: Vertex; next: readonly Vertex[]; left: number }[] = [];
    const enter = (vertex: Vertex): void => {
      if (entered.has(vertex)) return;
      entered.add(vertex);
      const next = graph.next(vertex);
      stack.push({ vertex, next, left: next.length });
    };
    enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.left > 0) enter(top.next[--top.left]!);
      else {
        if (!(top.vertex instanceof RuleGroup)) order.push(top.vertex);
        stack.pop();
      }
    }
  }
  return order;
}

/** One `rego_recursion_error` for each rule, or `else` branch, that depends on itself or may do so; of very many not all. */
export function checkRecursion(graph: RuleGraph, budget: CompileBudget): RegoError[] {
  return recursionErrors(graph, verticesOnCycles(graph), budget);
}

/** What can reach itself: strongly connected parts of more than one vertex, and rules that name themselves. */
function verticesOnCycles(graph: RuleGraph): Set<Vertex> {
  const cyclic = new Set<Vertex>();
  const numbers = new Map<Vertex, number>();
  const open: Vertex[] = [];
  const isOpen = new Set<Vertex>();
  for (const start of graph.rules) {
    const stack: { vertex: Vertex; next: readonly Vertex[]; at: number; number: number; lowest: number }[] = [];
    const enter = (vertex: Vertex): void => {
      const number = numbers.size;
      numbers.set(vertex, number);
      open.push(vertex);
      isOpen.add(vertex);
      stack.push({ vertex, next: graph.next(vertex), at: 0, number, lowest: number });
    };
    if (!numbers.has(start)) enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.next[top.at++];
      if (next !== undefined) {
        if (next === top.vertex) cyclic.add(next);
        const number = numbers.get(next);
        if (number === undefined) enter(next);
        else if (isOpen.has(next)) top.lowest = Math.min(top.lowest, number);
        continue;
      }
      stack.pop();
      const above = stack.at(-1);
      if (above !== undefined) above.lowest = Math.min(above.lowest, top.lowest);
      if (top.lowest !== top.number) continue;
      const isAlone = open.at(-1) === top.vertex;
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        isOpen.delete(member);
        if (!isAlone) cyclic.add(member);
        if (member === top.vertex) break;
      }
    }
  }
  return cyclic;
}

/** The nodes with rules that a reference may need. */
export function reachedBy(tree: RuleTree, ref: RefTerm): RuleNode[] {
  const found: RuleNode[] = [];
  const visit = (node: RuleNode, steps: readonly Term[]): void => {
    if (node.rules.length > 0) found.push(node);
    const [step, ...rest] = steps;
    if (step !== undefined && step.kind === 'scalar') {
      const child = typeof step.value === 'string' ? node.children.get(step.value) : undefined;
      if (child !== undefined) visit(child, rest);
      return;
    }
    for (const child of node.children.values()) visit(child, rest);
  };
  visit(tree.root, ref.terms.slice(1));
  return found;
}
