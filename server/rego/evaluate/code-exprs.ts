/** Compiles bodies: each expression into a step that runs the rest of the body for every way it can hold. */

import { isEquality } from '../compile/expand.ts';
import { ERASED } from '../compile/print-marks.ts';
import type { Body, CallExpr, EveryExpr, Expr, LogicExpr, Term } from '../syntax/ast.ts';
import type { Value } from '../values.ts';
import { type Bound, type Frame, type Getter, impossible, type Step } from './code.ts';
import { compileCall } from './code-calls.ts';
import { compileComprehension } from './code-comprehensions.ts';
import { compileRefGetter, compileRefSearch, propertyOf } from './code-refs.ts';
import { canMatch, compileGetter, compileMatcher, constantOf, flatten, isBound } from './code-terms.ts';
import { compileWith } from './code-with.ts';
import type { Coder } from './coder.ts';
import { forEachPart, property } from './lookup.ts';
import { isCollection } from './scalar-key.ts';
import { planScan } from './scan-plan.ts';
import { equalCharged, isShortText } from './work.ts';

/** Makes the step that follows, once the variables bound before it are known. */
export type Rest = (bound: Set<string>) => Step;

const FOUND: Step = () => true;

/** Compiles a body; `finish` makes the step that runs for each set of bindings that satisfies it. */
export function compileBody(coder: Coder, body: Body, bound: Bound, finish: Rest, from = 0): Step {
  const expr = body[from];
  if (expr === undefined) return finish(new Set(bound));
  planScan(coder, body, from, bound);
  return compileExpr(coder, expr, bound, (known) => compileBody(coder, body, known, finish, from + 1));
}

/** Compiles a body to a test whether it holds at all; its bindings stay inside. */
export function compileTest(coder: Coder, body: Body, bound: Bound): Step {
  return compileBody(coder, body, bound, () => FOUND);
}

/** Compiles one expression. */
export function compileExpr(coder: Coder, expr: Expr, bound: Bound, rest: Rest): Step {
  return coder.program.traced ? compileTraced(coder, expr, bound, rest) : compileModified(coder, expr, bound, rest);
}

/** Tells the tracer when the expression is evaluated, and when it held for no binding. */
function compileTraced(coder: Coder, expr: Expr, bound: Bound, rest: Rest): Step {
  const { location } = expr;
  const generated = expr.kind === 'call' && expr.generated === true;
  const held = coder.layout.scratch();
  const step = compileModified(coder, expr, bound, (known) => {
    const next = rest(known);
    return (machine, frame) => {
      frame[held] = true;
      return next(machine, frame);
    };
  });
  return (machine, frame) => {
    frame[held] = false;
    if (!generated) machine.shared.tracer?.evaluate(location);
    const found = step(machine, frame);
    if (!hasHeld(frame, held)) machine.shared.tracer?.fail(location);
    return found;
  };
}

function hasHeld(frame: Frame, slot: number): boolean {
  return frame[slot] === true;
}

function compileModified(coder: Coder, expr: Expr, bound: Bound, rest: Rest): Step {
  if (expr.with.length > 0) {
    return compileWith(coder, expr.with, bound, rest, (then) => compilePlain(coder, expr, bound, then));
  }
  return compilePlain(coder, expr, bound, rest);
}

function compilePlain(coder: Coder, expr: Expr, bound: Bound, rest: Rest): Step {
  switch (expr.kind) {
    case 'term':
    case 'call': {
      if (expr.kind === 'call' && expr.infix === ERASED) return rest(new Set(bound));
      if (expr.negated)
        return negate(
          compilePositive(coder, expr, bound, () => FOUND),
          rest(new Set(bound)),
        );
      return compilePositive(coder, expr, bound, rest);
    }
    case 'every':
      return compileEvery(coder, expr, bound, rest);
    case 'not':
      return negate(compileTest(coder, expr.body, bound), rest(new Set(bound)));
    case 'logic':
      return compileLogic(coder, expr, bound, rest);
    default:
      impossible(`a ${expr.kind} expression`);
  }
}

function negate(test: Step, next: Step): Step {
  return (machine, frame) => !test(machine, frame) && next(machine, frame);
}

function compilePositive(coder: Coder, expr: Expr, bound: Bound, rest: Rest): Step {
  if (expr.kind === 'term') return compileTruth(coder, expr.term, bound, rest);
  const call = expr as CallExpr;
  if (!isEquality(call)) return compileCall(coder, call, bound, rest);
  const pairs: [Term, Term][] = [];
  flatten(call.args[0]!, call.args[1]!, pairs);
  return compilePairs(coder, pairs, bound, rest);
}

