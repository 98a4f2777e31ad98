/** Gives the names in terms their meaning: locals get unique names, rules and imports become full paths. */
import type { Location, RegoError } from '../errors.ts';
import type { Body, CallExpr, Expr, RefTerm, Term, VarTerm, With } from '../syntax/ast.ts';
import { callTerm, dottedName, scalar } from '../syntax/build.ts';
import type { Globals } from './globals.ts';
import type { Names } from './names.ts';
import { equality, pathRef } from './resolve-parts.ts';
import type { Scope } from './scope.ts';
import { mapAll, mapTerm } from './walk.ts';

/** What the resolver is told about the place of a rule. */
export interface ResolveContext {
  readonly globals: Globals;
  readonly errors: RegoError[];
  /** Errors that do not keep later stages from looking for theirs. */
  readonly asides: RegoError[];
  /** The constant that `rego.metadata.chain()` and `rego.metadata.rule()` stand for here. */
  metadata(which: 'chain' | 'rule', location: Location): Term;
  /** Whether `print` calls stay; otherwise they are checked and left out. */
  readonly keepPrint: boolean;
  /** Whether unused local variables are errors. */
  readonly strict: boolean;
  /** Told of every global that is used. */
  readonly usedGlobals?: Set<string>;
}

/** Resolves the expressions that terms hold. */
export interface ExpressionResolver {
  /** Resolves a body in a scope of its own, which is given back for the terms that go with the body. */
  inner(body: Body, scope: Scope): { body: Body; scope: Scope };
  /** Resolves an expression that declares nothing. */
  mapped(expr: Expr, scope: Scope): Expr;
  /** Reports the variables that a body declares in its scope and that nothing used. */
  checkUnused(scope: Scope, body: Body): void;
}

/** A call as an expression or as a term. */
type Call = Pick<CallExpr, 'operator' | 'args' | 'infix' | 'location'>;

/** Resolves terms of one rule or query. */
export class TermResolver {
  #showsTerms = false;
  readonly #names: Names;
  readonly #context: ResolveContext;
  readonly #expressions: ExpressionResolver;

  constructor(names: Names, context: ResolveContext, expressions: ExpressionResolver) {
    this.#names = names;
    this.#context = context;
    this.#expressions = expressions;
  }

  /** The term with every name resolved in the scope. */
  term(term: Term, scope: Scope): Term {
    switch (term.kind) {
      case 'var':
        return this.#variable(term, scope);
      case 'ref':
        return this.#ref(term, scope);
      case 'call':
        return this.call(term, scope);
      case 'comprehension': {
        const inner = this.#expressions.inner(term.body, scope);
        const key = term.key === undefined ? undefined : this.term(term.key, inner.scope);
        const resolved = { ...term, key, term: this.term(term.term, inner.scope), body: inner.body };
        this.#expressions.checkUnused(inner.scope, term.body);
        return resolved;
      }
      case 'template':
        return this.#template(term, scope);
      default:
        return mapTerm(term, (part) => this.term(part, scope));
    }
  }

  /** Whether template strings or `print` calls were met. */
  get showsTerms(): boolean {
    return this.#showsTerms;
  }

  /** `{x | x = term}`: empty when the term is undefined; shows the term and binds none of its variables. */
  maybe(term: Term, location: Location, modifiers: readonly With[] = []): Term {
    this.#showsTerms = true;
    const held = this.#names.fresh(location);
    const body = [{ ...equality(held, term, location), with: modifiers }];
    return { kind: 'comprehension', collect: 'set', term: held, body, shows: true, location };
  }

  #template(template: Term & { kind: 'template' }, scope: Scope): Term {
    const items = template.parts.map((part): Term => {
      if (typeof part === 'string') return scalar(part, template.location);
      const resolved = this.#expressions.mapped({ ...part, location: template.location }, scope);
      const value: Term =
        resolved.kind === 'term'
          ? resolved.term
          : {
              kind: 'call',
              operator: (resolved as CallExpr).operator,
              args: (resolved as CallExpr).args,
              location: part.location,
            };
      if (value.kind === 'scalar') return value;
      // A variable has a value whenever the template is evaluated, whatever `with` says of documents.
      if (value.kind === 'var') return { kind: 'set', items: [value], location: template.location };
      return this.maybe(value, template.location, resolved.with);
    });
    if (items.length === 0) return scalar('', template.location);
    const list: Term = { kind: 'array', items, location: template.location };
    return callTerm('internal.template_string', [list], template.location);
  }

  #variable(term: VarTerm, scope: Scope): Term {
    const { name, location } = term;
    if (name === '_') return this.#names.rename('_', location);
    const found = scope.resolve(name);
    if (found === 'implicit') return term;
    if (found !== undefined) return { kind: 'var', name: found.local, shown: name, location };
    const path = this.#context.globals.get(name);
    if (path !== undefined) {
      this.#context.usedGlobals?.add(name);
      return pathRef(path, location);
    }
    scope.see(name);
    return term;
  }

  #ref(ref: RefTerm, scope: Scope): Term {
    const head = ref.terms[0]!;
    const steps = ref.terms.slice(1);
    const isRoot = head.kind === 'var' && (head.name === 'data' || head.name === 'input');
    const resolvedHead = isRoot ? (scope.hiding(head) ?? head) : this.term(head, scope);
    const resolvedSteps = mapAll(steps, (step) => this.term(step, scope));
    if (resolvedHead === head && resolvedSteps === steps) return ref;
    if (isRoot && ref.terms.length === 1) return resolvedHead;
    const terms =
      resolvedHead.kind === 'ref' ? [...resolvedHead.terms, ...resolvedSteps] : [resolvedHead, ...resolvedSteps];
    return { kind: 'ref', terms, location: ref.location };
  }

  /** A call with its operator and arguments resolved; calls about annotations become constants. */
  call(call: Term & { kind: 'call' }, scope: Scope): Term {
    const constant = this.constantCall(call);
    if (constant !== undefined) return constant;
    const args = this.args(call, scope);
    const operator = this.operator(call, scope);
    return args === call.args && operator === call.operator ? call : { ...call, operator, args };
  }

  /** The constant that a call about annotations stands for. */
  constantCall({ operator, location }: Call): Term | undefined {
    if (operator.terms.length !== 3) return undefined;
    const name = dottedName(operator);
    if (name !== 'rego.metadata.chain' && name !== 'rego.metadata.rule') return undefined;
    return this.#context.metadata(name === 'rego.metadata.rule' ? 'rule' : 'chain', location);
  }

  /** The arguments of a call, resolved. */
  args({ args }: Call, scope: Scope): readonly Term[] {
    return mapAll(args, (arg) => this.term(arg, scope));
  }

  /** The function that a call names, resolved unless a sign stands for it. */
  operator({ operator, infix }: Call, scope: Scope): RefTerm {
    if (infix !== undefined) return operator;
    const head = operator.terms[0]!;
    if (head.kind !== 'var') return operator;
    const resolved = this.#ref(operator, scope) as RefTerm;
    return resolved.terms[0]!.kind === 'var' ? resolved : operator;
  }
}
