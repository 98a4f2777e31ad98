/** Prints terms and expressions. */
import type { Body, CallExpr, CallTerm, Expr, LogicOperand, RefTerm, Term } from '../syntax/ast.ts';
import { isNumber, numberText } from '../values.ts';
import { type CommentQueue, commentText, endRow } from './format-comments.ts';

/** How tight each operator binds; higher binds tighter. */
const TIGHTNESS: Readonly<Record<string, number>> = {
  in: 0,
  '==': 1,
  '!=': 1,
  '<': 1,
  '>': 1,
  '<=': 1,
  '>=': 1,
  '|': 2,
  '&': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
};
/** How tight a term without operators binds. */
const TIGHTEST = 9;

/** Prints with the given depth of indentation; comments inside what spans several rows come from the queue. */
export class TermPrinter {
  readonly #comments: CommentQueue;

  constructor(comments: CommentQueue) {
    this.#comments = comments;
  }

  /** The term; parts of operators that bind less tight than `least` get parentheses. */
  term(term: Term, depth: number, least = 0): string {
    switch (term.kind) {
      case 'scalar':
        return this.#scalar(term);
      case 'var':
        return term.name;
      case 'ref':
        return this.ref(term, depth);
      case 'array':
        return this.#collection('[', ']', term, term.items, depth, (item, inner) => this.#item(item, inner));
      case 'set':
        if (term.items.length === 0) return 'set()';
        return this.#collection('{', '}', term, term.items, depth, (item, inner) => this.#item(item, inner));
      case 'object':
        return this.#collection('{', '}', term, term.entries, depth, ([key, value], inner) => {
          return `${this.#item(key, inner)}: ${this.#item(value, inner)}`;
        });
      case 'comprehension':
        return this.#comprehension(term, depth);
      case 'template':
        return term.location.text;
      case 'call':
        return this.#call(term, depth, least);
    }
  }

  /** A part of a collection: a `|` that no bracket encloses would make it a comprehension. */
  #item(item: Term, depth: number): string {
    return this.term(item, depth, beginsWithUnion(item) ? TIGHTNESS['&'] : 0);
  }

  #scalar(term: Term & { kind: 'scalar' }): string {
    const { value, location } = term;
    if (isNumber(value)) return numberText(value);
    if (typeof value !== 'string') return String(value);
    return /^["`]/.test(location.text) ? location.text : JSON.stringify(value);
  }

  ref(ref: RefTerm, depth: number): string {
    const [head, ...steps] = ref.terms as [Term, ...Term[]];
    const isOperator = head.kind === 'call' && head.infix !== undefined;
    const start = isOperator ? `(${this.term(head, depth)})` : this.term(head, depth);
    return steps.reduce((text, step) => {
      if (step.kind === 'scalar' && typeof step.value === 'string' && /^[A-Za-z_]\w*$/.test(step.value)) {
        return `${text}.${step.value}`;
      }
      return `${text}[${this.term(step, depth)}]`;
    }, start);
  }

  #call(call: CallTerm | CallExpr, depth: number, least: number): string {
    const { infix, args } = call;
    if (infix === undefined) return `${this.ref(call.operator, depth)}(${this.#list(args, depth)})`;
    if (infix === 'unary -') return `-${this.term(args[1]!, depth, TIGHTEST)}`;
    const tightness = TIGHTNESS[infix]!;
    const left = args.slice(0, -1);
    const right = this.term(args.at(-1)!, depth, tightness + 1);
    const text =
      left.length === 1
        ? `${this.term(left[0]!, depth, tightness)} ${infix} ${right}`
        : `${left.map((part) => this.term(part, depth, 1)).join(', ')} in ${right}`;
    const needsParentheses = tightness < least || left.length === 2;
    return needsParentheses ? `(${text})` : text;
  }

  #list(args: readonly Term[], depth: number): string {
    return args.map((arg) => this.term(arg, depth)).join(', ');
  }

  #collection<Item>(
    open: string,
    close: string,
    term: Term,
    items: readonly Item[],
    depth: number,
    print: (item: Item, depth: number) => string,
  ): string {
    if (!term.location.text.includes('\n') || items.length === 0) {
      return `${open}${items.map((item) => print(item, depth)).join(', ')}${close}`;
    }
    const indent = '\t'.repeat(depth + 1);
    const lines: string[] = [];
    for (const item of items) {
      const first = (Array.isArray(item) ? item[0] : item) as Term;
      const last = (Array.isArray(item) ? item[1] : item) as Term;
      for (const comment of this.#comments.before(first.location.offset)) lines.push(indent + commentText(comment));
      const text = `${indent}${print(item, depth + 1)},`;
      const trailing = this.#comments.trailing(endRow(last.location));
      lines.push(trailing === undefined ? text : `${text} ${commentText(trailing)}`);
    }
    const end = term.location.offset + term.location.text.length - 1;
    for (const comment of this.#comments.before(end)) lines.push(indent + commentText(comment));
    return `${open}\n${lines.join('\n')}\n${'\t'.repeat(depth)}${close}`;
  }

  #comprehension(term: Term & { kind: 'comprehension' }, depth: number): string {
    const [open, close] = term.collect === 'array' ? '[]' : '{}';
    const head = term.key === undefined ? '' : `${this.term(term.key, depth)}: `;
    // The term of a comprehension is one operand: an operator there needs parentheses.
    const start = `${open}${head}${this.term(term.term, depth, TIGHTEST)} |`;
    if (!term.location.text.includes('\n')) return `${start} ${this.#inlineBody(term.body, depth)}${close}`;
    const end = term.location.offset + term.location.text.length - 1;
    return `${start}\n${this.body(term.body, depth + 1, end)}\n${'\t'.repeat(depth)}${close}`;
  }

  #inlineBody(body: Body, depth: number): string {
    return body.map((expr) => this.expr(expr, depth)).join('; ');
  }

  /** The expressions of a body on lines of their own, with the comments up to an offset. */
  body(body: Body, depth: number, end: number): string {
    const indent = '\t'.repeat(depth);
    const lines: string[] = [];
    let lastRow: number | undefined;
    const push = (text: string, row: number): void => {
      if (lastRow !== undefined && row > lastRow + 1) lines.push('');
      lines.push(indent + text);
    };
    for (const expr of body) {
      for (const comment of this.#comments.before(expr.location.offset)) {
        push(commentText(comment), comment.location.row);
        lastRow = comment.location.row;
      }
      const text = this.expr(expr, depth);
      const last = exprEndRow(expr);
      const trailing = this.#comments.trailing(last);
      push(trailing === undefined ? text : `${text} ${commentText(trailing)}`, expr.location.row);
      lastRow = last;
    }
    for (const comment of this.#comments.before(end)) {
      push(commentText(comment), comment.location.row);
      lastRow = comment.location.row;
    }
    return lines.join('\n');
  }

  /** An expression with its modifiers. */
  expr(expr: Expr, depth: number): string {
    const modifiers = expr.with
      .map(({ target, value }) => ` with ${this.ref(target, depth)} as ${this.term(value, depth)}`)
      .join('');
    return this.#plain(expr, depth) + modifiers;
  }

  #plain(expr: Expr, depth: number): string {
    switch (expr.kind) {
      case 'term':
        return (expr.negated ? 'not ' : '') + this.term(expr.term, depth);
      case 'call':
        return (expr.negated ? 'not ' : '') + this.#callExpr(expr, depth);
      case 'some-decl':
        return `some ${expr.vars.map(({ name }) => name).join(', ')}`;
      case 'some-in': {
        const key = expr.key === undefined ? '' : `${this.term(expr.key, depth, 1)}, `;
        return `some ${key}${this.term(expr.value, depth, 1)} in ${this.term(expr.domain, depth, 1)}`;
      }
      case 'every': {
        const key = expr.key === undefined ? '' : `${expr.key.name}, `;
        return `every ${key}${expr.value.name} in ${this.term(expr.domain, depth)} ${this.#braces(expr.body, expr.location, depth)}`;
      }
      case 'not':
        if (expr.braced) return `not ${this.#braces(expr.body, expr.location, depth)}`;
        return `not ${this.#bare(expr.body[0]!, depth)}`;
      case 'logic': {
        const text = `${this.#operand(expr.left, depth)} ${expr.operator} ${this.#operand(expr.right, depth)}`;
        return expr.grouped ? `(${text})` : text;
      }
    }
  }

  #callExpr(expr: CallExpr, depth: number): string {
    if (expr.infix === '=' || expr.infix === ':=') {
      return `${this.term(expr.args[0]!, depth)} ${expr.infix} ${this.term(expr.args[1]!, depth)}`;
    }
    return this.#call(expr, depth, 0);
  }

  #bare(expr: Expr, depth: number): string {
    const text = this.expr(expr, depth);
    return expr.with.length > 0 ? `(${text})` : text;
  }

  #operand(operand: LogicOperand, depth: number): string {
    if (!operand.braced) return this.#bare(operand.body[0]!, depth);
    if (operand.location.text.startsWith('(')) return `(${this.expr(operand.body[0]!, depth)})`;
    return this.#braces(operand.body, operand.location, depth);
  }

  /** A body in braces: on one line when it was written on one. */
  #braces(body: Body, location: Expr['location'], depth: number): string {
    const start = body[0]!.location.row;
    const end = location.offset + location.text.length - 1;
    if (start === location.row && endRow(location) === location.row) return `{ ${this.#inlineBody(body, depth)} }`;
    return `{\n${this.body(body, depth + 1, end)}\n${'\t'.repeat(depth)}}`;
  }
}

/** Whether the first operand of a term, printed without parentheses, is followed by `|`. */
function beginsWithUnion(term: Term): boolean {
  if (term.kind !== 'call' || term.infix === undefined || term.infix === 'unary -') return false;
  return term.infix === '|' || beginsWithUnion(term.args[0]!);
}

/** The row of the last character of an expression with its modifiers. */
export function exprEndRow(expr: Expr): number {
  return Math.max(endRow(expr.location), ...expr.with.map(({ location }) => endRow(location)));
}
