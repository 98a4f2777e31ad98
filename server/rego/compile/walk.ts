/** Walks over syntax nodes: visiting every term, and rebuilding a node with other terms. */
import type { Body, Expr, LogicOperand, Term, With } from '../syntax/ast.ts';

/** What a walk leaves out. */
export interface WalkOptions {
  /** Leave out comprehensions, `every`, `not { }`, and operands of `and` and `or`: scopes of their own. */
  readonly skipClosures?: boolean;
  readonly skipWith?: boolean;
}

/** Calls `visit` for a term and the terms inside it, outer ones first; false from `visit` skips the inside. */
export function walkTerm(term: Term, visit: (term: Term) => boolean | undefined, options: WalkOptions = {}): void {
  if (visit(term) === false) return;
  switch (term.kind) {
    case 'ref':
      for (const step of term.terms) walkTerm(step, visit, options);
      return;
    case 'array':
    case 'set':
      for (const item of term.items) walkTerm(item, visit, options);
      return;
    case 'object':
      for (const [key, value] of term.entries) {
        walkTerm(key, visit, options);
        walkTerm(value, visit, options);
      }
      return;
    case 'call':
      walkTerm(term.operator, visit, options);
      for (const arg of term.args) walkTerm(arg, visit, options);
      return;
    case 'comprehension':
      if (options.skipClosures) return;
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

/** Calls `visit` for every term of a body. */
export function walkBody(body: Body, visit: (term: Term) => boolean | undefined, options: WalkOptions = {}): void {
  for (const expr of body) walkExpr(expr, visit, options);
}

/** Calls `visit` for every term of an expression. */
export function walkExpr(expr: Expr, visit: (term: Term) => boolean | undefined, options: WalkOptions = {}): void {
  for (const term of ownTerms(expr)) walkTerm(term, visit, options);
  if (!options.skipClosures) for (const body of closures(expr)) walkBody(body, visit, options);
  if (options.skipWith) return;
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

/** Functions that give the replacement of the parts of a node. */
export interface Rebuild {
  term(term: Term): Term;
  body(body: Body): Body;
}

/** The expression with its parts replaced; the same object kind and place. */
export function mapExpr(expr: Expr, rebuild: Rebuild): Expr {
  const modifiers = expr.with.map((modifier) => mapWith(modifier, rebuild));
  switch (expr.kind) {
    case 'term':
      return { ...expr, term: rebuild.term(expr.term), with: modifiers };
    case 'call':
      return {
        ...expr,
        operator: rebuild.term(expr.operator) as typeof expr.operator,
        args: expr.args.map((arg) => rebuild.term(arg)),
        with: modifiers,
      };
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
      return { ...expr, with: modifiers };
  }
}

function mapOperand(operand: LogicOperand, rebuild: Rebuild): LogicOperand {
  return { ...operand, body: rebuild.body(operand.body) };
}

function mapWith(modifier: With, rebuild: Rebuild): With {
  return { ...modifier, target: rebuild.term(modifier.target) as With['target'], value: rebuild.term(modifier.value) };
}

/** The term with the terms directly inside it replaced; comprehensions and template strings must be handled before. */
export function mapTerm(term: Term, replace: (term: Term) => Term): Term {
  switch (term.kind) {
    case 'ref':
      return { ...term, terms: term.terms.map(replace) };
    case 'array':
    case 'set':
      return { ...term, items: term.items.map(replace) };
    case 'object':
      return { ...term, entries: term.entries.map(([key, value]) => [replace(key), replace(value)] as const) };
    case 'call':
      return { ...term, operator: replace(term.operator) as typeof term.operator, args: term.args.map(replace) };
    default:
      return term;
  }
}
