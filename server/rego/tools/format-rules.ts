/** Prints rules. */
import { quote } from '../builtins/algorithms/quote.ts';
import type { Body, Module, Rule, Term } from '../syntax/ast.ts';
import { type CommentQueue, endRow } from './format-comments.ts';
import { ExprPrinter } from './format-exprs.ts';
import type { TermPrinter } from './format-terms.ts';

/** Prints the rules of a module; comments inside them come from the queue. */
export class RulePrinter {
  readonly #module: Module;
  readonly #exprs: ExprPrinter;
  readonly #terms: TermPrinter;
  /** Whether heads with one step are written with a dot: only beside heads with more. */
  readonly #dotsInHeads: boolean;

  constructor(module: Module, comments: CommentQueue) {
    this.#module = module;
    this.#exprs = new ExprPrinter(comments);
    this.#terms = this.#exprs.terms;
    this.#dotsInHeads = module.rules.some(({ head }) => head.ref.terms.length + (head.key === undefined ? 0 : 1) > 2);
  }

  /** A rule with the bodies chained to it. */
  chained(group: readonly Rule[]): string {
    const [first, ...others] = group as [Rule, ...Rule[]];
    if (this.#isCurrent) return group.map((rule) => this.#rule(rule)).join('\n\n');
    const bodies = others.map(
      (rule) => ` ${this.#braces(rule.body, endRow(first.head.location), this.#bodyEnd(rule))}`,
    );
    return this.#rule(first) + bodies.join('');
  }

  get #isCurrent(): boolean {
    return this.#module.version === 'v1';
  }

  #rule(rule: Rule): string {
    const body = this.#body(rule, rule.head.location.row);
    const value = this.#value(rule, body !== '');
    const start = `${rule.isDefault ? 'default ' : ''}${this.#name(rule)}${value}${body}`;
    return rule.else === undefined ? start : start + this.#else(rule, rule.else, body);
  }

  /** The name with its steps, arguments and member. */
  #name(rule: Rule): string {
    const { ref, args, key } = rule.head;
    const [head, step] = ref.terms as [Term, Term | undefined];
    const isShort = ref.terms.length === 2 && textOf(step!) !== undefined && key === undefined;
    const isBracketed = this.#isCurrent && !this.#dotsInHeads && isShort;
    let text = isBracketed ? `${this.#terms.term(head, 0)}[${quote(textOf(step!)!)}]` : this.#terms.ref(ref, 0);
    if (args !== undefined) text += this.#terms.headArgs(rule.head);
    if (key !== undefined) {
      text += this.#writesContains(rule) ? ` contains ${this.#terms.term(key, 0)}` : `[${this.#terms.term(key, 0)}]`;
    }
    return text;
  }

  /** Old sources add members without the keyword. */
  #writesContains(rule: Rule): boolean {
    return this.#isCurrent || /\bcontains\b/.test(rule.head.location.text);
  }

  /** What the rule is, unless it goes without saying. */
  #value(rule: Rule, hasBody: boolean): string {
    const { value, assign, key, ref } = rule.head;
    const isTrue = value === undefined || (value.kind === 'scalar' && value.value === true);
    const isFixed = ref.terms.length !== 2 || ref.terms[1]!.kind === 'scalar';
    if (key !== undefined || (isTrue && hasBody && (value === undefined || (isFixed && this.#isCurrent)))) return '';
    if (value === undefined) return rule.hasBody ? ' := true' : '';
    return ` ${assign || this.#isCurrent ? ':=' : '='} ${this.#terms.term(value, 0)}`;
  }

  /** The body, or nothing where it says nothing: `if true`. */
  #body(rule: Rule, row: number): string {
    if (!rule.hasBody) return '';
    const [first] = rule.body as [Body[number]];
    const says = !(first.kind === 'term' && isTrue(first.term) && !first.negated && first.with.length === 0);
    if (this.#isCurrent && rule.body.length === 1 && !says && rule.else === undefined) return '';
    const between = this.#betweenHeadAndBody(rule);
    const keyword = /\bif\b/.test(between) ? ' if' : '';
    // OPA does not know the row of `set()`.
    const isPlaced = first.kind !== 'term' || first.term.kind !== 'set' || first.term.items.length > 0;
    const isInline = this.#isCurrent ? isPlaced && first.location.row === row : !between.includes('{');
    if (rule.body.length === 1 && isInline) return `${keyword} ${this.#exprs.expr(first, 0)}`;
    return `${keyword} ${this.#braces(rule.body, endRow(rule.head.location), this.#bodyEnd(rule))}`;
  }

  #betweenHeadAndBody(rule: Rule): string {
    const { head, body } = rule;
    const start = head.location.offset + head.location.text.length;
    return this.#module.source.slice(start, body[0]!.location.offset).replace(/#.*/g, '');
  }

  #braces(body: Body, openRow: number, end: number): string {
    return `{${this.#exprs.block(body, 1, openRow, end)}\n}`;
  }

  /** An `else` beside the closing brace stays there; another stands apart. */
  #else(before: Rule, rule: Rule, printed: string): string {
    const closeRow =
      before.location.row + newlines(this.#module.source.slice(before.location.offset, this.#bodyEnd(before)));
    const isTall = printed.endsWith('}') && printed.includes('\n') && closeRow > before.location.row;
    const beside = isTall && rule.location.row === closeRow;
    const body = this.#body(rule, rule.head.location.row);
    const text = `else${this.#elseValue(rule, body !== '')}${body}`;
    const start = beside || !this.#isCurrent ? ' ' : '\n\n';
    return rule.else === undefined ? start + text : start + text + this.#else(rule, rule.else, body);
  }

  #elseValue(rule: Rule, hasBody: boolean): string {
    const { value, assign } = rule.head;
    if (value === undefined && hasBody) return '';
    if (hasBody && this.#isCurrent && isTrue(value!)) return '';
    if (value === undefined) return ' := true';
    return ` ${assign || this.#isCurrent ? ':=' : '='} ${this.#terms.term(value, 0)}`;
  }

  /** The offset of the brace that closes the body. */
  #bodyEnd(rule: Rule): number {
    const last = rule.body.at(-1)!;
    const ends = [last.location, ...last.with.map(({ location }) => location)].map(
      (location) => location.offset + location.text.length,
    );
    const from = Math.max(...ends);
    const { source } = this.#module;
    for (let at = from; at < source.length; at++) {
      if (source[at] === '}') return at;
      if (source[at] === '#') at = Math.max(at, source.indexOf('\n', at));
    }
    return source.length;
  }
}

function isTrue(term: Term): boolean {
  return term.kind === 'scalar' && term.value === true;
}

function textOf(term: Term): string | undefined {
  return term.kind === 'scalar' && typeof term.value === 'string' ? term.value : undefined;
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
