/** Prints terms. */
import { quote } from '../builtins/algorithms/quote.ts';
import type { Body, CallExpr, CallTerm, Expr, RefTerm, RuleHead, Term } from '../syntax/ast.ts';
import { BASE_KEYWORDS, V1_KEYWORDS } from '../syntax/tokens.ts';
import { isNumber, numberText } from '../values.ts';
import { type CommentQueue, type End, endOf, endRow } from './format-comments.ts';
import { bodyGoesOnLines, keepsLayout, startRow, termEnd } from './format-ends.ts';
import { type ListItem, printList } from './format-lists.ts';
import { distinct, foldedParts } from './format-meaning.ts';

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
  'unary -': 4,
  '*': 5,
  '/': 5,
  '%': 5,
};

const KEYWORDS: ReadonlySet<string> = new Set([...BASE_KEYWORDS, ...V1_KEYWORDS]);

/** Where a term stands, which decides whether an operator in it gets parentheses. */
type Standing =
  /** By itself. */
  | 'alone'
  /** Beside an operator inside a term. */
  | 'operand'
  /** Beside `in`. */
  | 'member';

/** Prints the expressions inside terms. */
export interface ExprPrinting {
  /** An expression with its modifiers. */
  expr(expr: Expr, depth: number): string;
  /** The expressions on one line. */
  inline(body: Body, depth: number): string;
  /** The lines of a body that something on a row opens, with the comments up to an offset; begins with a line break. */
  block(body: Body, depth: number, openRow: number, end: End): string;
}

/** Prints with the given depth of indentation; comments inside what spans several rows come from the queue. */
export class TermPrinter {
  readonly #comments: CommentQueue;
  readonly #exprs: ExprPrinting;

  constructor(comments: CommentQueue, exprs: ExprPrinting) {
    this.#comments = comments;
    this.#exprs = exprs;
  }

