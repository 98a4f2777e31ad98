/** Finds rules that depend on themselves. */
import { RegoError } from '../errors.ts';
import type { RefTerm, Term } from '../syntax/ast.ts';
import { equal } from '../values.ts';
import type { AnalysedRule } from './analyse.ts';
import { pathText, type RuleNode, type RuleTree } from './rule-tree.ts';
import { walkBody, walkTerm } from './walk.ts';

/** Which rules each rule needs. */
type Edges = ReadonlyMap<AnalysedRule, ReadonlySet<AnalysedRule>>;

function ruleEdges(tree: RuleTree, rules: readonly AnalysedRule[]): Edges {
  const byNode = new Map<RuleNode, AnalysedRule[]>();
  for (const rule of rules) {
    const known = byNode.get(rule.node);
    if (known === undefined) byNode.set(rule.node, [rule]);
    else known.push(rule);
  }
  const edges = new Map<AnalysedRule, Set<AnalysedRule>>();
  for (const rule of rules) {
    const into = new Set<AnalysedRule>();
    edges.set(rule, into);
    for (const ref of ruleRefs(rule)) {
      for (const node of reachedBy(tree, ref)) {
        for (const target of byNode.get(node) ?? []) if (canMeet(ref, target)) into.add(target);
      }
    }
  }
  return edges;
}

/** The rules, each after those that it needs (as far as there are no cycles). */
export function dependencyOrder(tree: RuleTree, rules: readonly AnalysedRule[]): AnalysedRule[] {
  const edges = ruleEdges(tree, rules);
  const order: AnalysedRule[] = [];
  const entered = new Set<AnalysedRule>();
  for (const start of rules) {
    const stack: { rule: AnalysedRule; left: AnalysedRule[] }[] = [];
    const enter = (rule: AnalysedRule): void => {
      if (entered.has(rule)) return;
      entered.add(rule);
      stack.push({ rule, left: [...edges.get(rule)!] });
    };
    enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.left.pop();
      if (next !== undefined) enter(next);
      else {
        order.push(top.rule);
        stack.pop();
      }
    }
  }
  return order;
}

/** One `rego_recursion_error` for each path whose rules are on a cycle. */
export function checkRecursion(tree: RuleTree, rules: readonly AnalysedRule[]): RegoError[] {
  const edges = ruleEdges(tree, rules);
  const cyclic = rulesOnCycles(edges);
  const told = new Set<RuleNode>();
  const errors: RegoError[] = [];
  for (const rule of rules) {
    if (!cyclic.has(rule) || told.has(rule.node)) continue;
    told.add(rule.node);
    const path = findCycle(rule, edges)!
      .map(({ node }) => pathText(node.path))
      .join(' -> ');
    const message = `rule ${pathText(rule.node.path)} is recursive: ${path}`;
    errors.push(new RegoError('rego_recursion_error', message, rule.entry.rule.location));
  }
  return errors;
}

/** Whether the constant steps of a reference leave a way to the constant keys of a rule's head. */
function canMeet(ref: RefTerm, rule: AnalysedRule): boolean {
  const steps = ref.terms.slice(1 + rule.node.path.length);
  const keys = rule.entry.kind === 'set' ? rule.keys.slice(0, -1) : rule.keys;
  return keys.every((key, index) => {
    const step = steps[index];
    if (step?.kind !== 'scalar' || key.kind !== 'scalar') return true;
    return equal(step.value, key.value);
  });
}

/** The rules that can reach themselves: those left when rules without a way in are taken away, then tested. */
function rulesOnCycles(edges: Edges): Set<AnalysedRule> {
  const incoming = new Map<AnalysedRule, number>();
  for (const targets of edges.values()) {
    for (const target of targets) incoming.set(target, (incoming.get(target) ?? 0) + 1);
  }
  const remaining = new Set(edges.keys());
  const free = [...remaining].filter((rule) => !incoming.has(rule));
  for (let rule = free.pop(); rule !== undefined; rule = free.pop()) {
    remaining.delete(rule);
    for (const target of edges.get(rule)!) {
      const left = incoming.get(target)! - 1;
      incoming.set(target, left);
      if (left === 0 && remaining.has(target)) free.push(target);
    }
  }
  return new Set([...remaining].filter((rule) => findCycle(rule, edges) !== undefined));
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

function findCycle(start: AnalysedRule, edges: Edges): AnalysedRule[] | undefined {
  const came = new Map<AnalysedRule, AnalysedRule>();
  const queue = [start];
  for (const rule of queue) {
    for (const next of edges.get(rule) ?? []) {
      if (next === start) {
        const path = [start, rule];
        for (let at = rule; at !== start; ) {
          at = came.get(at)!;
          path.push(at);
        }
        return rule === start ? [start, start] : path.reverse();
      }
      if (came.has(next)) continue;
      came.set(next, rule);
      queue.push(next);
    }
  }
  return undefined;
}
