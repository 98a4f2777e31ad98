/** Takes the rules of all modules from their syntax to what the evaluator compiles, and finds their errors. */
import { lookup as lookupBuiltin } from '../builtins/registry.ts';
import { type Location, RegoError } from '../errors.ts';
import type { Body, Expr, Module, RefTerm, Rule, Term } from '../syntax/ast.ts';
import { dottedName, scalar } from '../syntax/build.ts';
import { type Arity, addBindable, BoundNames } from './bindings.ts';
import type { CompileBudget } from './budget.ts';
import { checkCalls } from './call-checks.ts';
import { Expander, type Meanings } from './expand.ts';
import { GlobalNames, type Globals } from './globals.ts';
import { AnnotationIndex, metadataTerm } from './metadata.ts';
import { Names } from './names.ts';
import { termText } from './ref-text.ts';
import { resolveQuery, resolveRule } from './resolve.ts';
import { pathText, type RuleEntry, type RuleNode, type RuleTree, splitHead } from './rule-tree.ts';
import { SafetyCheck } from './safety.ts';
import type { Scope } from './scope.ts';
import type { Target } from './target.ts';
import { walkTerm } from './walk.ts';

/** A rule, or one of its `else` branches, ready to be compiled. */
export interface AnalysedBranch {
  readonly args: readonly Term[] | undefined;
  readonly body: Body;
  readonly value: Term;
  readonly location: Location;
  /** The place of the head. */
  readonly place: Location;
}

/** A rule ready to be compiled: keys and values are terms over the variables of the body. */
export interface AnalysedRule {
  readonly entry: RuleEntry;
  readonly node: RuleNode;
  readonly keys: readonly Term[];
  /** The rule itself, then its `else` branches. */
  readonly branches: readonly AnalysedBranch[];
}

/** How rules are analysed. */
export interface AnalyseOptions {
  readonly keepPrint: boolean;
  readonly strict: boolean;
}

