/**
 * Tells which rules depend on themselves. A reference such as `data.a[x]` may mean any rule below `data.a`, unless
 * constants tell what `x` is; the error then says for which values the rule is recursive.
 */
import { RegoError } from '../errors.ts';
import type { RefTerm, Term } from '../syntax/ast.ts';
import { scalar } from '../syntax/build.ts';
import { equal, toText } from '../values.ts';
import type { AnalysedBranch, AnalysedRule } from './analyse.ts';
import type { CompileBudget } from './budget.ts';
import { constantOf } from './constants.ts';
import { headText, KnownValues, pathWithSteps, type Source } from './known-values.ts';
import { type RuleGraph, RuleGroup, type Vertex } from './rule-graph.ts';
import { pathText } from './rule-tree.ts';
import { ownTerms, walkBody, walkTerm } from './walk.ts';

/** Cycles are told until they have this many rules together: a long one is told again for each of its rules. */
const MOST_RULES_TOLD = 20_000;

/** Conditions that errors spell out. */
const MOST_CONDITIONS = 2;

/** A reference of a branch, with the variables that it gives their values itself: it goes through all there is. */
interface Use {
  readonly ref: RefTerm;
  readonly free: ReadonlySet<string>;
}

/** A branch of a rule. */
interface Branch {
  readonly rule: AnalysedRule;
  readonly branch: AnalysedBranch;
  /** The rule as errors show it: `data.a.p[x]`. */
  readonly name: string;
  /** The steps after `data` that lead to the rule. */
  readonly path: readonly Term[];
  readonly uses: readonly Use[];
  readonly known: KnownValues;
}

/** A step that leads to a rule only when it is a certain key. */
interface Condition {
  readonly step: Term;
  readonly key: string;
  readonly source: Source;
}

/** How one vertex needs another: always, or under conditions on a reference. */
interface Edge {
  readonly from: Branch;
  readonly to: Branch;
  readonly ref: RefTerm;
  readonly conditions: readonly Condition[];
}

/** One `rego_recursion_error` for each branch that is on a cycle, among the vertices of the graph that can be on one. */
export function recursionErrors(graph: RuleGraph, cyclic: ReadonlySet<Vertex>, budget: CompileBudget): RegoError[] {
  const rules = graph.rules.filter((rule) => cyclic.has(rule));
  const cycles = new Cycles(graph, rules, budget);
  const errors: RegoError[] = [];
  for (const branch of rules.flatMap((rule) => cycles.branches(rule))) {
    const message = cycles.describe(branch);
    if (message !== undefined) errors.push(new RegoError('rego_recursion_error', message, branch.branch.location));
    if (cycles.rulesTold > MOST_RULES_TOLD) break;
  }
  return errors;
}

function branchesOf(rule: AnalysedRule): Branch[] {
  const keys = rule.entry.kind === 'set' ? rule.keys.slice(0, -1) : rule.keys;
  const { location } = rule.entry.rule;
  const path = [...rule.node.path.map((step) => scalar(step, location)), ...keys];
  const name = pathWithSteps(pathText(rule.node.path), keys, headText);
  return rule.branches.map((branch, index) => {
    const known = new KnownValues(branch, name);
    return { rule, branch, name, path, uses: usesOf(index === 0 ? rule.keys : [], branch, known), known };
  });
}

const NONE: ReadonlySet<string> = new Set();

/** Every reference below `data` that a branch mentions. */
function usesOf(keys: readonly Term[], branch: AnalysedBranch, known: KnownValues): Use[] {
  const uses: Use[] = [];
  const found = (term: Term, free: ReadonlySet<string>): true => {
    const head = term.kind === 'ref' ? term.terms[0]! : undefined;
    if (term.kind === 'ref' && head?.kind === 'var' && head.name === 'data') uses.push({ ref: term, free });
    return true;
  };
  for (const term of [...keys, branch.value]) walkTerm(term, (part) => found(part, NONE));
  const bound = new Set<string>();
  for (const arg of branch.args ?? []) addVariables(arg, bound);
  for (const expr of branch.body) {
    const own = new Set<string>();
    for (const term of ownTerms(expr)) addVariables(term, own);
    const free = known.isOfHead(expr) ? NONE : new Set([...own].filter((name) => !bound.has(name)));
    const outside = { skipClosures: true };
    const openly = new Set<Term>();
    for (const term of ownTerms(expr)) walkTerm(term, (part) => openly.add(part) !== undefined, outside);
    walkBody([expr], (part) => found(part, openly.has(part) ? free : NONE));
    for (const name of own) bound.add(name);
  }
  return uses;
}

function addVariables(term: Term, into: Set<string>): void {
  const add = (part: Term): true => {
    if (part.kind === 'var') into.add(part.name);
    return true;
  };
  walkTerm(term, add, { skipClosures: true });
}

