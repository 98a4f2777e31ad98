/** Small questions and makers of the resolver. */
import type { Location } from '../errors.ts';
import type { CallExpr, Expr, RefTerm, Term } from '../syntax/ast.ts';
import { callExpr, scalar, termExpr, variable } from '../syntax/build.ts';

export function termExprWith(expr: Expr): Expr {
  return { ...termExpr(scalar(true, expr.location)), with: expr.with };
}

export function equality(left: Term, right: Term, location: Location): CallExpr {
  return callExpr('eq', [left, right], location, '=');
}

/** The kind of an assignment's target, or part of one, that cannot be assigned to. */
export function illegalTarget(target: Term): string | undefined {
  if (target.kind === 'call' || (target.kind === 'ref' && target.terms.length > 1)) return target.kind;
  if (target.kind === 'scalar') {
    if (target.value === null) return 'null';
    return typeof target.value === 'object' ? 'number' : typeof target.value;
  }
  if (target.kind === 'template') return 'templatestring';
  if (target.kind === 'set') return target.kind;
  return target.kind === 'comprehension' ? `${target.collect}comprehension` : undefined;
}

/**
 * The variables of a pattern that its domain must not mention: those that it binds, and those that it computes with, but not
 * those in references and keys of its own.
 */
export function patternVars(pattern: Term, into: Set<string>): void {
  switch (pattern.kind) {
    case 'var':
      if (pattern.name !== '_') into.add(pattern.name);
      return;
    case 'array':
    case 'set':
      for (const item of pattern.items) patternVars(item, into);
      return;
    case 'object':
      for (const [, value] of pattern.entries) patternVars(value, into);
      return;
    case 'call':
      for (const arg of pattern.args) {
        for (const part of arg.kind === 'ref' ? arg.terms : [arg]) patternVars(part, into);
      }
      return;
    default:
  }
}

export function mentions(term: Term, name: string): boolean {
  if (term.kind === 'var') return term.name === name;
  if (term.kind === 'ref') return term.terms.some((step) => mentions(step, name));
  if (term.kind === 'array' || term.kind === 'set') return term.items.some((item) => mentions(item, name));
  if (term.kind === 'object') return term.entries.some(([key, value]) => mentions(key, name) || mentions(value, name));
  return term.kind === 'call' && term.args.some((arg) => mentions(arg, name));
}

/** A reference to a path of names. */
export function pathRef(path: readonly string[], location: Location): RefTerm {
  const [head, ...steps] = path as [string, ...string[]];
  return { kind: 'ref', terms: [variable(head, location), ...steps.map((step) => scalar(step, location))], location };
}
