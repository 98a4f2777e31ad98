/**
 * Walks over syntax nodes: visiting every term, and rebuilding a node with other terms. The loops count, here and in the
 * other stages that look at every node: the first time they run, loops over iterators take several times as long.
 */
import type { Body, Expr, LogicOperand, Term, With } from '../syntax/ast.ts';

/** What a walk leaves out. */
export interface WalkOptions {
  /** Leave out comprehensions, `every`, `not { }`, and operands of `and` and `or`: scopes of their own. */
  readonly skipClosures?: boolean;
  readonly skipWith?: boolean;
}

/** Calls `visit` for a term and the terms inside it, outer ones first; false from `visit` skips the inside. */
export function walkTerm(term: Term, visit: (term: Term) => boolean | undefined, options?: WalkOptions): void {
  if (visit(term) === false) return;
  switch (term.kind) {
    case 'ref':
      walkTerms(term.terms, visit, options);
      return;
    case 'array':
    case 'set':
      walkTerms(term.items, visit, options);
      return;
    case 'object':
      for (const [key, value] of term.entries) {
        walkTerm(key, visit, options);
        walkTerm(value, visit, options);
      }
      return;
    case 'call':
      walkTerm(term.operator, visit, options);
      walkTerms(term.args, visit, options);
      return;
    case 'comprehension':
      if (options?.skipClosures) return;
      if (term.key !== undefined) walkTerm(term.key, visit, options);
      walkTerm(term.term, visit, options);
      walkBody(term.body, visit, options);
      return;
    case 'template':
      for (const part of term.parts) if (typeof part !== 'string') walkExpr(part, visit, options);
      return;
    default:
      return;
  }
}

function walkTerms(
  terms: readonly Term[],
  visit: (term: Term) => boolean | undefined,
  options: WalkOptions | undefined,
): void {
  for (let index = 0; index < terms.length; index++) walkTerm(terms[index]!, visit, options);
}

/** Calls `visit` for every term of a body. */
export function walkBody(body: Body, visit: (term: Term) => boolean | undefined, options?: WalkOptions): void {
  for (let index = 0; index < body.length; index++) walkExpr(body[index]!, visit, options);
}

/** Calls `visit` for every term of an expression. */
export function walkExpr(expr: Expr, visit: (term: Term) => boolean | undefined, options?: WalkOptions): void {
  if (expr.kind === 'call') {
    walkTerm(expr.operator, visit, options);
    walkTerms(expr.args, visit, options);
  } else if (expr.kind === 'term') walkTerm(expr.term, visit, options);
  else {
    walkTerms(ownTerms(expr), visit, options);
    if (!options?.skipClosures) for (const body of closures(expr)) walkBody(body, visit, options);
  }
  if (expr.with.length === 0 || options?.skipWith) return;
  for (const modifier of expr.with) {
    walkTerm(modifier.target, visit, options);
    walkTerm(modifier.value, visit, options);
  }
}

/** The terms that an expression itself holds, without those of its closures and modifiers. */
export function ownTerms(expr: Expr): readonly Term[] {
  switch (expr.kind) {
    case 'term':
      return [expr.term];
    case 'call':
      return [expr.operator, ...expr.args];
    case 'some-decl':
      return expr.vars;
    case 'some-in':
      return expr.key === undefined ? [expr.value, expr.domain] : [expr.key, expr.value, expr.domain];
    case 'every':
      return [expr.domain];
    default:
      return [];
  }
}

/** The bodies with a scope of their own that an expression holds directly; `every` first declares its variables. */
export function closures(expr: Expr): readonly Body[] {
  switch (expr.kind) {
    case 'every':
    case 'not':
      return [expr.body];
    case 'logic':
      return [expr.left.body, expr.right.body];
    default:
      return [];
  }
}

/** Whether the expression holds a scope of its own: a closure, or a comprehension in a term of its own. */
export function holdsClosures(expr: Expr): boolean {
  switch (expr.kind) {
    case 'every':
    case 'not':
    case 'logic':
      return true;
    case 'term':
      if (holdsComprehension(expr.term)) return true;
      break;
    case 'call':
      if (someHolds(expr.args)) return true;
      break;
    default:
  }
  return expr.with.length > 0 && expr.with.some(({ value }) => holdsComprehension(value));
}

