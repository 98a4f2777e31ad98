/** Orders each body so that every expression finds its variables bound, and reports those that nothing binds. */
import { type Location, RegoError } from '../errors.ts';
import type { Body, CallExpr, EveryExpr, Expr, Term } from '../syntax/ast.ts';
import { isNamed } from '../syntax/build.ts';
import { type Arity, addBindable, BoundNames, type Known, outputs } from './bindings.ts';
import type { CompileBudget } from './budget.ts';
import { isEquality } from './expand.ts';
import { orderUnits } from './order.ts';
import { PRINTED } from './print-marks.ts';
import { isGenerated, isUnnamedKey, shownName } from './shown-names.ts';
import { unitVars } from './units.ts';
import { addTermVars, bodyVars } from './variables.ts';
import { closures, holdsClosures, mapExpr, mapTerm, ownTerms, walkExpr, walkTerm } from './walk.ts';

/** A variable that nothing binds, and the expression that needs it. */
interface Unsafe {
  readonly name: string;
  readonly expr: Expr | undefined;
  readonly location: Location;
  /** Whether a `print` call needs it. */
  readonly printed: boolean;
}

/** A body in its order, and the variables that are bound after it. */
export interface OrderedBody {
  readonly body: Body;
  readonly known: BoundNames;
}

/** Orders the bodies of one rule or query. */
export class SafetyCheck {
  readonly #arity: Arity;
  readonly #budget: CompileBudget;
  readonly #unsafe: Unsafe[] = [];
  #printing = false;
  #enclosing: Location | undefined;
  /** Variables of expressions that could not be ordered; that they are unbound is no error of its own. */
  readonly #stuckVars = new Set<string>();
  /** Variables that such expressions assign: what lacks them is a consequence. */
  readonly #assigned = new Set<string>();

  constructor(arity: Arity, budget: CompileBudget) {
    this.#arity = arity;
    this.#budget = budget;
  }

