/** Prints expressions and bodies. */
import type { Body, Expr, LogicOperand, With } from '../syntax/ast.ts';
import { type CommentQueue, commentText, endRow } from './format-comments.ts';
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

  /** The lines of a body after what opens it on a row: first the comment beside that, then each expression on a line. */
  block(body: Body, depth: number, openRow: number, end: number): string {
    const indent = '\t'.repeat(depth);
    let text = '';
    let lastRow: number | undefined;
    let isBelowExpr = false;
    const push = (line: string, row: number): void => {
      if (lastRow !== undefined && row > lastRow + 1) text += '\n';
      text += `\n${indent}${line}`;
    };
    const pushComments = (offset: number, isLast: boolean): void => {
      for (const comment of this.#comments.before(offset)) {
        // A comment belongs to what it stands above, so that it stands apart from an expression above it.
        if (isBelowExpr && !isLast && lastRow !== undefined && comment.location.row === lastRow + 1) text += '\n';
        push(commentText(comment), comment.location.row);
        lastRow = comment.location.row;
        isBelowExpr = false;
      }
    };
    const first = body[0]!.location;
    if (this.#comments.isNext(openRow, first.offset)) {
      text += ` ${this.#comments.upTo(0, openRow).map(commentText).join(' ')}`;
    }
    for (const expr of body) {
      pushComments(expr.location.offset, false);
      const { offset, row } = exprEnd(expr);
      const line = expr === body[0] ? this.expr(expr, depth) : apart(this.expr(expr, depth));
      const [trailing, ...others] = this.#comments.upTo(offset, row);
      push(trailing === undefined ? line : `${line} ${commentText(trailing)}`, expr.location.row);
      for (const comment of others) text += `\n${indent}${commentText(comment)}`;
      lastRow = row;
      isBelowExpr = true;
    }
    pushComments(end, true);
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
      if (isBelow && this.#comments.isNext(row, modifier.location.offset)) {
        text += ` ${this.#comments.upTo(0, row).map(commentText).join(' ')}`;
      }
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
    const end = location.offset + location.text.length - 1;
    return `{${this.block(body, depth + 1, openRow, end)}\n${'\t'.repeat(depth)}}`;
  }
}

/** A line that begins with a sign would go on the line above it: its number gets parentheses. */
function apart(line: string): string {
  return line.replace(/^-\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, '($&)');
}

/** How tight the operators between expressions bind. */
const LOGIC = { or: 0, and: 1 } as const;

/** The end of an expression with its modifiers. */
export function exprEnd(expr: Expr): { offset: number; row: number } {
  const places = [expr.location, ...expr.with.map(({ location }) => location)];
  return {
    offset: Math.max(...places.map(({ offset, text }) => offset + text.length)),
    row: Math.max(...places.map(endRow)),
  };
}
