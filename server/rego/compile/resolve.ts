/** Gives every name its meaning: locals get unique names, rules and imports become full `data` and `input` paths. */
import { type Location, RegoError } from '../errors.ts';
import type { Body, CallExpr, EveryExpr, Expr, RefTerm, Rule, SomeInExpr, Term, VarTerm, With } from '../syntax/ast.ts';
import { callExpr, isNamed, termExpr } from '../syntax/build.ts';
import type { Names } from './names.ts';
import { ERASED } from './print-marks.ts';
import { illegalTarget, mentions, patternVars, termExprWith } from './resolve-parts.ts';
import { type ExpressionResolver, type ResolveContext, TermResolver } from './resolve-terms.ts';
import { addPatternNames, declaredNames, Scope } from './scope.ts';
import { UNNAMED_KEY } from './shown-names.ts';
import { isRoot } from './variables.ts';
import { mapExpr, walkTerm } from './walk.ts';

/** A rule whose names are resolved; the parts of its head are terms over its variables. */
export interface ResolvedRule {
  readonly args: readonly Term[] | undefined;
  /** The steps of the head after the constant prefix, then the member of a multi-value rule. */
  readonly keys: readonly Term[];
  readonly value: Term | undefined;
  readonly body: Body;
  /** Whether the rule has errors that make further checks pointless. */
  readonly failed: boolean;
  /** Whether it has template strings or `print` calls. */
  readonly showsTerms: boolean;
}

/** Resolves one rule (or one `else` branch): `keys` are the head's steps that are not constant strings. */
export function resolveRule(rule: Rule, keys: readonly Term[], names: Names, context: ResolveContext): ResolvedRule {
  const resolver = new Resolver(names, context);
  const scope = new Scope(undefined, declaredNames(rule.body));
  const args = rule.head.args?.map((arg) => resolver.argument(arg, scope, rule.location));
  forgetArguments(rule.head.args ?? [], scope);
  const body = resolver.body(rule.body, scope);
  const resolvedKeys = keys.map((key) => resolver.terms.term(key, scope));
  const value = rule.head.value === undefined ? undefined : resolver.terms.term(rule.head.value, scope);
  resolver.checkUnused(scope, rule.body);
  if (context.strict && !rule.isDefault && rule.else === undefined) resolver.checkArguments(scope, rule);
  return { args, keys: resolvedKeys, value, body, failed: resolver.failed, showsTerms: resolver.terms.showsTerms };
}

/** Being declared is no use of an argument; being named twice is. */
function forgetArguments(args: readonly Term[], scope: Scope): void {
  const declared = new Set<string>();
  for (const arg of args) {
    const own = new Set<string>();
    addPatternNames(arg, own);
    for (const name of own) {
      if (declared.has(name)) scope.resolve(name);
      else scope.forgetUse(name);
      declared.add(name);
    }
  }
}

/** Resolves a query; gives also the unique name of each variable that it declares itself. */
export function resolveQuery(body: Body, names: Names, context: ResolveContext): { body: Body; scope: Scope } {
  const resolver = new Resolver(names, context);
  const scope = new Scope(undefined, declaredNames(body));
  return { body: resolver.body(body, scope), scope };
}

/** One `some … in` while its variables are declared. */
interface Declaring {
  /** Where errors about them are told. */
  readonly at: Location;
  /** Those declared so far: a name that stands twice means one variable. */
  readonly made: Map<string, VarTerm>;
}

class Resolver implements ExpressionResolver {
  readonly terms: TermResolver;
  readonly #names: Names;
  readonly #context: ResolveContext;
  #failed = false;

  /** Whether names were found that mean nothing. */
  get failed(): boolean {
    return this.#failed;
  }

  constructor(names: Names, context: ResolveContext) {
    this.#names = names;
    this.#context = context;
    this.terms = new TermResolver(names, context, this);
  }