  /** The body in an order that binds before it uses, with its closures ordered too; `bound` are the outer variables. */
  order(body: Body, bound: Known): OrderedBody {
    const { ordered, stuck } = orderUnits(body, bound, this.#arity, this.#budget);
    for (const [{ main: expr }, names] of stuck) {
      const printed = this.#printing || isPrint(expr);
      for (const name of names) {
        const location = printed ? placeOf(expr, name) : neededAt(expr);
        this.#unsafe.push({ name, expr, location, printed });
      }
    }
    const waiting = new Set<Expr>();
    for (const unit of stuck.keys()) {
      for (const name of unitVars(unit)) this.#stuckVars.add(name);
      for (const expr of unit.exprs) waiting.add(expr);
      this.#noteAssigned(unit.main);
    }
    const known = new BoundNames(bound);
    const result = ordered.map((expr) => {
      const finished = waiting.has(expr) && !isPrint(expr) ? expr : this.#orderClosures(expr, known);
      const names = outputs(expr, known, this.#arity);
      for (let index = 0; index < names.length; index++) known.add(names[index]!);
      return finished;
    });
    return { body: result, known };
  }

  /** Notes the variables of a head's term that the ordered body does not bind. */
  checkHead(term: Term, safe: Known): void {
    if (term.kind === 'scalar') return;
    const vars = new Set<string>();
    addTermVars(term, vars);
    for (const name of vars) {
      if (safe.has(name) || this.#stuckVars.has(name)) continue;
      this.#unsafe.push({ name, expr: undefined, location: this.#enclosing ?? placeIn(term, name), printed: false });
    }
  }

  /**
   * The errors of a head's variables that its body does not even mention outside of closures. OPA looks at all heads before
   * it looks at any body.
   */
  headErrors(terms: readonly Term[], body: Body, bound: Known, describeRule: () => string): RegoError[] {
    const vars = new Set<string>();
    for (const term of terms) addTermVars(term, vars);
    const open = [...vars].filter((name) => !bound.has(name));
    if (open.length === 0) return [];
    const mentioned = bodyVars(body);
    const unsafe = open.filter((name) => !mentioned.has(name) && !isGenerated(name) && !isUnnamedKey(name));
    const suffix = unsafe.length === 0 ? '' : describeRule();
    return unsafe.map((name) => {
      const holder = terms.find((term) => mentionsVar(term, name))!;
      return unsafeError(shownName(name), suffix, placeIn(holder, name));
    });
  }

  /** The errors; `describeRule` gives the end of each message (` in rule p`). */
  errors(describeRule: () => string): RegoError[] {
    if (this.#unsafe.length === 0) return [];
    const suffix = describeRule();
    const visible = this.#unsafe.filter(({ name }) => !isGenerated(name) && !isUnnamedKey(name));
    const printed = visible.filter((unsafe) => unsafe.printed);
    const causes = visible.filter(({ name }) => !this.#assigned.has(name));
    const named = [printed, causes, visible].find(({ length }) => length > 0) ?? [];
    const told = new Set<string>();
    const errors: RegoError[] = [];
    for (const { name, location, printed: inPrint } of named) {
      const shown = shownName(name);
      if (told.has(name)) continue;
      told.add(name);
      errors.push(
        inPrint
          ? new RegoError('rego_compile_error', `var ${shown} is undeclared`, location)
          : unsafeError(shown, suffix, location),
      );
    }
    if (errors.length === 0 && this.#unsafe.length > 0) {
      errors.push(new RegoError('rego_unsafe_var_error', 'expression is unsafe', this.#unsafe[0]!.location));
    }
    return errors;
  }

  #noteAssigned(expr: Expr): void {
    if (expr.kind === 'call' && expr.infix === ':=') addBindable(expr.args[0]!, this.#assigned);
  }

  /**
   * Notes the variables that the template strings of a body would have to bind. What the body binds is what its expressions
   * bind when they are read once, in the order in which they are written, as in OPA.
   */
  checkTemplates(body: Body, bound: Known): void {
    const known = new BoundNames(bound);
    for (const expr of body) for (const name of outputs(expr, known, this.#arity)) known.add(name);
    for (const expr of body) {
      if (isPrint(expr) || !holdsClosures(expr)) continue;
      for (const term of ownTerms(expr)) {
        walkTerm(term, (part) => {
          if (part.kind !== 'comprehension') return true;
          if (part.shows) this.#checkShown(part.body, known);
          this.checkTemplates(part.body, known);
          return false;
        });
      }
      const declared = expr.kind === 'every' ? this.#declaredBy(expr, known) : known;
      for (const inner of closures(expr)) this.checkTemplates(inner, declared);
    }
  }

  /** Notes the variables that a template string or `print` would have to bind; a mere variable is noted elsewhere. */
  #checkShown(body: Body, safe: Known): void {
    for (const expr of body) {
      const isMere = expr.kind === 'call' && body.length === 1 && expr.args[1]?.kind === 'var';
      for (const name of isMere ? [] : shownVars(expr)) {
        if (safe.has(name) || isGenerated(name)) continue;
        this.#unsafe.push({ name, expr, location: shownPlace(expr, name), printed: true });
      }
    }
  }

  #orderClosures(expr: Expr, safe: Known): Expr {
    if (!holdsClosures(expr)) return expr;
    const declared = expr.kind === 'every' ? this.#declaredBy(expr, safe) : safe;
    const outer = this.#enclosing;
    this.#printing = isPrint(expr);
    this.#enclosing = expr.location;
    const ordered = mapExpr(expr, {
      term: (term) => this.#orderTerm(term, safe),
      body: (body) => this.order(body, declared).body,
    });
    this.#printing = false;
    this.#enclosing = outer;
    return ordered;
  }

  #declaredBy(expr: EveryExpr, safe: Known): BoundNames {
    const declared = new BoundNames(safe);
    for (const name of outputs(expr, safe, this.#arity)) declared.add(name);
    if (expr.key !== undefined) declared.add(expr.key.name);
    return declared.add(expr.value.name);
  }

  #orderTerm(term: Term, safe: Known): Term {
    if (term.kind !== 'comprehension') return mapTerm(term, (part) => this.#orderTerm(part, safe));
    if (term.shows && this.#printing) this.#checkShown(term.body, safe);
    const { body, known } = this.order(term.body, safe);
    if (term.key !== undefined) this.checkHead(term.key, known);
    this.checkHead(term.term, known);
    return { ...term, body };
  }
}

function unsafeError(shown: string, suffix: string, location: Location): RegoError {
  return new RegoError('rego_unsafe_var_error', `var ${shown} is unsafe${suffix}`, location, hintFor(shown));
}

function mentionsVar(term: Term, name: string): boolean {
  const vars = new Set<string>();
  addTermVars(term, vars);
  return vars.has(name);
}

/** The variables of a term that is shown, but not those of its modifiers. */
function shownVars(expr: Expr): Set<string> {
  const vars = new Set<string>();
  for (const term of expr.kind === 'call' ? expr.args : ownTerms(expr)) addTermVars(term, vars);
  return vars;
}

/** The reference around a variable, or what is shown where there is none. */
function shownPlace(expr: Expr, name: string): Location {
  let found: Location | undefined;
  walkExpr(expr, (term) => {
    const holds = term.kind === 'ref' && term.terms.some((step) => step.kind === 'var' && step.name === name);
    if (holds) found ??= term.location;
    return true;
  });
  if (found !== undefined) return found;
  const shown = isEquality(expr) ? (expr as CallExpr).args[1]! : undefined;
  return shown === undefined || shown.kind === 'var' ? expr.location : shown.location;
}

/** Where an expression is said to need its variables: `every` in a domain that is a mere name or path. */
function neededAt(expr: Expr): Location {
  const isPath = expr.kind === 'every' && (expr.domain.kind === 'var' || expr.domain.kind === 'ref');
  return isPath ? expr.domain.location : expr.location;
}

function isPrint(expr: Expr): boolean {
  return expr.kind === 'call' && (expr.infix === PRINTED || isNamed(expr.operator, 'internal', 'print'));
}

/** The place of a variable inside a term. */
function placeIn(term: Term, name: string): Location {
  let found: Location | undefined;
  walkTerm(term, (part) => {
    if (part.kind === 'var' && part.name === name) found ??= part.location;
    return true;
  });
  return found ?? term.location;
}

/** The place of a variable inside an expression. */
function placeOf(expr: Expr, name: string): Location {
  let found: Location | undefined;
  walkExpr(expr, (term) => {
    if (term.kind === 'var' && term.name === name) found ??= term.location;
    return true;
  });
  return found ?? expr.location;
}

const KEYWORD_HINTS: ReadonlySet<string> = new Set(['in', 'if', 'every', 'contains']);

function hintFor(name: string): string | undefined {
  return KEYWORD_HINTS.has(name) ? `add \`import rego.v1\` to use \`${name}\` as a keyword` : undefined;
}
