/** Orders each body so that every expression finds its variables bound, and reports those that nothing binds. */
import { type Location, RegoError } from '../errors.ts';
import type { Body, EveryExpr, Expr, Term } from '../syntax/ast.ts';
import { dottedName } from '../syntax/build.ts';
import { PRINTED } from './expand.ts';
import { isGenerated, shownName } from './names.ts';
import { boundByCall, type Unit, unitClosureVars, unitOutputs, unitsOf, unitVars } from './units.ts';
import { type Arity, addTermVars, bodyVars, exprVars, outputs } from './variables.ts';
import { mapExpr, mapTerm, walkExpr, walkTerm } from './walk.ts';

/** A variable that nothing binds, and the expression that needs it. */
interface Unsafe {
  readonly name: string;
  readonly expr: Expr | undefined;
  readonly location: Location;
  /** Whether a `print` call needs it. */
  readonly printed: boolean;
}

/** Orders the bodies of one rule or query. */
export class SafetyCheck {
  readonly #arity: Arity;
  readonly #unsafe: Unsafe[] = [];
  #printing = false;
  #enclosing: Location | undefined;
  /** Variables of expressions that could not be ordered; that they are unbound is no error of its own. */
  readonly #stuckVars = new Set<string>();

  constructor(arity: Arity) {
    this.#arity = arity;
  }

