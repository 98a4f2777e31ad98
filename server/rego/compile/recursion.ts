/** Finds rules that depend on themselves. */
import { RegoError } from '../errors.ts';
import type { RefTerm, Term } from '../syntax/ast.ts';
import type { AnalysedRule } from './analyse.ts';
import { pathText, type RuleNode, type RuleTree } from './rule-tree.ts';
import { walkBody, walkTerm } from './walk.ts';

/** One `rego_recursion_error` for each rule that is on a cycle. */
export function checkRecursion(tree: RuleTree, rules: readonly AnalysedRule[]): RegoError[] {
  const edges = new Map<RuleNode, Set<RuleNode>>();
  for (const rule of rules) {
    const into = edges.get(rule.node) ?? new Set();
    edges.set(rule.node, into);
    for (const ref of ruleRefs(rule)) for (const node of reachedBy(tree, ref)) into.add(node);
  }
  const cyclic = nodesOnCycles(edges);
  const errors: RegoError[] = [];
  for (const rule of rules) {
    if (!cyclic.delete(rule.node)) continue;
    const path = findCycle(rule.node, edges)!
      .map((node) => pathText(node.path))
      .join(' -> ');
    const message = `rule ${pathText(rule.node.path)} is recursive: ${path}`;
    errors.push(new RegoError('rego_recursion_error', message, rule.entry.rule.location));
  }
  return errors;
}

/** The nodes that can reach themselves: those left when nodes without a way in or out are taken away, then tested. */
function nodesOnCycles(edges: ReadonlyMap<RuleNode, ReadonlySet<RuleNode>>): Set<RuleNode> {
  const incoming = new Map<RuleNode, number>();
  for (const targets of edges.values()) {
    for (const target of targets) incoming.set(target, (incoming.get(target) ?? 0) + 1);
  }
  const remaining = new Set(edges.keys());
  const free = [...remaining].filter((node) => (incoming.get(node) ?? 0) === 0);
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    remaining.delete(node);
    for (const target of edges.get(node)!) {
      const left = incoming.get(target)! - 1;
      incoming.set(target, left);
      if (left === 0 && remaining.has(target)) free.push(target);
    }
  }
  return new Set([...remaining].filter((node) => findCycle(node, edges) !== undefined));
}

/** Every reference below `data` that a rule mentions. */
export function ruleRefs(rule: AnalysedRule): RefTerm[] {
  const refs: RefTerm[] = [];
  const visit = (term: Term): true => {
    const head = term.kind === 'ref' ? term.terms[0]! : undefined;
    if (term.kind === 'ref' && head?.kind === 'var' && head.name === 'data') refs.push(term);
    return true;
  };
  for (const key of rule.keys) walkTerm(key, visit);
  for (const branch of rule.branches) {
    walkTerm(branch.value, visit);
    walkBody(branch.body, visit);
  }
  return refs;
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

function findCycle(start: RuleNode, edges: ReadonlyMap<RuleNode, ReadonlySet<RuleNode>>): RuleNode[] | undefined {
  const came = new Map<RuleNode, RuleNode>();
  const queue = [start];
  for (const node of queue) {
    for (const next of edges.get(node) ?? []) {
      if (next === start) {
        const path = [start, node];
        for (let at = node; at !== start; ) {
          at = came.get(at)!;
          path.push(at);
        }
        return node === start ? [start, start] : path.reverse();
      }
      if (came.has(next)) continue;
      came.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
}