  term(term: Term, depth: number, standing: Standing = 'alone'): string {
    // OPA leaves a term as it was written where it would not know the lines of comments in it.
    if (keepsLayout(term, this.#comments) && this.#comments.takeWithin(term.location)) return term.location.text;
    switch (term.kind) {
      case 'scalar':
        return scalarText(term);
      case 'var':
        return term.name;
      case 'ref':
        return this.ref(term, depth);
      case 'array':
        return this.#collection(
          '[',
          ']',
          term,
          term.items.map((item) => this.#item(item)),
          depth,
        );
      case 'set':
        if (term.items.length === 0) return 'set()';
        return this.#collection(
          '{',
          '}',
          term,
          distinct(term.items).map((item) => this.#item(item)),
          depth,
        );
      case 'object':
        return this.#collection(
          '{',
          '}',
          term,
          term.entries.map((entry) => this.#entry(entry)),
          depth,
        );
      case 'comprehension':
        return this.#comprehension(term, depth);
      case 'template':
        return this.#template(term, depth);
      case 'call':
        return this.#callTerm(term, depth, standing);
    }
  }

  /** A reference: steps with a dot where they can have one; of keywords as they were written. */
  ref(ref: RefTerm, depth: number): string {
    const [head, ...steps] = ref.terms as [Term, ...Term[]];
    const isOperator = head.kind === 'call' && head.infix !== undefined;
    const start = isOperator ? `(${this.term(head, depth)})` : this.term(head, depth);
    return steps.reduce((text, step) => text + this.step(step, depth), start);
  }

  step(step: Term, depth: number): string {
    if (step.kind !== 'scalar' || typeof step.value !== 'string') return `[${this.term(step, depth)}]`;
    const isName = /^[A-Za-z_]\w*$/.test(step.value);
    const dotted = isName && (!KEYWORDS.has(step.value) || !/^["`]/.test(step.location.text));
    return dotted ? `.${step.value}` : `[${quote(step.value)}]`;
  }

  /** A call that is an expression of its own: its operands need parentheses only where they change the meaning. */
  callExpr(expr: CallExpr, depth: number): string {
    const { infix, args } = expr;
    if (infix === undefined) return this.#call(expr, depth);
    const [left, right] = args.slice(-2) as [Term, Term];
    if (infix === '=' || infix === ':=') return `${this.term(left, depth)} ${infix} ${this.term(right, depth)}`;
    if (infix === 'in') return this.#member(args, depth);
    const least = TIGHTNESS[infix]!;
    return `${this.#loose(left, depth, least)} ${sign(infix)} ${this.#loose(right, depth, least + 1)}`;
  }

  #loose(operand: Term, depth: number, least: number): string {
    const infix = operand.kind === 'call' ? operand.infix : undefined;
    const isLooser = infix !== undefined && TIGHTNESS[infix]! < least;
    return this.term(operand, depth, isLooser ? 'operand' : 'alone');
  }

  #callTerm(call: CallTerm, depth: number, standing: Standing): string {
    const { infix, args } = call;
    if (infix === undefined) return this.#call(call, depth);
    if (infix === 'in') {
      const text = this.#member(args, depth);
      return args.length === 3 || standing === 'operand' ? `(${text})` : text;
    }
    const [left, right] = args as [Term, Term];
    const text = `${this.term(left, depth, 'operand')} ${sign(infix)} ${this.term(right, depth, 'operand')}`;
    return standing === 'alone' ? text : `(${text})`;
  }

  #member(args: readonly Term[], depth: number): string {
    const parts = args.map((arg) => this.term(arg, depth, 'member'));
    return `${parts.slice(0, -1).join(', ')} in ${parts.at(-1)}`;
  }

  #call(call: CallTerm | CallExpr, depth: number): string {
    const { operator, args } = call;
    const items = args.map((arg) => this.#plainItem(arg));
    const brackets = { open: '(', close: ')', row: endRow(operator.location), isCall: true };
    return this.ref(operator, depth) + printList(brackets, items, depth, this.#comments);
  }

  /** The arguments in a function's head. */
  headArgs(head: RuleHead): string {
    const items = (head.args ?? []).map((arg) => this.#plainItem(arg));
    return printList({ open: '(', close: ')', row: head.ref.location.row }, items, 0, this.#comments);
  }

  #plainItem(term: Term): ListItem {
    return { first: term.location, lastRow: () => termEnd(term), print: (depth) => this.term(term, depth) };
  }

  /** An item of a collection: a union there gets parentheses, for it would look like a comprehension. */
  #item(term: Term): ListItem {
    const isUnion = term.kind === 'call' && term.infix === '|';
    return { ...this.#plainItem(term), print: (depth) => this.term(term, depth, isUnion ? 'operand' : 'alone') };
  }

  #entry([key, value]: readonly [Term, Term]): ListItem {
    return {
      first: key.location,
      lastRow: () => termEnd(value),
      print: (depth) => `${this.#item(key).print(depth)}: ${this.#item(value).print(depth)}`,
    };
  }

  #collection(open: string, close: string, term: Term, items: readonly ListItem[], depth: number): string {
    const { location } = term;
    const brackets = { open, close, row: location.row, end: endOf(location) };
    return printList(brackets, items, depth, this.#comments);
  }

  #comprehension(term: Term & { kind: 'comprehension' }, depth: number): string {
    const [open, close] = term.collect === 'array' ? '[]' : '{}';
    const head = term.key === undefined ? '' : `${this.term(term.key, depth)}: `;
    // A term below its bracket keeps the line break, as OPA has it; a key does not.
    const gap = startRow(term) === term.location.row ? '' : `\n${'\t'.repeat(depth)}`;
    // The term of a comprehension is one operand: an operator there needs parentheses.
    const start = `${open}${gap}${head}${this.term(term.term, depth, 'operand')} |`;
    if (!bodyGoesOnLines(term)) return `${start} ${this.#exprs.inline(term.body, depth)}${close}`;
    const body = this.#exprs.block(term.body, depth + 1, endRow(term.term.location), endOf(term.location));
    return `${start}${body}\n${'\t'.repeat(depth)}${close}`;
  }

  #template(term: Term & { kind: 'template' }, depth: number): string {
    const { raw } = term;
    const parts = foldedParts(term.parts).map((part) => {
      if (typeof part !== 'string') return `{${this.#exprs.expr(part, depth)}}`;
      const text = raw ? part : quote(part).slice(1, -1);
      return text.replaceAll('{', '\\{');
    });
    return raw ? `$\`${parts.join('')}\`` : `$"${parts.join('')}"`;
  }
}

/** An operator as it is printed: the one of `-x` as in `0 - x`. */
function sign(infix: string): string {
  return infix === 'unary -' ? '-' : infix;
}

function scalarText(term: Term & { kind: 'scalar' }): string {
  const { value, location } = term;
  if (isNumber(value)) return numberText(value);
  if (typeof value !== 'string') return String(value);
  return /^["`]/.test(location.text) ? location.text : JSON.stringify(value);
}