  /** The body in an order that binds before it uses, with its closures ordered too; `bound` are the outer variables. */
  order(body: Body, bound: ReadonlySet<string>): Body {
    const { ordered, stuck, safe } = this.#reorder(body, bound);
    for (const [{ main: expr }, names] of stuck) {
      const printed = this.#printing || isPrint(expr);
      for (const name of names) {
        const location = printed ? placeOf(expr, name) : expr.kind === 'every' ? expr.domain.location : expr.location;
        this.#unsafe.push({ name, expr, location, printed });
      }
    }
    for (const unit of stuck.keys()) for (const name of unitVars(unit)) this.#stuckVars.add(name);
    this.#dropConsequences(stuck);
    const result: Expr[] = [];
    const known = new Set(bound);
    for (const expr of ordered) {
      result.push(stuck.size > 0 && !isPrint(expr) ? expr : this.#orderClosures(expr, known));
      for (const name of outputs(expr, known, this.#arity)) known.add(name);
    }
    for (const name of stuck.size === 0 ? [] : [...safe]) known.add(name);
    return result;
  }

  /** Notes the variables of a head's term that the ordered body does not bind. */
  checkHead(term: Term, safe: ReadonlySet<string>): void {
    const vars = new Set<string>();
    addTermVars(term, vars);
    for (const name of vars) {
      if (safe.has(name) || this.#stuckVars.has(name)) continue;
      this.#unsafe.push({ name, expr: undefined, location: this.#enclosing ?? placeIn(term, name), printed: false });
    }
  }

  /** The variables bound after an ordered body. */
  boundAfter(body: Body, bound: ReadonlySet<string>): Set<string> {
    const known = new Set(bound);
    for (const expr of body) for (const name of outputs(expr, known, this.#arity)) known.add(name);
    return known;
  }

  /** The errors; `describeRule` gives the end of each message (` in rule p`). */
  errors(describeRule: () => string): RegoError[] {
    if (this.#unsafe.length === 0) return [];
    const suffix = describeRule();
    const visible = this.#unsafe.filter(({ name }) => !isGenerated(name));
    const printed = visible.filter((unsafe) => unsafe.printed);
    const named = printed.length > 0 ? printed : visible;
    const told = new Set<string>();
    const errors: RegoError[] = [];
    for (const { name, location, printed: inPrint } of named) {
      const shown = shownName(name);
      if (told.has(name)) continue;
      told.add(name);
      errors.push(
        inPrint
          ? new RegoError('rego_compile_error', `var ${shown} is undeclared`, location)
          : new RegoError('rego_unsafe_var_error', `var ${shown} is unsafe${suffix}`, location, hintFor(shown)),
      );
    }
    if (errors.length === 0 && this.#unsafe.length > 0) {
      errors.push(new RegoError('rego_unsafe_var_error', 'expression is unsafe', this.#unsafe[0]!.location));
    }
    return errors;
  }

  #reorder(body: Body, bound: ReadonlySet<string>) {
    const own = bodyVars(body);
    const safe = new Set(bound);
    const ordered: Expr[] = [];
    let waiting = unitsOf(body);
    const missing = new Map<Unit, Set<string>>();
    for (;;) {
      const later: Unit[] = [];
      missing.clear();
      for (const unit of waiting) {
        const made = unitOutputs(unit, safe, this.#arity);
        const closed = [...unitClosureVars(unit)].filter((name) => own.has(name) && !bound.has(name));
        const lacking =
          closed.length > 0
            ? lackingInClosures(boundByCall(unit, this.#arity), closed, made, safe)
            : new Set([...unitVars(unit)].filter((name) => !safe.has(name) && !made.has(name)));
        for (const name of bareVars(unit.main)) if (!safe.has(name)) lacking.add(name);
        if (lacking.size > 0) {
          missing.set(unit, lacking);
          later.push(unit);
          continue;
        }
        ordered.push(...unit.exprs);
        for (const name of made) safe.add(name);
      }
      if (later.length === 0 || later.length === waiting.length) {
        return { ordered: [...ordered, ...later.flatMap(({ exprs }) => exprs)], stuck: new Map(missing), safe };
      }
      waiting = later;
    }
  }

  /** Keeps the root causes: what only lacks because another stuck expression would have bound it is no error itself. */
  #dropConsequences(stuck: ReadonlyMap<Unit, ReadonlySet<string>>): void {
    if (stuck.size === 0) return;
    const everything = new Set<string>();
    for (const unit of stuck.keys()) for (const name of unitVars(unit)) everything.add(name);
    const mains = new Set<Expr | undefined>();
    const wouldBind = new Set<string>();
    for (const [unit, names] of stuck) {
      mains.add(unit.main);
      for (const name of names) {
        const others = new Set(everything);
        others.delete(name);
        if (unitOutputs(unit, others, this.#arity).has(name)) wouldBind.add(name);
      }
    }
    const roots = this.#unsafe.filter(({ name, expr }) => !mains.has(expr) || !wouldBind.has(name));
    if (roots.some(({ name, expr }) => mains.has(expr) && !isGenerated(name))) {
      this.#unsafe.splice(0, this.#unsafe.length, ...roots);
    }
  }

  /** Notes the variables that a template string or `print` would have to bind; a mere variable is noted elsewhere. */
  #checkShown(body: Body, safe: ReadonlySet<string>): void {
    for (const expr of body) {
      const isMere = expr.kind === 'call' && body.length === 1 && expr.args[1]?.kind === 'var';
      for (const name of isMere ? [] : exprVars(expr)) {
        if (safe.has(name) || isGenerated(name)) continue;
        this.#unsafe.push({ name, expr, location: shownPlace(expr, name), printed: true });
      }
    }
  }

  #orderClosures(expr: Expr, safe: ReadonlySet<string>): Expr {
    const declared = expr.kind === 'every' ? this.#declaredBy(expr, safe) : safe;
    const outer = this.#enclosing;
    this.#printing = isPrint(expr);
    this.#enclosing = expr.location;
    const ordered = mapExpr(expr, {
      term: (term) => this.#orderTerm(term, safe),
      body: (body) => this.order(body, declared),
    });
    this.#printing = false;
    this.#enclosing = outer;
    return ordered;
  }

  #declaredBy(expr: EveryExpr, safe: ReadonlySet<string>): Set<string> {
    const declared = new Set(safe);
    for (const name of outputs(expr, safe, this.#arity)) declared.add(name);
    if (expr.key !== undefined) declared.add(expr.key.name);
    return declared.add(expr.value.name);
  }

  #orderTerm(term: Term, safe: ReadonlySet<string>): Term {
    if (term.kind !== 'comprehension') return mapTerm(term, (part) => this.#orderTerm(part, safe));
    if (term.shows) this.#checkShown(term.body, safe);
    const body = this.order(term.body, safe);
    const known = this.boundAfter(body, safe);
    if (term.key !== undefined) this.checkHead(term.key, known);
    this.checkHead(term.term, known);
    return { ...term, body };
  }
}

/**
 * The variables that an expression lacks whose closures use variables of the body. As in OPA, these alone are looked at,
 * and they count as lacking, bound or not, where they are just what the expression itself seems to bind.
 */
function lackingInClosures(
  boundByCall: ReadonlySet<string>,
  closed: readonly string[],
  made: ReadonlySet<string>,
  safe: ReadonlySet<string>,
): Set<string> {
  const bindable = new Set([...boundByCall, ...[...made].filter((name) => !isGenerated(name))]);
  if (bindable.size === closed.length && closed.every((name) => bindable.has(name))) return new Set(closed);
  return new Set(closed.filter((name) => !safe.has(name) && !made.has(name)));
}

/** The reference around a variable, or the expression where there is none. */
function shownPlace(expr: Expr, name: string): Location {
  let found: Location | undefined;
  walkExpr(expr, (term) => {
    const holds = term.kind === 'ref' && term.terms.some((step) => step.kind === 'var' && step.name === name);
    if (holds) found ??= term.location;
    return true;
  });
  return found ?? expr.location;
}

/** The variables of operands without braces: these have no scope to bind them in. */
function bareVars(expr: Expr): Set<string> {
  const operands = expr.kind === 'not' ? [expr] : expr.kind === 'logic' ? [expr.left, expr.right] : [];
  const bodies = operands.filter((operand) => !operand.braced).map((operand) => operand.body);
  return new Set(bodies.flatMap((body) => [...bodyVars(body)]).filter((name) => !isGenerated(name)));
}

function isPrint(expr: Expr): boolean {
  return expr.kind === 'call' && (expr.infix === PRINTED || dottedName(expr.operator) === 'internal.print');
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
