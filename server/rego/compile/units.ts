/** Expressions together with the references and comprehensions that were taken out of them. */
import type { Body, Expr, Term } from '../syntax/ast.ts';
import { type Arity, addBindable, type BoundNames, outputs } from './bindings.ts';
import { isEquality } from './expand.ts';
import { isGenerated } from './shown-names.ts';
import { addExprVars, closureVars } from './variables.ts';

/** An expression of the source: what is held for it comes first, the expression itself last. */
export interface Unit {
  readonly exprs: readonly Expr[];
  readonly main: Expr;
}

/** The units of an expanded body, in order. */
export function unitsOf(body: Body): Unit[] {
  const units: Unit[] = [];
  let exprs: Expr[] = [];
  for (let index = 0; index < body.length; index++) {
    const expr = body[index]!;
    exprs.push(expr);
    const isHeld = expr.kind === 'call' && expr.held === true;
    if (isHeld && index + 1 < body.length) continue;
    units.push({ exprs, main: expr });
    exprs = [];
  }
  return units;
}

/**
 * Adds the variables that a unit binds when those in `known` are bound before it, and makes them known; a negated one
 * binds none of the source.
 */
export function addUnitOutputs(unit: Unit, known: BoundNames, arity: Arity): void {
  const { main, exprs } = unit;
  const negated = (main.kind === 'term' || main.kind === 'call') && main.negated;
  for (let index = 0; index < exprs.length; index++) {
    const names = outputs(exprs[index]!, known, arity);
    for (let at = 0; at < names.length; at++) if (!negated || isGenerated(names[at]!)) known.add(names[at]!);
  }
}

/** The variables that a unit needs or binds itself, without those of its closures. */
export function unitVars(unit: Unit): Set<string> {
  const vars = new Set<string>();
  for (const expr of unit.exprs) addExprVars(expr, vars);
  return vars;
}

/** Every variable that the closures of a unit mention. */
export function unitClosureVars(unit: Unit): Set<string> {
  const vars = new Set<string>();
  for (const expr of unit.exprs) for (const name of closureVars(expr)) vars.add(name);
  return vars;
}

/**
 * What OPA counts as bound by a call: its result, and every variable in the steps of its references, also one that
 * something before has bound. A negated call binds nothing.
 */
export function boundByCall(unit: Unit, arity: Arity): Set<string> {
  const { main, exprs } = unit;
  const found = new Set<string>();
  if (main.kind !== 'call' || main.negated || isEquality(main)) return found;
  for (const result of main.args.slice(arity(main.operator) ?? main.args.length)) addBindable(result, found);
  for (const arg of main.args) {
    const holder = exprs.find((expr) => expr !== main && expr.kind === 'call' && sameVar(expr.args[0]!, arg));
    const term = holder?.kind === 'call' ? holder.args[1]! : arg;
    if (term.kind !== 'ref') continue;
    for (const step of term.terms.slice(1)) if (step.kind === 'var') found.add(step.name);
  }
  return found;
}

function sameVar(a: Term, b: Term): boolean {
  return a.kind === 'var' && b.kind === 'var' && a.name === b.name;
}