class Cycles {
  rulesTold = 0;
  readonly #graph: RuleGraph;
  readonly #budget: CompileBudget;
  readonly #branches: ReadonlyMap<AnalysedRule, readonly Branch[]>;
  readonly #edges = new Map<Branch, readonly Edge[]>();

  constructor(graph: RuleGraph, rules: readonly AnalysedRule[], budget: CompileBudget) {
    this.#graph = graph;
    this.#budget = budget;
    this.#branches = new Map(rules.map((rule) => [rule, branchesOf(rule)]));
  }

  /** The branches of a rule that can be on a cycle. */
  branches(rule: AnalysedRule): readonly Branch[] {
    return this.#branches.get(rule) ?? [];
  }

  /** What to say of a branch that can reach itself; undefined when it cannot. */
  describe(start: Branch): string | undefined {
    const certain = this.#find(start, true);
    this.rulesTold += certain?.length ?? 0;
    if (certain !== undefined) return `rule ${start.name} is recursive: ${pathOf(start, certain)}`;
    const possible = this.#find(start, false);
    if (possible === undefined) return undefined;
    this.rulesTold += possible.length;
    const edge = possible.find(({ conditions }) => conditions.length > 0)!;
    return `rule ${start.name} may be recursive: ${pathOf(start, possible)} (${reasonOf(edge, start)})`;
  }

  /** A shortest way from a vertex to itself, with certain edges only or with all. */
  #find(start: Branch, certain: boolean): Edge[] | undefined {
    const came = new Map<Branch, Edge>();
    const queue = [start];
    for (const vertex of queue) {
      this.#budget.spend(1);
      for (const edge of this.#edgesOf(vertex)) {
        if (certain && edge.conditions.length > 0) continue;
        if (edge.to === start) {
          const way = [edge];
          for (let at = vertex; at !== start; at = way[0]!.from) way.unshift(came.get(at)!);
          return way;
        }
        if (came.has(edge.to)) continue;
        came.set(edge.to, edge);
        queue.push(edge.to);
      }
    }
    return undefined;
  }

  #edgesOf(from: Branch): readonly Edge[] {
    const known = this.#edges.get(from);
    if (known !== undefined) return known;
    const found: Edge[] = [];
    const seen = new Set<Vertex>();
    const stack = [...this.#graph.next(from.rule)].reverse();
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      this.#budget.spend(1);
      if (next instanceof RuleGroup) stack.push(...next.members.toReversed());
      else for (const to of this.branches(next)) found.push(...this.#edge(from, to));
    }
    this.#edges.set(from, found);
    return found;
  }

  /** How one vertex needs another, by the reference with the fewest conditions. */
  #edge(from: Branch, to: Branch): readonly Edge[] {
    let best: Edge | undefined;
    for (const use of from.uses) {
      this.#budget.spend(1);
      const conditions = meet(use, from, to);
      if (conditions?.length === 0) return [{ from, to, ref: use.ref, conditions }];
      if (conditions !== undefined) best ??= { from, to, ref: use.ref, conditions };
    }
    return best === undefined ? [] : [best];
  }
}

/** Under which conditions a reference leads to a rule; undefined when it cannot. */
function meet({ ref, free }: Use, { known }: Branch, { path }: Branch): readonly Condition[] | undefined {
  const conditions: Condition[] = [];
  for (const [index, key] of path.entries()) {
    const step = ref.terms[index + 1];
    if (step === undefined) break;
    const constant = constantOf(key);
    if (constant === undefined || known.isOfEvery(step)) continue;
    if (step.kind === 'var' && free.has(step.name)) continue;
    const candidates = known.candidates(step);
    if (candidates !== undefined && !candidates.some((value) => equal(value, constant.value))) return undefined;
    if (candidates?.length === 1) continue;
    conditions.push({ step, key: toText(constant.value), source: known.source(step) });
  }
  return conditions;
}

function pathOf(start: Branch, way: readonly Edge[]): string {
  return [start, ...way.map(({ to }) => to)].map(({ name }) => name).join(' -> ');
}

function reasonOf({ from, to, ref, conditions }: Edge, start: Branch): string {
  const place = from.rule === start.rule ? '' : ` in ${from.name}`;
  if (conditions.length > MOST_CONDITIONS || conditions.some(({ source }) => source.isNoString)) {
    return `${from.known.text(ref)}${place} could refer to ${to.name}`;
  }
  const shown = from.known.text({ ...ref, terms: ref.terms.slice(0, to.path.length + 1) });
  const texts = conditions.map(({ step, key, source }) => {
    return `${from.known.text(step)} is ${key}${source.text === undefined ? '' : ` (${source.text})`}`;
  });
  return `${shown}${place} refers to ${to.name} if ${texts.join(' and ')}`;
}
