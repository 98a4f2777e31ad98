/** Which variables terms and expressions mention, and which an expression binds. */
import type { Body, CallExpr, Expr, RefTerm, Term } from '../syntax/ast.ts';
import { toText } from '../values.ts';
import { constantOf } from './constants.ts';
import { isEquality, isFunctionValue } from './expand.ts';
import { closures, walkTerm } from './walk.ts';

/** How many arguments a function takes, by the operator of a call; undefined when there is no such function. */
export type Arity = (operator: RefTerm) => number | undefined;

const ROOTS: ReadonlySet<string> = new Set(['data', 'input']);

/** Adds the variables of a term, but not those of comprehensions inside it. */
export function addTermVars(term: Term, into: Set<string>): void {
  walkTerm(
    term,
    (part) => {
      if (part.kind === 'var' && !ROOTS.has(part.name)) into.add(part.name);
      return true;
    },
    { skipClosures: true },
  );
}

/** The variables that an expression needs or binds itself: all but those of its closures; function names do not count. */
export function exprVars(expr: Expr): Set<string> {
  const vars = new Set<string>();
  const terms =
    expr.kind === 'term' ? [expr.term] : expr.kind === 'call' ? expr.args : expr.kind === 'every' ? [expr.domain] : [];
  for (const term of terms) addTermVars(term, vars);
  for (const modifier of expr.with) {
    if (!isFunctionValue(modifier.value)) addTermVars(modifier.value, vars);
    for (const step of modifier.target.terms.slice(1)) addTermVars(step, vars);
  }
  return vars;
}

/** The variables of a body, without those of its closures. */
export function bodyVars(body: Body): Set<string> {
  const vars = new Set<string>();
  for (const expr of body) for (const name of exprVars(expr)) vars.add(name);
  return vars;
}

/** Every variable that the closures of an expression mention, at any depth. */
export function closureVars(expr: Expr): Set<string> {
  const vars = new Set<string>();
  const terms =
    expr.kind === 'term' ? [expr.term] : expr.kind === 'call' ? expr.args : expr.kind === 'every' ? [expr.domain] : [];
  for (const term of terms) {
    walkTerm(term, (part) => {
      if (part.kind !== 'comprehension') return true;
      addAllVars(part, vars);
      return false;
    });
  }
  for (const body of closures(expr)) for (const inner of body) addAllExprVars(inner, vars);
  if (expr.kind === 'every') {
    if (expr.key !== undefined) vars.delete(expr.key.name);
    vars.delete(expr.value.name);
  }
  return vars;
}

function addAllVars(term: Term, into: Set<string>): void {
  walkTerm(term, (part) => {
    if (part.kind === 'comprehension') {
      if (part.key !== undefined) addAllVars(part.key, into);
      addAllVars(part.term, into);
      for (const expr of part.body) addAllExprVars(expr, into);
      return false;
    }
    if (part.kind === 'var' && !ROOTS.has(part.name)) into.add(part.name);
    return true;
  });
}

function addAllExprVars(expr: Expr, into: Set<string>): void {
  for (const name of exprVars(expr)) into.add(name);
  for (const name of closureVars(expr)) into.add(name);
}

/** Tells which variables are bound. */
export interface Known {
  has(name: string): boolean;
}

/** The variables that an expression binds when those in `safe` are bound before it. */
export function outputs(expr: Expr, safe: Known, arity: Arity): Set<string> {
  const none = new Set<string>();
  if (expr.kind !== 'term' && expr.kind !== 'call') return none;
  if (expr.negated) return none;
  for (const modifier of expr.with) {
    const needed = new Set<string>();
    if (!isFunctionValue(modifier.value)) addTermVars(modifier.value, needed);
    if (![...needed].every((name) => safe.has(name))) return none;
  }
  if (expr.kind === 'term') return expr.term.kind === 'ref' ? refOutputs(expr.term, safe) : none;
  return isEquality(expr) ? equalityOutputs(expr, safe) : callOutputs(expr, safe, arity);
}

/** The variables in the steps of a reference, when its head is known. */
function refOutputs(ref: RefTerm, safe: Known): Set<string> {
  const bound = new Set<string>();
  const head = ref.terms[0]!;
  if (head.kind === 'var' && !ROOTS.has(head.name) && !safe.has(head.name)) return bound;
  for (const step of ref.terms.slice(1)) addBindable(step, bound);
  for (const name of bound) if (safe.has(name)) bound.delete(name);
  return bound;
}

