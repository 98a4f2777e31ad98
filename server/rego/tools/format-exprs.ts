/** Prints expressions and bodies. */
import type { Body, Expr, LogicOperand, With } from '../syntax/ast.ts';
import { type CommentQueue, commentText, type End, endOf, endRow, standingLines } from './format-comments.ts';
import { exprEnd, writtenEnd } from './format-ends.ts';
import { TermPrinter } from './format-terms.ts';

/** Prints with the given depth of indentation; comments come from the queue. */
export class ExprPrinter {
  readonly terms: TermPrinter;
  readonly #comments: CommentQueue;

  constructor(comments: CommentQueue) {
    this.#comments = comments;
    this.terms = new TermPrinter(comments, this);
  }

  inline(body: Body, depth: number): string {
    return body.map((expr) => this.expr(expr, depth)).join('; ');
  }

  /**
   * The lines of a body after what opens it on a row, with the comments before its end: first the comment beside that,
   * then each expression on a line. Without an end comments below the last expression are left.
   */
  block(body: Body, depth: number, openRow: number, end?: End): string {
    const indent = '\t'.repeat(depth);
    const [beside, ...below] = this.#comments.onRows(openRow);
    let text = beside === undefined ? '' : ` ${commentText(beside)}`;
    let before: Expr | undefined;
    const push = (lines: readonly string[]): void => {
      for (const line of lines) text += line === '' ? '\n' : `\n${indent}${line}`;
    };
    push(standingLines(below));
    for (const expr of body) {
      const { row, offset } = expr.location;
      const above = this.#comments.before(offset);
      // Comments belong to what they stand above, so that they stand apart from an expression above them.
      if (before !== undefined && (above.length > 0 || row > writtenEnd(before) + 1)) push(['']);
      push(standingLines(above, row));
      const line = before === undefined ? this.expr(expr, depth) : apart(this.expr(expr, depth));
      const [trailing, ...others] = this.#comments.onRows(exprEnd(expr));
      push([trailing === undefined ? line : `${line} ${commentText(trailing)}`, ...standingLines(others)]);
      before = expr;
    }
    if (end !== undefined) push(standingLines(this.#comments.before(end.offset), end.row));
    return text;
  }

  /** An expression with its modifiers; a modifier that was on a line of its own stays on one. */
  expr(expr: Expr, depth: number): string {
    let text = this.#plain(expr, depth);
    // What follows `every` is below it even beside its closing brace.
    let row = expr.kind === 'every' ? expr.location.row : endRow(expr.location);
    let inner = depth;
    for (const modifier of expr.with) {
      const isBelow = modifier.location.row > row;
      const [beside] = isBelow ? this.#comments.onlyOn(row) : [];
      if (beside !== undefined) text += ` ${commentText(beside)}`;
      if (isBelow) inner = depth + 1;
      text += isBelow ? `\n${'\t'.repeat(inner)}` : ' ';
      text += this.#modifier(modifier, inner);
      row = modifier.location.row;
    }
    return text;
  }

  #modifier({ target, value }: With, depth: number): string {
    return `with ${this.terms.ref(target, depth)} as ${this.terms.term(value, depth)}`;
  }

  #plain(expr: Expr, depth: number): string {
    const { terms } = this;
    switch (expr.kind) {
      case 'term':
        return (expr.negated ? 'not ' : '') + terms.term(expr.term, depth);
      case 'call':
        return (expr.negated ? 'not ' : '') + terms.callExpr(expr, depth);
      case 'some-decl':
        return `some ${expr.vars.map(({ name }) => name).join(', ')}`;
      case 'some-in': {
        const named = expr.key === undefined ? [expr.value] : [expr.key, expr.value];
        const names = named.map((term) => terms.term(term, depth, 'member')).join(', ');
        return `some ${names} in ${terms.term(expr.domain, depth, 'member')}`;
      }
      case 'every': {
        const key = expr.key === undefined ? '' : `${expr.key.name}, `;
        const start = `every ${key}${expr.value.name} in ${terms.term(expr.domain, depth)} `;
        // Several expressions on one line are printed as OPA does, without the space at the end.
        const close = expr.body.length > 1 ? '}' : ' }';
        return start + this.#braces(expr.body, expr.location, endRow(expr.domain.location), depth, close);
      }
      case 'not':
        if (expr.braced) return `not ${this.#braces(expr.body, expr.location, expr.location.row, depth)}`;
        return `not ${this.#bare(expr.body[0]!, depth)}`;
      case 'logic': {
        const left = this.#operand(expr.left, depth, LOGIC[expr.operator]);
        const right = this.#operand(expr.right, depth, LOGIC[expr.operator] + 1);
        return `${left} ${expr.operator} ${right}`;
      }
    }
  }

  /** What stands below `not` without braces: in parentheses where it holds several parts. */
  #bare(expr: Expr, depth: number): string {
    const text = this.expr(expr, depth);
    return expr.with.length > 0 || expr.kind === 'logic' ? `(${text})` : text;
  }

  #operand(operand: LogicOperand, depth: number, least: number): string {
    const expr = operand.body[0]!;
    if (operand.braced && !operand.location.text.startsWith('(')) {
      return this.#braces(operand.body, operand.location, operand.location.row, depth);
    }
    const isLooser = expr.kind === 'logic' && LOGIC[expr.operator] < least;
    const text = this.expr(expr, depth);
    const isAmbiguous = expr.with.length > 0 || isLooser || (expr.kind !== 'logic' && text.startsWith('{'));
    return isAmbiguous ? `(${text})` : text;
  }

  /** A body in braces: on one line when it was written on one. */
  #braces(body: Body, location: Expr['location'], openRow: number, depth: number, close = ' }'): string {
    if (body.every((expr) => expr.location.row === location.row)) return `{ ${this.inline(body, depth)}${close}`;
    return `{${this.block(body, depth + 1, openRow, endOf(location))}\n${'\t'.repeat(depth)}}`;
  }
}

/** A line that begins with a sign would go on the line above it: its number gets parentheses. */
function apart(line: string): string {
  return line.replace(/^-\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, '($&)');
}

/** How tight the operators between expressions bind. */
const LOGIC = { or: 0, and: 1 } as const;
