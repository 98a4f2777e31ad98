/**
 * Where printed parts of a source end: comments up to that row stand beside them, later ones below. As in OPA a bracket
 * counts only where it has a line of its own when it is printed, and that of a call never does.
 */

import { ownTerms } from '../compile/walk.ts';
import type { Location } from '../errors.ts';
import type { Body, Expr, Term } from '../syntax/ast.ts';
import { type CommentQueue, endRow } from './format-comments.ts';

/** Whether what is in brackets goes on lines of its own: where parts begin on other rows than the bracket. */
export function goesOnLines(row: number | undefined, firsts: readonly Location[]): boolean {
  return firsts.length > 0 && firsts.some((first) => first.row !== (row ?? firsts[0]!.row));
}

/** Whether a comprehension has its expressions on lines of their own. */
export function bodyGoesOnLines(term: Term & { kind: 'comprehension' }): boolean {
  return term.body.some((expr) => expr.location.row !== startRow(term));
}

/** The row that a comprehension is taken to begin on: that of its term, or of the bracket before a key. */
export function startRow({ key, term, location }: Term & { kind: 'comprehension' }): number {
  return key === undefined ? term.location.row : location.row;
}

/** The places where the parts of a collection begin. */
function partStarts(term: Term): Location[] {
  return partsOf(term).map(({ location }) => location);
}

/** The row that a printed term ends on. */
export function termEnd(term: Term): number {
  const { row } = term.location;
  switch (term.kind) {
    case 'array':
    case 'set':
    case 'object': {
      if (goesOnLines(row, partStarts(term))) return endRow(term.location);
      const last = term.kind === 'object' ? term.entries.at(-1)?.[1] : term.items.at(-1);
      return last === undefined ? row : termEnd(last);
    }
    case 'comprehension':
      return bodyGoesOnLines(term) ? endRow(term.location) : bodyEnd(term.body);
    case 'call':
      return Math.max(termEnd(term.operator), ...term.args.map(termEnd));
    case 'ref':
      return Math.max(...term.terms.map(termEnd));
    default:
      return row;
  }
}

/** The row that the last expression of a body ends on. */
export function bodyEnd(body: Body): number {
  return exprEnd(body.at(-1)!);
}

/** The row that a printed expression ends on, with its modifiers. */
export function exprEnd(expr: Expr): number {
  const modifier = expr.with.at(-1);
  return modifier === undefined ? plainEnd(expr) : Math.max(plainEnd(expr), termEnd(modifier.value));
}

/** The row that an expression ends on in its source, with its modifiers. */
export function writtenEnd(expr: Expr): number {
  return Math.max(endRow(expr.location), ...expr.with.map(({ location }) => endRow(location)));
}

function plainEnd(expr: Expr): number {
  switch (expr.kind) {
    case 'term':
      return termEnd(expr.term);
    case 'call':
      return Math.max(expr.location.row, ...expr.args.map(termEnd));
    case 'some-in':
      return termEnd(expr.domain);
    default:
      return endRow(expr.location);
  }
}

/**
 * Whether a term stays as it was written: where comments stand below the first row of a collection in it whose parts
 * all begin on one row, and where two comments would go to the end of one line.
 */
export function keepsLayout(term: Term, comments: CommentQueue): boolean {
  if (!comments.standsIn(term.location)) return false;
  switch (term.kind) {
    case 'array':
    case 'set':
    case 'object':
      if (!goesOnLines(undefined, partStarts(term)) || besideMeet(term, comments)) return true;
      return (term.kind === 'object' ? term.entries.flat() : term.items).some((part) => keepsLayout(part, comments));
    case 'call':
      return term.infix === undefined && term.args.some((arg) => keepsLayout(arg, comments));
    case 'comprehension':
      return !bodyGoesOnLines(term) && term.body.flatMap(ownTerms).some((part) => keepsLayout(part, comments));
    default:
      return false;
  }
}

/** Whether comments stand beside the opening bracket and beside the first line below it. */
function besideMeet(term: Term, comments: CommentQueue): boolean {
  const inner = firstPart(term);
  return comments.standsOn(term.location, term.location.row) && comments.standsOn(term.location, inner.location.row);
}

/** The first part of a term, and of that, as far as these open lines. */
function firstPart(term: Term): Term {
  const parts = partsOf(term);
  const isOpen = goesOnLines(
    term.kind === 'call' ? undefined : term.location.row,
    parts.map(({ location }) => location),
  );
  return isOpen ? firstPart(parts[0]!) : term;
}

function partsOf(term: Term): readonly Term[] {
  if (term.kind === 'array' || term.kind === 'set') return term.items;
  if (term.kind === 'object') return term.entries.map(([key]) => key);
  return term.kind === 'call' && term.infix === undefined ? term.args : [];
}