/** Adds the variables that matching a value against the term binds: not those of sets and object keys. */
export function addBindable(term: Term, into: Set<string>): void {
  if (term.kind === 'var') into.add(term.name);
  else if (term.kind === 'array') for (const item of term.items) addBindable(item, into);
  else if (term.kind === 'object') for (const [, value] of term.entries) addBindable(value, into);
}

function callOutputs(expr: CallExpr, safe: Known, arity: Arity): Set<string> {
  const count = arity(expr.operator);
  const bound = new Set<string>();
  if (count === undefined || expr.args.length <= count) return bound;
  const needed = new Set<string>();
  for (const arg of expr.args.slice(0, count)) addTermVars(arg, needed);
  for (const name of needed) if (!safe.has(name)) return bound;
  for (const arg of expr.args.slice(count)) addBindable(arg, bound);
  for (const name of bound) if (safe.has(name)) bound.delete(name);
  return bound;
}

function equalityOutputs(expr: CallExpr, safe: Known): Set<string> {
  const bound = new Set<string>();
  for (const arg of expr.args) if (arg.kind === 'ref') for (const name of refOutputs(arg, safe)) bound.add(name);
  // A view rather than a copy: bodies are long, and each expression is looked at again and again.
  const known: Known = { has: (name) => bound.has(name) || safe.has(name) };
  const pairs: [Term, Term][] = [];
  flatten(expr.args[0]!, expr.args[1]!, pairs);
  for (let changed = true; changed; ) {
    changed = false;
    for (const [left, right] of pairs) {
      for (const [from, to] of [
        [left, right],
        [right, left],
      ] as const) {
        if (expr.infix === ':=' && from === left) continue;
        if (!isKnown(from, known) || !canBind(from, to)) continue;
        const fresh = new Set<string>();
        addBindable(to, fresh);
        if (!keysAreKnown(to, known)) continue;
        for (const name of fresh) {
          if (known.has(name)) continue;
          bound.add(name);
          changed = true;
        }
      }
    }
  }
  return bound;
}

/** Whether a value of a term can bind a pattern: a term that shows its own shape binds nothing of another shape. */
function canBind(from: Term, to: Term): boolean {
  if (to.kind === 'var' || from.kind === 'var' || from.kind === 'ref') return true;
  return from.kind === 'comprehension' && to.kind === 'array';
}

/** Pairs up what two terms have at the same places: items of arrays, values of equal constant keys. */
export function flatten(left: Term, right: Term, pairs: [Term, Term][]): void {
  if (left.kind === 'array' && right.kind === 'array' && left.items.length === right.items.length) {
    for (const [index, item] of left.items.entries()) flatten(item, right.items[index]!, pairs);
    return;
  }
  if (left.kind === 'object' && right.kind === 'object' && left.entries.length === right.entries.length) {
    const matched = matchEntries(left, right);
    if (matched !== undefined) {
      for (const [a, b] of matched) flatten(a, b, pairs);
      return;
    }
  }
  pairs.push([left, right]);
}

type ObjectTerm = Term & { kind: 'object' };

function matchEntries(left: ObjectTerm, right: ObjectTerm): [Term, Term][] | undefined {
  const byKey = new Map<string, Term>();
  for (const [key, value] of right.entries) {
    const text = keyText(key);
    if (text === undefined) return undefined;
    byKey.set(text, value);
  }
  const matched: [Term, Term][] = [];
  for (const [key, value] of left.entries) {
    const text = keyText(key);
    const other = text === undefined ? undefined : byKey.get(text);
    if (other === undefined) return undefined;
    matched.push([value, other]);
  }
  return matched;
}

/** A text that two keys share when they are the same constant or the same variable. */
function keyText(key: Term): string | undefined {
  const constant = constantOf(key);
  if (constant !== undefined) return `constant ${toText(constant.value)}`;
  return key.kind === 'var' ? `variable ${key.name}` : undefined;
}

/** Whether a term has a value once the given variables have one. */
export function isKnown(term: Term, known: Known): boolean {
  if (term.kind === 'comprehension') return true;
  const vars = new Set<string>();
  addTermVars(term, vars);
  for (const name of vars) if (!known.has(name)) return false;
  return true;
}

function keysAreKnown(term: Term, known: Known): boolean {
  if (term.kind === 'array') return term.items.every((item) => keysAreKnown(item, known));
  if (term.kind !== 'object') return true;
  return term.entries.every(([key, value]) => isKnown(key, known) && keysAreKnown(value, known));
}