  #error(message: string, location: Location): void {
    this.#failed = true;
    this.#context.errors.push(new RegoError('rego_compile_error', message, location));
  }

  /** An error that does not keep later stages from looking at the rule. */
  #warn(message: string, location: Location): void {
    this.#context.asides.push(new RegoError('rego_compile_error', message, location));
  }

  /** Declares the variables of a function's argument. */
  argument(arg: Term, scope: Scope, place: Location): Term {
    walkTerm(arg, (part) => {
      const name = part.kind === 'ref' && part.terms.length === 1 ? (part.terms[0] as VarTerm).name : '';
      if (isRoot(name)) this.#error(`args must not shadow ${name} (use a different variable name)`, place);
      return part.kind !== 'ref' && part.kind !== 'call';
    });
    const named = new Set<string>();
    addPatternNames(arg, named);
    for (const name of named) {
      if (scope.state(name) !== undefined) continue;
      scope.declare(name, this.#names.rename(name, arg.location).name, 'argument');
    }
    return this.terms.term(arg, scope);
  }

  body(body: Body, scope: Scope): Body {
    const resolved: Expr[] = [];
    for (const expr of body) {
      const made = this.#expr(expr, scope);
      if (made !== undefined) resolved.push(made);
    }
    return resolved;
  }

  inner(body: Body, scope: Scope): { body: Body; scope: Scope } {
    const inner = new Scope(scope, declaredNames(body));
    const resolved = this.body(body, inner);
    return { body: resolved, scope: inner };
  }

  #closed(body: Body, scope: Scope): Body {
    const inner = this.inner(body, scope);
    this.checkUnused(inner.scope, body);
    return inner.body;
  }

  /** Reports unused variables, unless what declares them is in error itself. */
  checkUnused(scope: Scope, body: Body): void {
    if (this.#failed) return;
    const unused: [string, string][] = scope.unused('declared').map((name) => ['declared', name]);
    if (this.#context.strict)
      unused.push(...scope.unused('assigned').map((name): [string, string] => ['assigned', name]));
    if (unused.length === 0) return;
    const places = new Map<string, Location>();
    for (const expr of body) {
      for (const name of declaredNames([expr])) if (!places.has(name)) places.set(name, expr.location);
    }
    for (const [how, name] of unused) this.#warn(`${how} var ${name} unused`, places.get(name) ?? body[0]!.location);
  }

  /** Reports arguments that nothing looks at. */
  checkArguments(scope: Scope, rule: Rule): void {
    if (this.#failed) return;
    const hint = 'use _ (wildcard variable) instead';
    for (const name of scope.unused('argument')) {
      const message = `unused argument ${name}. (hint: ${hint})`;
      this.#warn(message, rule.location);
    }
  }

  /** The resolved expression; undefined when it only declares. */
  #expr(expr: Expr, scope: Scope): Expr | undefined {
    switch (expr.kind) {
      case 'some-decl':
        for (const declared of expr.vars)
          this.#declareName({ ...declared, location: expr.location }, scope, 'declared');
        return undefined;
      case 'some-in':
        return this.#someIn(expr, scope);
      case 'every':
        return this.#every(expr, scope);
      case 'call':
        if (expr.infix === ':=') return this.#assignment(expr, scope);
        if (isNamed(expr.operator, 'print')) return this.#print(expr, scope);
        return this.#call(expr, scope);
      case 'not':
        if (!expr.braced) this.#refuseAssignment(expr.body, 'negated expression', expr.location);
        return this.mapped(expr, scope);
      case 'logic':
        for (const operand of [expr.left, expr.right]) {
          if (!operand.braced)
            this.#refuseAssignment(operand.body, `implicit ${expr.operator} operand`, operand.location);
        }
        return this.mapped(expr, scope);
      default:
        return this.mapped(expr, scope);
    }
  }

  #refuseAssignment(body: Body, where: string, location: Location): void {
    for (const expr of body) {
      if (expr.kind === 'call' && expr.infix === ':=') this.#error(`cannot assign vars inside ${where}`, location);
    }
  }

  mapped(expr: Expr, scope: Scope): Expr {
    if (expr.kind === 'call') return this.#call(expr, scope);
    return mapExpr(expr, {
      term: (term) => this.terms.term(term, scope),
      body: (body) => this.#closed(body, scope),
    });
  }

  #call(expr: CallExpr, scope: Scope): Expr {
    const constant = this.terms.constantCall(expr);
    if (constant !== undefined) {
      return { ...termExpr(constant), negated: expr.negated, with: this.#modifiers(expr, scope) };
    }
    const args = this.terms.args(expr, scope);
    const operator = this.terms.operator(expr, scope);
    const modifiers = this.#modifiers(expr, scope);
    if (args === expr.args && operator === expr.operator && modifiers === expr.with) return expr;
    return { ...expr, operator, args, with: modifiers };
  }

  #modifiers(expr: Expr, scope: Scope): readonly With[] {
    if (expr.with.length === 0) return expr.with;
    return mapExpr(termExprWith(expr), { term: (term) => this.terms.term(term, scope), body: (body) => body }).with;
  }

  #checkShadowing(name: string, location: Location): void {
    if (name === 'input' || name === 'data') {
      this.#error(`variables must not shadow ${name} (use a different variable name)`, location);
    }
  }

  #declare(declared: VarTerm, scope: Scope, how: 'assigned' | 'declared', at = declared.location): VarTerm {
    const { name, location } = declared;
    if (name === '_') return this.#names.rename('_', location);
    this.#checkShadowing(name, location);
    return this.#declareName(declared, scope, how, at);
  }

  /** Declares a variable, whatever it hides: `some input` makes a local of that name. */
  #declareName(declared: VarTerm, scope: Scope, how: 'assigned' | 'declared', at = declared.location): VarTerm {
    const { name, location } = declared;
    const before = scope.state(name);
    if (before === 'argument') this.#error(`arg ${name} redeclared`, at);
    else if (before === 'seen') this.#error(`var ${name} referenced above`, at);
    else if (before !== undefined) this.#error(`var ${name} ${before} above`, at);
    const renamed = this.#names.rename(name, location);
    scope.declare(name, renamed.name, how);
    return renamed;
  }

  /** Declares the variables of a pattern and resolves the rest of it; those of a `some` may share names. */
  #pattern(pattern: Term, scope: Scope, how: 'assigned' | 'declared', some?: Declaring): Term {
    switch (pattern.kind) {
      case 'var': {
        const made = some?.made.get(pattern.name);
        if (made !== undefined) return { ...made, location: pattern.location };
        const declared = this.#declare(pattern, scope, how, some?.at);
        if (pattern.name !== '_') some?.made.set(pattern.name, declared);
        return declared;
      }
      case 'array':
        return { ...pattern, items: pattern.items.map((item) => this.#pattern(item, scope, how, some)) };
      case 'object': {
        const entries = pattern.entries.map(
          ([key, value]) => [this.terms.term(key, scope), this.#pattern(value, scope, how, some)] as const,
        );
        return { ...pattern, entries };
      }
      case 'ref':
        if (pattern.terms.length === 1 && how === 'assigned') {
          return this.#declareName(pattern.terms[0] as VarTerm, scope, how);
        }
        break;
      default:
    }
    const bad = how === 'assigned' ? illegalTarget(pattern) : undefined;
    if (bad !== undefined) this.#error(`cannot assign to ${bad}`, pattern.location);
    return this.terms.term(pattern, scope);
  }

  #assignment(expr: CallExpr, scope: Scope): Expr {
    const [target, source] = expr.args as [Term, Term];
    const right = this.terms.term(source, scope);
    const modifiers = this.#modifiers(expr, scope);
    const bad = illegalTarget(target);
    if (bad !== undefined) this.#error(`cannot assign to ${bad}`, expr.location);
    if (target.kind === 'ref' && bad === undefined)
      this.#checkShadowing((target.terms[0] as VarTerm).name, target.location);
    const left = bad === undefined ? this.#pattern(target, scope, 'assigned') : this.#names.fresh(target.location);
    if (expr.negated) this.#error('cannot assign vars inside negated expression', expr.location);
    return callExpr('eq', [left, right], expr.location, ':=', modifiers);
  }

  #someIn(expr: SomeInExpr, scope: Scope): Expr | undefined {
    const computed = new Set<string>();
    if (expr.key !== undefined) patternVars(expr.key, computed);
    patternVars(expr.value, computed);
    const early = [...computed].filter((name) => mentions(expr.domain, name));
    for (const name of early) this.#error(`var ${name} assigned before`, expr.location);
    if (early.length > 0) return undefined;
    const named = new Set<string>();
    if (expr.key !== undefined) addPatternNames(expr.key, named);
    addPatternNames(expr.value, named);
    const domain = this.terms.term(expr.domain, scope);
    const some: Declaring = { at: expr.location, made: new Map() };
    const key =
      expr.key === undefined
        ? this.#names.rename(UNNAMED_KEY, expr.location)
        : this.#pattern(expr.key, scope, 'declared', some);
    const value = this.#pattern(expr.value, scope, 'declared', some);
    for (const name of named) scope.resolve(name);
    const modifiers = this.#modifiers(expr, scope);
    const path = domain.kind === 'ref' ? domain.terms : [domain];
    const ref: RefTerm = { kind: 'ref', terms: [...path, key], location: expr.domain.location };
    return callExpr('eq', [value, ref], expr.location, '=', modifiers);
  }

  #every(expr: EveryExpr, scope: Scope): EveryExpr {
    const domain = this.terms.term(expr.domain, scope);
    const modifiers = this.#modifiers(expr, scope);
    const outer = new Scope(scope);
    const declare = (declared: VarTerm): VarTerm => {
      this.#checkShadowing(declared.name, declared.location);
      return this.#declare(declared, outer, 'declared');
    };
    const key = expr.key === undefined ? undefined : declare(expr.key);
    const value = declare(expr.value);
    const pending = declaredNames(expr.body);
    for (const name of pending) {
      if (outer.state(name) !== undefined) this.#error(`var ${name} declared above`, expr.body[0]!.location);
    }
    const inner = new Scope(outer, new Set([...pending].filter((name) => outer.state(name) === undefined)));
    const body = this.body(expr.body, inner);
    this.checkUnused(inner, expr.body);
    if (!this.#failed)
      for (const name of outer.unused('declared')) this.#warn(`declared var ${name} unused`, expr.body[0]!.location);
    return { ...expr, key, value, domain, body, with: modifiers };
  }

  /** `print` shows undefined arguments too, so each becomes a set that is empty when its expression is undefined. */
  #print(expr: CallExpr, scope: Scope): Expr {
    const args = expr.args.map((arg) => this.terms.term(arg, scope));
    if (!this.#context.keepPrint) {
      return callExpr('internal.print', args, expr.location, ERASED);
    }
    const items = args.map((arg) => this.terms.maybe(arg, arg.location));
    const list: Term = { kind: 'array', items, location: expr.location };
    const modifiers = this.mapped({ ...expr, args: [] }, scope).with;
    return callExpr('internal.print', [list], expr.location, undefined, modifiers);
  }
}
