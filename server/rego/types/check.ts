/** Finds type errors: calls whose arguments cannot fit, comparisons that can never hold, steps into nothing. */
import type { AnalysedBranch, AnalysedRule } from '../compile/analyse.ts';
import type { CompileBudget } from '../compile/budget.ts';
import type { Targets } from '../compile/call-checks.ts';
import { dependencyOrder } from '../compile/recursion.ts';
import type { RuleGraph } from '../compile/rule-graph.ts';
import type { RuleTree } from '../compile/rule-tree.ts';
import type { RegoError } from '../errors.ts';
import type { Body, Module } from '../syntax/ast.ts';
import type { Value } from '../values.ts';
import { ExprChecker } from './exprs.ts';
import { Findings } from './findings.ts';
import { Known } from './known.ts';
import { bindAny, type Variables } from './patterns.ts';
import { union } from './relate.ts';
import { Schemas } from './schemas.ts';
import { ANY, functionType, objectType, setType, type Type } from './types.ts';

/** Checks rules, each after those it depends on; there must be no recursion. */
export class TypeChecker {
  readonly #findings: Findings;
  readonly #known: Known;
  readonly #exprs: ExprChecker;
  readonly #schemas: Schemas;

  constructor(tree: RuleTree, targets: Targets, modules: readonly Module[], budget: CompileBudget) {
    this.#findings = new Findings(budget);
    this.#schemas = new Schemas(modules);
    this.#known = new Known(tree);
    this.#exprs = new ExprChecker(targets, this.#known, this.#findings);
  }

  /** The errors of the rules checked so far. */
  get errors(): readonly RegoError[] {
    return this.#findings.errors;
  }

  /** Checks every rule of a graph without cycles. */
  checkAll(graph: RuleGraph): void {
    this.#known.connect(graph);
    for (const rule of dependencyOrder(graph)) {
      const before = this.errors.length;
      const { path, type } = this.#ruleType(rule);
      // Of a rule that is wrong itself nothing is known, so that it makes no further errors.
      if (this.errors.length > before) continue;
      if (type.kind !== 'function') this.#known.addDocument(path, type);
      else this.#known.addFunction(rule.node, type);
    }
  }

  /** The errors of a query's body. */
  checkQuery(body: Body, budget: CompileBudget): RegoError[] {
    return this.#findings.taking(budget, () => this.#exprs.body(body, new Map()));
  }

  /** What a rule makes, and where: the constant steps of its head. */
  #ruleType(rule: AnalysedRule): { path: Value[]; type: Type } {
    const results: Type[] = [];
    let keys: Type[] = [];
    let args: Type[] | undefined;
    const { entry, node } = rule;
    const { constant } = entry;
    const declared = this.#schemas.of(entry.rule, entry.module, node.path);
    for (const [index, branch] of rule.branches.entries()) {
      const variables: Variables = new Map();
      // As in OPA, the annotations of a rule are not those of its `else` branches.
      const made = this.#known.under(index === 0 ? declared : undefined, () => this.#branch(branch, variables));
      // An `else` may take what the rule itself does not.
      args = made.args?.map((arg, at) => union([args?.[at], arg]) ?? ANY);
      results.push(made.value);
      if (index === 0) {
        const open = rule.keys.slice(constant.length);
        keys = this.#known.under(declared, () => open.map((key) => this.#exprs.terms.made(key, variables)));
      }
    }
    const path = ['data', ...rule.node.path, ...constant];
    const value = union(results) ?? ANY;
    if (args !== undefined) return { path, type: functionType(args, value) };
    const leaf = rule.entry.kind === 'set' ? setType(keys.pop() ?? ANY) : value;
    return { path, type: keys.reduceRight((inner, key) => objectType([], { key, value: inner }), leaf) };
  }

  #branch(branch: AnalysedBranch, variables: Variables): { args: Type[] | undefined; value: Type } {
    this.#exprs.body(branch.body, variables);
    // What the body does with an argument tells its type; arguments that it does not look at can be anything.
    for (const arg of branch.args ?? []) bindAny(arg, variables);
    const args = branch.args?.map((arg) => this.#exprs.terms.of(arg, variables) ?? ANY);
    return { args, value: this.#exprs.terms.made(branch.value, variables) };
  }
}