function holdsComprehension(term: Term): boolean {
  switch (term.kind) {
    case 'scalar':
    case 'var':
      return false;
    case 'comprehension':
    case 'template':
      return true;
    case 'ref':
      return someHolds(term.terms);
    case 'array':
    case 'set':
      return someHolds(term.items);
    case 'object':
      return term.entries.some(([key, value]) => holdsComprehension(key) || holdsComprehension(value));
    case 'call':
      return someHolds(term.args);
  }
}

function someHolds(terms: readonly Term[]): boolean {
  for (let index = 0; index < terms.length; index++) if (holdsComprehension(terms[index]!)) return true;
  return false;
}

/** Functions that give the replacement of the parts of a node. */
export interface Rebuild {
  term(term: Term): Term;
  body(body: Body): Body;
}

/** The replacements of the items; the same list when all stay as they are. */
export function mapAll<Item>(items: readonly Item[], replace: (item: Item) => Item): readonly Item[] {
  for (let index = 0; index < items.length; index++) {
    const item = items[index]!;
    const made = replace(item);
    if (made === item) continue;
    const changed = items.slice(0, index);
    changed.push(made);
    for (index++; index < items.length; index++) changed.push(replace(items[index]!));
    return changed;
  }
  return items;
}

/** The expression with its parts replaced; the same kind and place, and the same node when all parts stay. */
export function mapExpr(expr: Expr, rebuild: Rebuild): Expr {
  const modifiers = expr.with.length === 0 ? expr.with : mapAll(expr.with, (modifier) => mapWith(modifier, rebuild));
  switch (expr.kind) {
    case 'term': {
      const term = rebuild.term(expr.term);
      return term === expr.term && modifiers === expr.with ? expr : { ...expr, term, with: modifiers };
    }
    case 'call': {
      const operator = rebuild.term(expr.operator) as typeof expr.operator;
      const args = mapAll(expr.args, rebuild.term);
      if (operator === expr.operator && args === expr.args && modifiers === expr.with) return expr;
      return { ...expr, operator, args, with: modifiers };
    }
    case 'some-in':
      return {
        ...expr,
        key: expr.key && rebuild.term(expr.key),
        value: rebuild.term(expr.value),
        domain: rebuild.term(expr.domain),
        with: modifiers,
      };
    case 'every':
      return { ...expr, domain: rebuild.term(expr.domain), body: rebuild.body(expr.body), with: modifiers };
    case 'not':
      return { ...expr, body: rebuild.body(expr.body), with: modifiers };
    case 'logic':
      return { ...expr, left: mapOperand(expr.left, rebuild), right: mapOperand(expr.right, rebuild), with: modifiers };
    default:
      return modifiers === expr.with ? expr : { ...expr, with: modifiers };
  }
}

function mapOperand(operand: LogicOperand, rebuild: Rebuild): LogicOperand {
  return { ...operand, body: rebuild.body(operand.body) };
}

function mapWith(modifier: With, rebuild: Rebuild): With {
  return { ...modifier, target: rebuild.term(modifier.target) as With['target'], value: rebuild.term(modifier.value) };
}

type Entry = readonly [Term, Term];

/** The entries with keys and values replaced; the same list when all stay. */
export function mapEntries(
  entries: readonly Entry[],
  key: (term: Term) => Term,
  value: (term: Term) => Term,
): readonly Entry[] {
  return mapAll(entries, (entry): Entry => {
    const newKey = key(entry[0]);
    const newValue = value(entry[1]);
    return newKey === entry[0] && newValue === entry[1] ? entry : [newKey, newValue];
  });
}

/**
 * The term with the terms directly inside it replaced, and the same node when all stay; comprehensions and template
 * strings must be handled before.
 */
export function mapTerm(term: Term, replace: (term: Term) => Term): Term {
  switch (term.kind) {
    case 'ref': {
      const terms = mapAll(term.terms, replace);
      return terms === term.terms ? term : { kind: 'ref', terms, location: term.location };
    }
    case 'array':
    case 'set': {
      const items = mapAll(term.items, replace);
      return items === term.items ? term : { kind: term.kind, items, location: term.location };
    }
    case 'object': {
      const entries = mapEntries(term.entries, replace, replace);
      return entries === term.entries ? term : { kind: 'object', entries, location: term.location };
    }
    case 'call': {
      const operator = replace(term.operator) as typeof term.operator;
      const args = mapAll(term.args, replace);
      return operator === term.operator && args === term.args ? term : { ...term, operator, args };
    }
    default:
      return term;
  }
}