/** Analyses rules and queries against one tree of rules. */
export class Analyser {
  readonly #tree: RuleTree;
  readonly #modules: readonly Module[];
  readonly #options: AnalyseOptions;
  readonly #budget: CompileBudget;
  readonly errors: RegoError[] = [];
  /** Variables of heads that their bodies do not mention; while there are any, no others are told to be unsafe. */
  readonly headErrors: RegoError[] = [];
  /** Errors that do not keep later stages from looking for theirs: what is unused or shadowed. */
  readonly asides: RegoError[] = [];
  readonly #globals = new Map<Module, Globals>();
  #names: GlobalNames | undefined;
  #annotations: AnnotationIndex | undefined;
  /** The functions that calls were found to mean; null where a node has none. */
  readonly #functions = new Map<RuleNode, Target | null>();
  readonly #builtins = new Map<string, Target>();
  readonly #namesByRow = new Map<Module, ReadonlyMap<number, ReadonlySet<string>>>();
  readonly #usedImports = new Map<Module, Set<string>>();
  readonly #meanings: Meanings = {
    isFunction: (term) => this.#namesFunction(term),
    isRule: (term) => this.#namesRule(term),
  };
  readonly #arity: Arity = (operator) => this.target(operator)?.arity;

  constructor(tree: RuleTree, modules: readonly Module[], options: AnalyseOptions, budget: CompileBudget) {
    this.#tree = tree;
    this.#modules = modules;
    this.#options = options;
    this.#budget = budget;
    for (const module of modules) this.#usedImports.set(module, new Set());
  }

  #globalsOf(module: Module): Globals {
    let globals = this.#globals.get(module);
    if (globals === undefined) {
      this.#names ??= new GlobalNames(this.#modules);
      globals = this.#names.of(module);
      this.#globals.set(module, globals);
    }
    return globals;
  }

  /** The function that a call's operator or a `with` target names, or undefined. */
  target(operator: RefTerm): Target | undefined {
    const head = operator.terms[0]!;
    if (head.kind !== 'var') return undefined;
    if (head.name === 'data') {
      const node = this.#nodeOf(operator);
      return node === undefined ? undefined : this.#functionAt(node);
    }
    const name = operator.terms.length === 1 ? head.name : dottedName(operator);
    return name === undefined ? undefined : this.#builtin(name);
  }

  /** The node that a reference of constant names below `data` leads to. */
  #nodeOf(ref: RefTerm): RuleNode | undefined {
    let node: RuleNode | undefined = this.#tree.root;
    for (let index = 1; index < ref.terms.length && node !== undefined; index++) {
      const step = ref.terms[index]!;
      node = step.kind === 'scalar' && typeof step.value === 'string' ? node.children.get(step.value) : undefined;
    }
    return node;
  }

  #functionAt(node: RuleNode): Target | undefined {
    let target = this.#functions.get(node);
    if (target !== undefined) return target ?? undefined;
    const entry = node.rules.find((rule) => rule.kind === 'function');
    target = null;
    if (entry !== undefined) {
      target = { kind: 'rule', name: pathText(node.path), node, arity: entry.rule.head.args!.length };
    }
    this.#functions.set(node, target);
    return target ?? undefined;
  }

  #builtin(name: string): Target | undefined {
    let target = this.#builtins.get(name);
    if (target !== undefined) return target;
    const builtin = lookupBuiltin(name);
    if (builtin === undefined) return undefined;
    target = { kind: 'builtin', name, builtin, arity: builtin.signature.args.length };
    this.#builtins.set(name, target);
    return target;
  }

  leadsIntoRule(ref: RefTerm): boolean {
    return this.#tree.leadsIntoRule(ref);
  }

  /** Analyses every rule of the tree; errors are added to {@link errors}. */
  rules(): AnalysedRule[] {
    const analysed: AnalysedRule[] = [];
    for (const node of this.#tree.nodes) {
      for (const entry of node.rules) analysed.push(this.#rule(node, entry));
    }
    return analysed;
  }

  /** The free names of a module that its rules used. */
  usedNames(module: Module): ReadonlySet<string> {
    return this.#usedImports.get(module) ?? new Set();
  }

  #rule(node: RuleNode, entry: RuleEntry): AnalysedRule {
    const names = new Names();
    const branches: AnalysedBranch[] = [];
    let keys: readonly Term[] = [];
    for (let rule: Rule | undefined = entry.rule; rule !== undefined; rule = rule.else) {
      const made = this.#branch(rule, entry, names);
      if (rule === entry.rule) keys = made.keys;
      branches.push(made.branch);
    }
    return { entry, node, keys, branches };
  }

  #context(module: Module, rule: Rule | undefined) {
    return {
      globals: this.#globalsOf(module),
      errors: this.errors,
      asides: this.asides,
      keepPrint: this.#options.keepPrint,
      strict: this.#options.strict,
      usedGlobals: this.#usedImports.get(module)!,
      metadata: (which: 'chain' | 'rule', location: Location) =>
        metadataTerm(which, rule, module, this.#annotated(), location),
    };
  }

  #annotated(): AnnotationIndex {
    this.#annotations ??= new AnnotationIndex(this.#modules);
    return this.#annotations;
  }

  #branch(rule: Rule, entry: RuleEntry, names: Names): { branch: AnalysedBranch; keys: readonly Term[] } {
    const own = rule === entry.rule ? splitHead(rule).keys : [];
    const resolved = resolveRule(rule, own, names, this.#context(entry.module, entry.rule));
    const expander = new Expander(names, this.#meanings, true, this.#budget);
    const body: Expr[] = [...expander.body(resolved.body)];
    const keys = resolved.keys.map((key) => expander.head(key, body));
    const given = resolved.value ?? scalar(true, rule.head.location);
    const value = expander.head(given, body);
    const tail: Expr[] = [];
    const args = resolved.args?.map((arg) => expander.argument(arg, tail));
    body.push(...tail);
    const failed = resolved.failed || !(resolved.args ?? []).every((arg) => this.#checkArgument(arg));
    const unknown = failed ? [] : checkCalls(body, entry.module.version, this);
    this.errors.push(...unknown);
    const safety = new SafetyCheck(this.#arity, this.#budget);
    const bound = new BoundNames();
    for (const arg of args ?? []) addBindable(arg, bound);
    if (resolved.showsTerms) safety.checkTemplates(body, bound);
    const { body: ordered, known } = safety.order(body, bound);
    for (const term of [...keys, value]) safety.checkHead(term, known);
    for (const arg of args ?? []) safety.checkHead(arg, bound);
    if (!failed && unknown.length === 0) {
      const describe = () => this.#sharedLine(rule, entry);
      this.headErrors.push(...safety.headErrors([...keys, value], body, bound, describe));
      this.errors.push(...safety.errors(describe));
    }
    return { branch: { args, body: ordered, value, location: rule.location, place: rule.head.location }, keys };
  }

  /** Reports what an argument's pattern cannot hold; template strings are the exception. */
  #checkArgument(arg: Term): boolean {
    let fine = true;
    walkTerm(arg, (part) => {
      if (part.kind === 'ref') {
        const message = `var ${termText(part.terms[0]!)} is unsafe`;
        this.errors.push(new RegoError('rego_unsafe_var_error', message, part.location));
      } else if (part.kind === 'call' && dottedName(part.operator) !== 'internal.template_string') {
        this.errors.push(new RegoError('rego_compile_error', 'rule arguments cannot contain calls', part.location));
      } else return part.kind !== 'call';
      fine = false;
      return false;
    });
    return fine;
  }

  #namesFunction(term: Term): boolean {
    if (term.kind === 'var') return lookupBuiltin(term.name) !== undefined;
    return term.kind === 'ref' && this.target(term) !== undefined;
  }

  #namesRule(term: Term): boolean {
    if (term.kind !== 'ref' || term.terms.length < 2) return false;
    const [head] = term.terms;
    if (head?.kind !== 'var' || head.name !== 'data') return false;
    return (this.#nodeOf(term)?.rules.length ?? 0) > 0;
  }

  /** ` in rule p` when rules of other names share the line, so that the line alone would not tell. */
  #sharedLine(rule: Rule, entry: RuleEntry): string {
    const name = headName(entry.rule);
    let names = this.#namesByRow.get(entry.module);
    if (names === undefined) {
      names = namesByRow(entry.module);
      this.#namesByRow.set(entry.module, names);
    }
    const { row, endRow } = rowsOf(rule);
    this.#budget.spend(endRow - row);
    for (let at = row; at <= endRow; at++) {
      for (const other of names.get(at) ?? []) if (other !== name) return ` in rule ${name}`;
    }
    return '';
  }

  /** Analyses a query; gives its ordered body and the variables that its results show. */
  query(body: Body, module: Module | undefined): { body: Body; shown: ReadonlyMap<string, string> } {
    const names = new Names();
    const globals = module === undefined ? new Map() : this.#globalsOf(module);
    const context = {
      globals,
      errors: this.errors,
      asides: this.asides,
      keepPrint: this.#options.keepPrint,
      strict: false,
      metadata: (_which: 'chain' | 'rule', location: Location) => scalar(null, location),
    };
    const resolved = resolveQuery(body, names, context);
    const expander = new Expander(names, this.#meanings, false, this.#budget);
    const expanded = expander.body(resolved.body);
    this.errors.push(...checkCalls(expanded, 'v1', this));
    const safety = new SafetyCheck(this.#arity, this.#budget);
    safety.checkTemplates(expanded, new BoundNames());
    const { body: ordered, known } = safety.order(expanded, new BoundNames());
    if (this.errors.length === 0) this.errors.push(...safety.errors(() => ''));
    return { body: ordered, shown: shownVariables(known.own, resolved.scope) };
  }
}

function rowsOf({ location: { row, text } }: Rule): { row: number; endRow: number } {
  let endRow = row;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) endRow++;
  return { row, endRow };
}

/** The names of the rules that stand in each row. */
function namesByRow(module: Module): Map<number, Set<string>> {
  const names = new Map<number, Set<string>>();
  for (const rule of module.rules) {
    const { row, endRow } = rowsOf(rule);
    for (let at = row; at <= endRow; at++) {
      const known = names.get(at);
      if (known === undefined) names.set(at, new Set([headName(rule)]));
      else known.add(headName(rule));
    }
  }
  return names;
}

function headName(rule: Rule): string {
  return rule.head.ref.location.text;
}

/** The variables that results show, by their unique names: those with a name in the query, without `_`. */
function shownVariables(bound: readonly string[], scope: Scope): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  for (const unique of bound) {
    const mark = unique.indexOf('$');
    if (mark === 0) continue;
    const name = mark < 0 ? unique : unique.slice(0, mark);
    if (name === '_' || name === '') continue;
    if (mark > 0 && scope.state(name) === undefined) continue;
    shown.set(unique, name);
  }
  return shown;
}
