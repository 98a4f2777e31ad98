/** Finds an order of a body's units in which each finds its variables bound. */
import type { Body, Expr } from '../syntax/ast.ts';
import { Agenda } from './agenda.ts';
import { type Arity, BoundNames, type Known } from './bindings.ts';
import type { CompileBudget } from './budget.ts';
import { isGenerated } from './shown-names.ts';
import { addUnitOutputs, boundByCall, type Unit, unitClosureVars, unitsOf } from './units.ts';
import { addExprVars, bodyVars, type NameSink } from './variables.ts';
import { holdsClosures } from './walk.ts';

/** What came of ordering: units that lack variables come last, in their own order. */
export interface Ordering {
  readonly ordered: readonly Expr[];
  /** The units that nothing helps, each with the variables that it lacks. */
  readonly stuck: ReadonlyMap<Unit, ReadonlySet<string>>;
}

/** Orders the units of a body; `bound` are the outer variables. */
export function orderUnits(body: Body, bound: Known, arity: Arity, budget: CompileBudget): Ordering {
  return new UnitOrder(body, bound, arity, budget).run();
}

/**
 * Goes over the units again and again, as OPA does, and takes each as soon as its variables are bound. A unit is looked
 * at again only when one of its variables was bound since, so that a body in reverse order is not looked at as often as
 * it is long.
 */
class UnitOrder {
  readonly #body: Body;
  readonly #bound: Known;
  readonly #arity: Arity;
  readonly #budget: CompileBudget;
  readonly #units: readonly Unit[];
  readonly #safe: BoundNames;
  readonly #ordered: Expr[] = [];
  /** The units looked at and not taken, by index, with what they lacked. */
  readonly #missing = new Map<number, ReadonlySet<string>>();
  /** The units that mention a variable that is not bound yet; made for the first, since most bodies are in order. */
  #waiting: Map<string, number[]> | undefined;
  readonly #agenda: Agenda;
  #own: ReadonlySet<string> | undefined;

  constructor(body: Body, bound: Known, arity: Arity, budget: CompileBudget) {
    this.#body = body;
    this.#bound = bound;
    this.#arity = arity;
    this.#budget = budget;
    this.#units = unitsOf(body);
    this.#safe = new BoundNames(bound);
    this.#agenda = new Agenda(this.#units.length);
  }

  run(): Ordering {
    for (let index = this.#agenda.next(); index !== undefined; index = this.#agenda.next()) this.#visit(index);
    if (this.#missing.size === 0) return { ordered: this.#ordered, stuck: NOTHING_STUCK };
    const stuck = new Map<Unit, ReadonlySet<string>>();
    for (const index of [...this.#missing.keys()].sort((a, b) => a - b)) {
      const unit = this.#units[index]!;
      stuck.set(unit, this.#missing.get(index)!);
      for (const expr of unit.exprs) this.#ordered.push(expr);
    }
    return { ordered: this.#ordered, stuck };
  }

  #visit(index: number): void {
    const unit = this.#units[index]!;
    const made = new BoundNames(this.#safe);
    addUnitOutputs(unit, made, this.#arity);
    const lacks = this.#lackedBy(unit, made);
    if (lacks.size > 0) {
      if (!this.#missing.has(index)) this.#wait(index, unit);
      this.#missing.set(index, lacks);
      return;
    }
    if (this.#missing.size > 0) this.#missing.delete(index);
    for (let at = 0; at < unit.exprs.length; at++) this.#ordered.push(unit.exprs[at]!);
    for (let at = 0; at < made.own.length; at++) {
      const name = made.own[at]!;
      this.#safe.add(name);
      const waiting = this.#waiting?.get(name);
      if (waiting === undefined) continue;
      this.#waiting!.delete(name);
      for (const other of waiting) if (this.#missing.has(other)) this.#agenda.again(other);
    }
  }

  /** What a unit lacks also depends on variables that it binds itself as long as nothing else does, so it waits for all. */
  #wait(index: number, unit: Unit): void {
    const names = new Lacked(this.#safe);
    for (const expr of unit.exprs) addExprVars(expr, names);
    for (const name of this.#closed(unit)) names.add(name);
    for (const name of bareVars(unit.main)) names.add(name);
    this.#waiting ??= new Map();
    for (const name of names.found) {
      const waiting = this.#waiting.get(name);
      if (waiting === undefined) this.#waiting.set(name, [index]);
      else waiting.push(index);
    }
  }

  #lackedBy(unit: Unit, made: BoundNames): ReadonlySet<string> {
    const closed = this.#closed(unit);
    if (closed.length === 0) {
      const lacked = new Lacked(made);
      for (let at = 0; at < unit.exprs.length; at++) addExprVars(unit.exprs[at]!, lacked);
      this.#budget.spend(lacked.asked);
      if (hasScope(unit.main)) for (const name of bareVars(unit.main)) if (!this.#safe.has(name)) lacked.add(name);
      return lacked.found;
    }
    this.#budget.spend(closed.length);
    const lacked = lackedInClosures(boundByCall(unit, this.#arity), closed, made, this.#safe);
    for (const name of bareVars(unit.main)) if (!this.#safe.has(name)) lacked.add(name);
    return lacked;
  }

  /** The variables of this body that the closures of a unit mention. */
  #closed(unit: Unit): readonly string[] {
    if (!unit.exprs.some(holdsClosures)) return NOTHING;
    this.#own ??= bodyVars(this.#body);
    const own = this.#own;
    return [...unitClosureVars(unit)].filter((name) => own.has(name) && !this.#bound.has(name));
  }
}

const NOTHING: readonly string[] = [];
const NOTHING_STUCK: Ordering['stuck'] = new Map();
const NONE: ReadonlySet<string> = new Set();

/** Collects the names that are not known. */
class Lacked implements NameSink {
  readonly #known: Known;
  #found: Set<string> | undefined;
  /** How many names were looked up. */
  asked = 1;

  constructor(known: Known) {
    this.#known = known;
  }

  add(name: string): void {
    this.asked++;
    if (this.#known.has(name)) return;
    this.#found ??= new Set();
    this.#found.add(name);
  }

  get found(): ReadonlySet<string> {
    return this.#found ?? NONE;
  }
}

/**
 * The variables that an expression lacks whose closures use variables of the body. As in OPA, these alone are looked at,
 * and they count as lacking, bound or not, where they are just what the expression itself seems to bind.
 */
function lackedInClosures(
  bound: ReadonlySet<string>,
  closed: readonly string[],
  made: BoundNames,
  safe: Known,
): Set<string> {
  const bindable = new Set(bound);
  for (const name of made.own) if (!isGenerated(name)) bindable.add(name);
  if (bindable.size === closed.length && closed.every((name) => bindable.has(name))) return new Set(closed);
  return new Set(closed.filter((name) => !safe.has(name) && !made.binds(name)));
}

function hasScope(expr: Expr): boolean {
  return expr.kind === 'not' || expr.kind === 'logic';
}

/** The variables of operands without braces: these have no scope to bind them in. */
function bareVars(expr: Expr): Set<string> {
  const operands = expr.kind === 'not' ? [expr] : expr.kind === 'logic' ? [expr.left, expr.right] : [];
  const bodies = operands.filter((operand) => !operand.braced).map((operand) => operand.body);
  return new Set(bodies.flatMap((body) => [...bodyVars(body)]).filter((name) => !isGenerated(name)));
}
