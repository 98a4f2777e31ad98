/** Which variables an expression binds. */
import type { CallExpr, Expr, RefTerm, Term, VarTerm } from '../syntax/ast.ts';
import { isNamed } from '../syntax/build.ts';
import { toText } from '../values.ts';
import { constantOf } from './constants.ts';
import { isEquality, isFunctionValue } from './expand.ts';
import { addTermVars, isRoot, type NameSink } from './variables.ts';

/** How many arguments a function takes, by the operator of a call; undefined when there is no such function. */
export type Arity = (operator: RefTerm) => number | undefined;

/** Tells which variables are bound. */
export interface Known {
  has(name: string): boolean;
}

/** So many names are kept in a list: most expressions bind one or none. */
const MOST_LISTED = 8;

/** Names that are bound at a place, beside those of the places around it: a view, since bodies are long and nest. */
export class BoundNames implements Known {
  readonly #outer: Known | undefined;
  readonly #listed: string[] = [];
  #others: Set<string> | undefined;

  constructor(outer?: Known) {
    this.#outer = outer;
  }

  has(name: string): boolean {
    return this.binds(name) || this.#outer?.has(name) === true;
  }

  /** Whether the name was added here. */
  binds(name: string): boolean {
    return this.#others === undefined ? this.#listed.includes(name) : this.#others.has(name);
  }

  add(name: string): this {
    if (this.binds(name)) return this;
    this.#listed.push(name);
    if (this.#others !== undefined) this.#others.add(name);
    else if (this.#listed.length > MOST_LISTED) this.#others = new Set(this.#listed);
    return this;
  }

  /** The names that were added here, in order. */
  get own(): readonly string[] {
    return this.#listed;
  }
}

const NOTHING: readonly string[] = [];

/** The variables that an expression binds when those in `safe` are bound before it; some may be named twice. */
export function outputs(expr: Expr, safe: Known, arity: Arity): readonly string[] {
  if (expr.kind !== 'term' && expr.kind !== 'call') return NOTHING;
  if (expr.negated) return NOTHING;
  if (expr.with.length > 0) {
    for (const { value } of expr.with) if (!isFunctionValue(value) && !allKnown(value, safe)) return NOTHING;
  }
  if (expr.kind === 'term') {
    if (expr.term.kind !== 'ref') return NOTHING;
    const bound: string[] = [];
    addRefOutputs(expr.term, safe, bound);
    return bound;
  }
  return isEquality(expr) ? equalityOutputs(expr, safe) : callOutputs(expr, safe, arity);
}

/** Adds the variables in the steps of a reference, when its head is known. */
function addRefOutputs(ref: RefTerm, safe: Known, bound: string[]): void {
  const { terms } = ref;
  const head = terms[0]!;
  if (head.kind === 'var' && !isRoot(head.name) && !safe.has(head.name)) return;
  for (let index = 1; index < terms.length; index++) addUnbound(terms[index]!, safe, bound);
}

/** Adds the variables that matching a value against the term binds: not those of sets and object keys. */
export function addBindable(term: Term, into: NameSink): void {
  if (term.kind === 'var') into.add(term.name);
  else if (term.kind === 'array') for (const item of term.items) addBindable(item, into);
  else if (term.kind === 'object') for (const [, value] of term.entries) addBindable(value, into);
}

function addUnbound(term: Term, safe: Known, into: string[]): void {
  if (term.kind === 'var') {
    if (!safe.has(term.name)) into.push(term.name);
  } else if (term.kind === 'array') for (const item of term.items) addUnbound(item, safe, into);
  else if (term.kind === 'object') for (const [, value] of term.entries) addUnbound(value, safe, into);
}

function callOutputs(expr: CallExpr, safe: Known, arity: Arity): readonly string[] {
  const { args } = expr;
  const count = arity(expr.operator);
  if (count === undefined || args.length <= count || isNamed(expr.operator, 'eq')) return NOTHING;
  for (let index = 0; index < count; index++) if (!allKnown(args[index]!, safe)) return NOTHING;
  const bound: string[] = [];
  for (let index = count; index < args.length; index++) addUnbound(args[index]!, safe, bound);
  return bound;
}

function equalityOutputs(expr: CallExpr, safe: Known): readonly string[] {
  const [left, right] = expr.args as [Term, Term];
  if (left.kind === 'var' && right.kind !== 'array' && right.kind !== 'object') {
    return variableOutputs(left, right, expr.infix === ':=', safe);
  }
  const found: string[] = [];
  if (left.kind === 'ref') addRefOutputs(left, safe, found);
  if (right.kind === 'ref') addRefOutputs(right, safe, found);
  const known = new BoundNames(safe);
  for (const name of found) known.add(name);
  const pairs: [Term, Term][] = [];
  flatten(left, right, pairs);
  const bind = (from: Term, to: Term): boolean => {
    if (!canBind(from, to) || !isKnown(from, known) || !keysAreKnown(to, known)) return false;
    const fresh: string[] = [];
    addUnbound(to, known, fresh);
    for (const name of fresh) known.add(name);
    return fresh.length > 0;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const [one, other] of pairs) {
      if (expr.infix !== ':=' && bind(one, other)) changed = true;
      if (bind(other, one)) changed = true;
    }
  }
  return known.own;
}

/** What a variable and something without a pattern bind: the most common equality, without a round of pairs. */
function variableOutputs(left: VarTerm, right: Term, assigns: boolean, safe: Known): readonly string[] {
  if (right.kind !== 'ref' && !isRoot(left.name) && !safe.has(left.name)) {
    return isKnown(right, safe) ? [left.name] : NOTHING;
  }
  const bound: string[] = [];
  if (right.kind === 'ref') addRefOutputs(right, safe, bound);
  const known = (name: string): boolean => safe.has(name) || bound.includes(name);
  if (isRoot(left.name) || known(left.name)) {
    if (!assigns && right.kind === 'var' && !known(right.name)) bound.push(right.name);
    return bound;
  }
  if (bound.length === 0 ? isKnown(right, safe) : isKnown(right, { has: known })) bound.push(left.name);
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
  return term.kind === 'comprehension' || allKnown(term, known);
}

/** Whether the variables of a term are known, but those of comprehensions inside it. */
function allKnown(term: Term, known: Known): boolean {
  switch (term.kind) {
    case 'scalar':
    case 'comprehension':
      return true;
    case 'var':
      return isRoot(term.name) || known.has(term.name);
    case 'ref':
      return areKnown(term.terms, known);
    case 'array':
    case 'set':
      return areKnown(term.items, known);
    case 'object':
      return term.entries.every(([key, value]) => allKnown(key, known) && allKnown(value, known));
    default: {
      const vars = new Set<string>();
      addTermVars(term, vars);
      for (const name of vars) if (!known.has(name)) return false;
      return true;
    }
  }
}

function areKnown(terms: readonly Term[], known: Known): boolean {
  for (let index = 0; index < terms.length; index++) if (!allKnown(terms[index]!, known)) return false;
  return true;
}

function keysAreKnown(term: Term, known: Known): boolean {
  if (term.kind === 'array') return term.items.every((item) => keysAreKnown(item, known));
  if (term.kind !== 'object') return true;
  return term.entries.every(([key, value]) => isKnown(key, known) && keysAreKnown(value, known));
}