/** A term as an expression: it must be neither undefined nor false. */
function compileTruth(coder: Coder, term: Term, bound: Bound, rest: Rest): Step {
  const getter = compileOperand(coder, term, bound);
  if (getter !== undefined) {
    const next = rest(new Set(bound));
    return (machine, frame) => {
      const value = getter(machine, frame);
      return value !== undefined && value !== false && next(machine, frame);
    };
  }
  if (term.kind !== 'ref') impossible(`an unbound ${term.kind}`);
  const known = new Set(bound);
  const slot = coder.layout.scratch();
  return compileRefSearch(coder, term, known, slot, () => {
    const next = rest(known);
    return (machine, frame) => frame[slot] !== false && next(machine, frame);
  });
}

/** Compiles a term without unbound variables; undefined when it has some. */
export function compileOperand(coder: Coder, term: Term, bound: Bound): Getter | undefined {
  if (term.kind === 'ref') return compileRefGetter(coder, term, bound);
  if (term.kind === 'comprehension') return compileComprehension(coder, term, bound);
  return isBound(term, bound) ? compileGetter(term, coder.layout) : undefined;
}

/** Compiles pairs of terms that must be equal, in an order in which one side of each is known when it is reached. */
function compilePairs(coder: Coder, pairs: readonly (readonly [Term, Term])[], bound: Bound, rest: Rest): Step {
  if (pairs.length === 0) return rest(new Set(bound));
  const without = (index: number): Rest => {
    const others = pairs.filter((_, at) => at !== index);
    return (known) => compilePairs(coder, others, known, rest);
  };
  for (const [index, pair] of pairs.entries()) {
    for (const [source, pattern] of [pair, [pair[1], pair[0]] as const]) {
      if (pattern.kind === 'ref' || pattern.kind === 'comprehension') continue;
      if (!canMatch(pattern, bound) || (source.kind === 'var' && !bound.has(source.name))) continue;
      const binding = compileBinding(coder, source, pattern, bound, without(index));
      if (binding !== undefined) return binding;
      const getter = compileOperand(coder, source, bound);
      if (getter !== undefined) return compileMatch(coder, getter, pattern, bound, without(index));
    }
  }
  for (const [index, [left, right]] of pairs.entries()) {
    const leftGetter = compileOperand(coder, left, bound);
    const rightGetter = compileOperand(coder, right, bound);
    if (leftGetter !== undefined && rightGetter !== undefined) {
      const next = without(index)(new Set(bound));
      return (machine, frame) => {
        const a = leftGetter(machine, frame);
        if (a === undefined) return false;
        const b = rightGetter(machine, frame);
        return b !== undefined && equalCharged(machine.budget, a, b) && next(machine, frame);
      };
    }
  }
  for (const [index, [left, right]] of pairs.entries()) {
    for (const [source, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const step = compileSearchPair(coder, source, other, bound, without(index));
      if (step !== undefined) return step;
    }
  }
  impossible('an equality that binds nothing in any order');
}

/** `y = x.name` for a new `y`, the commonest of all expressions, in one call. */
function compileBinding(coder: Coder, source: Term, pattern: Term, bound: Bound, rest: Rest): Step | undefined {
  if (pattern.kind !== 'var' || bound.has(pattern.name)) return undefined;
  const path = source.kind === 'ref' ? propertyOf(source, bound, coder.layout) : undefined;
  if (path === undefined) return undefined;
  const { slot, name } = path;
  const into = coder.layout.slot(pattern.name);
  const next = rest(new Set(bound).add(pattern.name));
  return (machine, frame) => {
    const whole = frame[slot];
    const value = whole === undefined ? undefined : property(whole, name);
    if (value === undefined) return false;
    frame[into] = value;
    return next(machine, frame);
  };
}

/** A reference with unbound variables on one side: searches it, then compares with the other side. */
function compileSearchPair(coder: Coder, source: Term, other: Term, bound: Bound, rest: Rest): Step | undefined {
  if (source.kind !== 'ref') return undefined;
  const head = source.terms[0]!;
  if (head.kind === 'var' && head.name !== 'data' && head.name !== 'input' && !bound.has(head.name)) return undefined;
  const after = new Set(bound);
  for (const step of source.terms) addVars(step, after);
  const otherKnown =
    other.kind === 'ref' ? isReachable(other, after) : other.kind === 'comprehension' || canMatch(other, after);
  if (!otherKnown) return undefined;
  const known = new Set(bound);
  if (other.kind === 'var' && !after.has(other.name)) {
    return compileRefSearch(coder, source, known, coder.layout.slot(other.name), () => rest(known.add(other.name)));
  }
  const slot = coder.layout.scratch();
  // A side that is known beforehand is computed once, not for every part that the search visits.
  const early = compileOperand(coder, other, bound);
  if (early !== undefined) {
    const wanted = coder.layout.scratch();
    const search = compileRefSearch(coder, source, known, slot, () => {
      const next = rest(known);
      return (machine, frame) =>
        equalCharged(machine.budget, frame[slot] as Value, frame[wanted] as Value) && next(machine, frame);
    });
    return (machine, frame) => {
      frame[wanted] = early(machine, frame);
      return frame[wanted] !== undefined && search(machine, frame);
    };
  }
  return compileRefSearch(coder, source, known, slot, () => {
    const found: Getter = (_machine, frame) => frame[slot];
    if (other.kind !== 'ref') return compileMatch(coder, found, other, known, rest);
    const getter = compileRefGetter(coder, other, known);
    if (getter !== undefined) {
      const next = rest(known);
      return (machine, frame) => {
        const value = getter(machine, frame);
        return value !== undefined && equalCharged(machine.budget, value, frame[slot] as Value) && next(machine, frame);
      };
    }
    const second = coder.layout.scratch();
    return compileRefSearch(coder, other, known, second, () => {
      const next = rest(known);
      return (machine, frame) =>
        equalCharged(machine.budget, frame[slot] as Value, frame[second] as Value) && next(machine, frame);
    });
  });
}

function isReachable(ref: Term & { kind: 'ref' }, bound: Bound): boolean {
  return isBound(ref.terms[0]!, bound);
}

function addVars(term: Term, into: Set<string>): void {
  if (term.kind === 'var') into.add(term.name);
  else if (term.kind === 'array') for (const item of term.items) addVars(item, into);
  else if (term.kind === 'object') for (const [, value] of term.entries) addVars(value, into);
}

/** Computes a value and matches it against a pattern. */
export function compileMatch(coder: Coder, source: Getter, pattern: Term, bound: Bound, rest: Rest): Step {
  const known = new Set(bound);
  if (pattern.kind === 'var' && !bound.has(pattern.name)) {
    const slot = coder.layout.slot(pattern.name);
    known.add(pattern.name);
    const next = rest(known);
    return (machine, frame) => {
      const value = source(machine, frame);
      if (value === undefined) return false;
      frame[slot] = value;
      return next(machine, frame);
    };
  }
  const constant = constantOf(pattern);
  if (constant !== undefined && isPlain(constant.value)) {
    const { value: wanted } = constant;
    const next = rest(known);
    return (machine, frame) => source(machine, frame) === wanted && next(machine, frame);
  }
  const matcher = compileMatcher(pattern, known, coder.layout);
  const next = rest(known);
  return (machine, frame) => {
    const value = source(machine, frame);
    return value !== undefined && matcher(machine, frame, value) && next(machine, frame);
  };
}

/** Whether `===` tells if a value is this one, at no cost. */
function isPlain(value: Value): boolean {
  return value === null || typeof value === 'boolean' || isShortText(value);
}

function compileEvery(coder: Coder, expr: EveryExpr, bound: Bound, rest: Rest): Step {
  const domain = compileOperand(coder, expr.domain, bound) ?? impossible('an every without a domain');
  const inner = new Set(bound);
  const key = expr.key === undefined ? undefined : compileMatcher(expr.key, inner, coder.layout);
  const value = compileMatcher(expr.value, inner, coder.layout);
  const test = compileTest(coder, expr.body, inner);
  const next = rest(new Set(bound));
  return (machine, frame) => {
    const collection = domain(machine, frame);
    if (collection === undefined || !isCollection(collection)) return false;
    const failed = forEachPart(collection, (partKey, part) => {
      machine.budget.charge(1);
      key?.(machine, frame, partKey);
      value(machine, frame, part);
      return !test(machine, frame);
    });
    return !failed && next(machine, frame);
  };
}

function compileLogic(coder: Coder, expr: LogicExpr, bound: Bound, rest: Rest): Step {
  const left = compileTest(coder, expr.left.body, bound);
  const right = compileTest(coder, expr.right.body, bound);
  const next = rest(new Set(bound));
  if (expr.operator === 'and') {
    return (machine, frame) => left(machine, frame) && right(machine, frame) && next(machine, frame);
  }
  return (machine, frame) => (left(machine, frame) || right(machine, frame)) && next(machine, frame);
}
