/** Which rules each rule needs. */
import type { RefTerm, Term } from '../syntax/ast.ts';
import { equal, keyOf } from '../values.ts';
import type { AnalysedRule } from './analyse.ts';
import type { CompileBudget } from './budget.ts';
import { referencesOf } from './rule-refs.ts';
import type { RuleNode, RuleTree } from './rule-tree.ts';

/** Rules that are needed together: what is referred to as one is one edge, however many rules it is. */
export class RuleGroup {
  readonly members: Vertex[] = [];
}

export type Vertex = AnalysedRule | RuleGroup;

interface NodeRules {
  readonly group: RuleGroup;
  readonly rules: readonly AnalysedRule[];
  /** Whether some head has constant steps after its path, so that some references to the node cannot mean it. */
  readonly sorted: boolean;
}

/** The rules and what each of them needs. */
export class RuleGraph {
  readonly rules: readonly AnalysedRule[];
  readonly #budget: CompileBudget;
  readonly #byNode = new Map<RuleNode, NodeRules>();
  readonly #below = new Map<RuleNode, RuleGroup>();
  readonly #patterns = new Map<RuleNode, Map<string, RuleGroup>>();
  readonly #needs = new Map<AnalysedRule, readonly Vertex[]>();

  constructor(tree: RuleTree, rules: readonly AnalysedRule[], budget: CompileBudget) {
    this.rules = rules;
    this.#budget = budget;
    const byNode = new Map<RuleNode, AnalysedRule[]>();
    for (const rule of rules) {
      const known = byNode.get(rule.node);
      if (known === undefined) byNode.set(rule.node, [rule]);
      else known.push(rule);
    }
    for (const [node, own] of byNode) {
      const group = new RuleGroup();
      for (const rule of own) group.members.push(rule);
      const sorted = own.some((rule) => placeKeys(rule).some(({ kind }) => kind === 'scalar'));
      this.#byNode.set(node, { group, rules: own, sorted });
    }
    for (const rule of rules) {
      const needs = new Set<Vertex>();
      for (const ref of ruleRefs(rule)) this.#reach(tree.root, ref.terms, 1, needs);
      this.#budget.spend(1 + needs.size);
      this.#needs.set(rule, [...needs]);
    }
  }

  /** What a rule needs, or what a group is made of. */
  next(vertex: Vertex): readonly Vertex[] {
    return vertex instanceof RuleGroup ? vertex.members : this.#needs.get(vertex)!;
  }

  /** Adds what a reference may need whose steps have led to this node. */
  #reach(node: RuleNode, steps: readonly Term[], from: number, into: Set<Vertex>): void {
    const own = this.#byNode.get(node);
    if (own !== undefined && !own.sorted) into.add(own.group);
    else if (own !== undefined) {
      this.#budget.spend(own.rules.length);
      for (const rule of own.rules) if (canMeet(steps, from, rule)) into.add(rule);
    }
    if (node.children.size === 0) return;
    const step = steps[from];
    if (step === undefined) into.add(this.#allBelow(node));
    else if (step.kind !== 'scalar') into.add(this.#matching(node, steps, from));
    else {
      const child = typeof step.value === 'string' ? node.children.get(step.value) : undefined;
      if (child !== undefined) this.#reach(child, steps, from + 1, into);
    }
  }

  /** Every rule below a node. */
  #allBelow(node: RuleNode): RuleGroup {
    let group = this.#below.get(node);
    if (group !== undefined) return group;
    group = new RuleGroup();
    this.#below.set(node, group);
    this.#budget.spend(node.children.size);
    for (const child of node.children.values()) {
      const own = this.#byNode.get(child);
      if (own !== undefined) group.members.push(own.group);
      if (child.children.size > 0) group.members.push(this.#allBelow(child));
    }
    return group;
  }

  /** The rules below a node that the rest of a reference may need, of which the next step is not constant. */
  #matching(node: RuleNode, steps: readonly Term[], from: number): RuleGroup {
    let patterns = this.#patterns.get(node);
    if (patterns === undefined) {
      patterns = new Map();
      this.#patterns.set(node, patterns);
    }
    const pattern = patternOf(steps, from);
    let group = patterns.get(pattern);
    if (group !== undefined) return group;
    group = new RuleGroup();
    patterns.set(pattern, group);
    const members = new Set<Vertex>();
    this.#budget.spend(node.children.size);
    for (const child of node.children.values()) this.#reach(child, steps, from + 1, members);
    for (const member of members) group.members.push(member);
    return group;
  }
}

/** A text that references share when they have the same constants at the same steps. */
function patternOf(steps: readonly Term[], from: number): string {
  const keys = steps.slice(from).map((step) => (step.kind === 'scalar' ? [keyOf(step.value)] : 0));
  return JSON.stringify(keys);
}

/** Whether the constant steps of a reference leave a way to the constant keys of a rule's head. */
function canMeet(steps: readonly Term[], from: number, rule: AnalysedRule): boolean {
  return placeKeys(rule).every((key, index) => {
    const step = steps[from + index];
    if (step?.kind !== 'scalar' || key.kind !== 'scalar') return true;
    return equal(step.value, key.value);
  });
}

/** The keys of a head that say where it is, without the member of a multi-value rule. */
function placeKeys({ entry, keys }: AnalysedRule): readonly Term[] {
  return entry.kind === 'set' ? keys.slice(0, -1) : keys;
}

/** Every reference below `data` that a rule mentions. */
function ruleRefs(rule: AnalysedRule): RefTerm[] {
  return referencesOf(rule).filter(({ terms: [head] }) => head?.kind === 'var' && head.name === 'data');
}
