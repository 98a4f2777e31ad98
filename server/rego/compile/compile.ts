/** Compiles modules to a program: every check, then lazily the code of each rule. */
import type { RegoError } from '../errors.ts';
import { compileNode } from '../evaluate/code-rules.ts';
import type { NodeCode, ProgramCode } from '../evaluate/coder.ts';
import { InputPaths } from '../evaluate/input-paths.ts';
import type { Module, RefTerm } from '../syntax/ast.ts';
import { TypeChecker } from '../types/check.ts';
import { type AnalysedRule, Analyser } from './analyse.ts';
import { CompileBudget } from './budget.ts';
import { checkRuleConflicts } from './conflicts.ts';
import { checkModule, checkUnusedImports } from './module-checks.ts';
import { checkRecursion } from './recursion.ts';
import { RuleGraph } from './rule-graph.ts';
import { type RuleNode, RuleTree } from './rule-tree.ts';
import type { Target } from './target.ts';

/** How modules are compiled. */
export interface CompileOptions {
  /** Unused local variables and imports are errors. */
  readonly strict?: boolean;
  /** `print` calls are kept; default true. */
  readonly print?: boolean;
  /** Compiled code reports each expression to a tracer. */
  readonly traced?: boolean;
  /** Rules and comprehensions are found by index; default true. Without, the results are the same but take longer. */
  readonly indexed?: boolean;
}

/** Compiled modules: the rules, and the code of each once it was needed. */
export class Program implements ProgramCode {
  readonly tree: RuleTree;
  readonly modules: readonly Module[];
  readonly traced: boolean;
  readonly indexed: boolean;
  readonly inputPaths = new InputPaths();
  readonly rules: readonly AnalysedRule[];
  /** Knows the types of the rules, for checking queries. */
  readonly types: TypeChecker;
  readonly #analyser: Analyser;
  readonly #byNode = new Map<RuleNode, AnalysedRule[]>();
  readonly #codes: (NodeCode | undefined)[] = [];

  constructor(
    tree: RuleTree,
    modules: readonly Module[],
    analyser: Analyser,
    checker: TypeChecker,
    rules: readonly AnalysedRule[],
    { traced = false, indexed = true }: Pick<CompileOptions, 'traced' | 'indexed'>,
  ) {
    this.tree = tree;
    this.modules = modules;
    this.traced = traced;
    this.indexed = indexed;
    this.rules = rules;
    this.#analyser = analyser;
    this.types = checker;
    for (const rule of rules) {
      const known = this.#byNode.get(rule.node);
      if (known === undefined) this.#byNode.set(rule.node, [rule]);
      else known.push(rule);
    }
  }

  code(node: RuleNode): NodeCode {
    this.#codes[node.id] ??= compileNode(this, node, this.#byNode.get(node) ?? []);
    return this.#codes[node.id]!;
  }

  target(operator: RefTerm): Target | undefined {
    return this.#analyser.target(operator);
  }
}

/** A program, or what is wrong with its modules; with errors there is no program. */
export interface Compilation {
  readonly program: Program | undefined;
  readonly errors: readonly RegoError[];
  /** The units of work that the compilation took, of which a {@link CompileBudget} has so many. */
  readonly work: number;
}

/** Compiles modules that belong together. Reports all errors of the first stage that finds any. */
export function compileModules(modules: readonly Module[], options: CompileOptions = {}): Compilation {
  const tree = new RuleTree(modules);
  const budget = new CompileBudget(modules.reduce((sum, { source }) => sum + source.length, 0));
  const kept = { keepPrint: options.print ?? true, strict: options.strict ?? false };
  const analyser = new Analyser(tree, modules, kept, budget);
  analyser.asides.push(...modules.flatMap(checkModule));
  analyser.errors.push(...checkRuleConflicts(tree, budget));
  const rules = analyser.rules();
  if (options.strict) {
    for (const module of modules) analyser.asides.push(...checkUnusedImports(module, analyser.usedNames(module)));
  }
  const checker = new TypeChecker(tree, analyser, modules, budget);
  if (analyser.errors.length === 0) {
    const graph = new RuleGraph(tree, rules, budget);
    analyser.errors.push(...checkRecursion(graph, budget));
    if (analyser.errors.length === 0) {
      checker.checkAll(graph);
      analyser.errors.push(...checker.errors);
    }
  }
  const errors = [...analyser.asides, ...firstStage(analyser)];
  if (errors.length > 0) return { program: undefined, errors: sorted(errors), work: budget.spent };
  const program = new Program(tree, modules, analyser, checker, rules, options);
  return { program, errors: [], work: budget.spent };
}

/** Unsafe variables are looked for only when nothing else is wrong: much of what is wrong makes variables unsafe. */
function firstStage({ errors, headErrors }: Analyser): readonly RegoError[] {
  const others = errors.filter(({ code }) => code !== 'rego_unsafe_var_error');
  if (others.length > 0) return others;
  return headErrors.length > 0 ? headErrors : errors;
}

function sorted(errors: readonly RegoError[]): RegoError[] {
  return [...errors].sort((a, b) => {
    const left = a.location;
    const right = b.location;
    if (left === undefined || right === undefined) return 0;
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    return left.offset - right.offset || (a.code === b.code && a.message < b.message ? -1 : 0);
  });
}
