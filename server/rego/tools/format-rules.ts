/** Prints rules. */
import { quote } from '../builtins/algorithms/quote.ts';
import { walkTerm } from '../compile/walk.ts';
import type { Body, Module, Rule, Term } from '../syntax/ast.ts';
import { CommentQueue, commentText, type End, endRow, standingLines } from './format-comments.ts';
import { bodyEnd, termEnd, writtenEnd } from './format-ends.ts';
import { ExprPrinter } from './format-exprs.ts';
import type { TermPrinter } from './format-terms.ts';

/** Prints terms without their comments. */
const UNCOMMENTED = new ExprPrinter(new CommentQueue([])).terms;

/** How the rules of a module are written, as its keywords allow it. */
export interface RuleStyle {
  /** Whether every value is written with `:=`. */
  readonly assigns: boolean;
  /** Whether bodies begin with `if`. */
  readonly ifs: boolean;
  /** Whether members are added with `contains`. */
  readonly contains: boolean;
}

/** Prints the rules of a module; comments inside them come from the queue. */
export class RulePrinter {
  readonly #source: string;
  readonly #style: RuleStyle;
  readonly #comments: CommentQueue;
  readonly #exprs: ExprPrinter;
  readonly #terms: TermPrinter;
  /** Whether heads with one step are written with a dot: only beside heads with more. */
  readonly #dotsInHeads: boolean;

  constructor(module: Module, style: RuleStyle, comments: CommentQueue) {
    this.#source = module.source;
    this.#style = style;
    this.#comments = comments;
    this.#exprs = new ExprPrinter(comments);
    this.#terms = this.#exprs.terms;
    this.#dotsInHeads = module.rules.some(({ head }) => head.ref.terms.length + (head.key === undefined ? 0 : 1) > 2);
  }

  /** Whether empty lines go around a rule: not where it has the keyword `if` and no more than one expression. */
  standsApart(rule: Rule): boolean {
    return rule.isDefault || rule.body.length > 1 || rule.else !== undefined || !this.#takesIf(rule);
  }

  /** Whether a body of the rule begins with `if`: one that adds a member without `contains` cannot. */
  #takesIf({ head }: Rule): boolean {
    return this.#style.ifs && (head.key === undefined || this.#style.contains);
  }

  /** The row that the printed rule ends on: that of its brace, unless it adds a member or has no braces. */
  lastRow(rule: Rule): number {
    if (rule.else !== undefined) return this.lastRow(rule.else);
    const { head, hasBody, body } = rule;
    const said = this.#saidBody(rule);
    const shown = hasBody && said !== 'nothing' ? bodyEnd(body) : 0;
    if (said === 'lines') return Math.max(shown, this.#knownEnd(rule)?.row ?? 0);
    if (shown > 0) return shown;
    return Math.max(
      head.location.row,
      ...[...(head.args ?? []), head.key, head.value].map((term) => (term === undefined ? 0 : termEnd(term))),
    );
  }

  /** A rule with what follows it after `else`. */
  rule(rule: Rule): string {
    const head = `${rule.isDefault ? 'default ' : ''}${this.#name(rule)}${this.#value(rule)}`;
    return head + this.#rest(rule);
  }

  /** The name with its steps, arguments and member. */
  #name(rule: Rule, terms = this.#terms): string {
    const { ref, args, key } = rule.head;
    const [head, step] = ref.terms as [Term, Term | undefined];
    const isShort = ref.terms.length === 2 && textOf(step!) !== undefined && key === undefined;
    const isBracketed = !this.#dotsInHeads && isShort;
    let text = isBracketed ? `${terms.term(head, 0)}[${quote(textOf(step!)!)}]` : terms.ref(ref, 0);
    if (args !== undefined) text += terms.headArgs(rule.head);
    if (key !== undefined) {
      text += this.#style.contains ? ` contains ${terms.term(key, 0)}` : `[${terms.term(key, 0)}]`;
    }
    return text;
  }

  /** What the rule is, unless it goes without saying. */
  #value(rule: Rule): string {
    const hasBody = this.#saidBody(rule) !== 'nothing';
    const { value, assign, key, ref, args } = rule.head;
    const isTrue = value === undefined || (value.kind === 'scalar' && value.value === true);
    const isFixed = ref.terms.length !== 2 || ref.terms[1]!.kind === 'scalar';
    if (key !== undefined || (isTrue && hasBody && (value === undefined || isFixed))) return '';
    // A name by itself is a rule only in v0; a function by itself is one in v1 too.
    const isBare = !rule.hasBody && (args !== undefined || !this.#style.assigns);
    if (value === undefined) return isBare ? '' : ` ${this.#sign(false)} true`;
    return ` ${this.#sign(assign)} ${this.#terms.term(value, 0)}`;
  }

  #body(rule: Rule): string {
    const said = this.#saidBody(rule);
    if (said === 'nothing') return '';
    const keyword = this.#takesIf(rule) ? ' if' : '';
    return `${keyword} ${said === 'line' ? this.#exprs.expr(rule.body[0]!, 0) : this.#braces(rule)}`;
  }

  /** How a body is printed: not at all where it says nothing (`if true`), beside the head, or on lines in braces. */
  #saidBody(rule: Rule): 'nothing' | 'line' | 'lines' {
    if (!rule.hasBody) return 'nothing';
    const [first] = rule.body as [Body[number]];
    const says = !(first.kind === 'term' && isTrue(first.term) && !first.negated && first.with.length === 0);
    if (rule.body.length === 1 && !says && rule.else === undefined) return 'nothing';
    // OPA does not know the row of `set()`.
    const isPlaced = first.kind !== 'term' || first.term.kind !== 'set' || first.term.items.length > 0;
    const { location } = rule.head;
    const isBeside = isPlaced && first.location.row === (isElse(rule) ? location.row : endRow(location));
    return rule.body.length === 1 && isBeside && this.#takesIf(rule) ? 'line' : 'lines';
  }

  #sign(assign: boolean): string {
    return assign || this.#style.assigns ? ':=' : '=';
  }

  #braces(rule: Rule): string {
    return `{${this.#exprs.block(rule.body, 1, endRow(rule.head.location), this.#knownEnd(rule))}\n}`;
  }

  /**
   * The end that OPA takes a body to have: it finds the first braces in the text after the brackets of a member or
   * arguments. Comments below that and below the last expression go below the rule.
   */
  #knownEnd(rule: Rule): End | undefined {
    const { text, row, offset } = rule.location;
    const { args, key, ref } = rule.head;
    const hasKey = key !== undefined || (ref.terms.length > 1 && !isConstant(ref.terms.at(-1)!));
    // Brackets that are not printed would not be there the next time.
    if (hasKey && closing(this.#name(rule, UNCOMMENTED), '[]', 0) === undefined) return undefined;
    const skipped = hasKey ? '[]' : args !== undefined && !isElse(rule) ? '()' : undefined;
    const from = skipped === undefined ? 0 : closing(text, skipped, 0);
    const at = from === undefined ? undefined : closing(text, '{}', from);
    const real = this.#bodyEnd(rule);
    if (at === undefined || offset + at > real.offset) return undefined;
    return { offset: offset + at, row: row + newlines(text.slice(0, at)) };
  }

  /** The body, and what follows after `else`. */
  #rest(rule: Rule): string {
    const body = this.#body(rule);
    return rule.else === undefined ? body : body + this.#else(rule, rule.else);
  }

  /**
   * An `else` in the row where a body of several rows ends stays beside its brace, or comes right below, unless comments come
   * between; another stands apart.
   */
  #else(before: Rule, rule: Rule): string {
    const isBraced = this.#saidBody(before) === 'lines';
    const closeRow = isBraced ? this.#bodyEnd(before).row : writtenEnd(before.body.at(-1)!);
    const isKnown = !isBraced || this.#knownEnd(before)?.row === closeRow;
    const [trailing] = isKnown ? this.#comments.onlyOn(closeRow) : [];
    const above = standingLines(this.#comments.before(rule.location.offset), rule.location.row);
    const last = before.body.at(-1)!;
    const lastRow = isBraced ? closeRow : endRow((last.with.at(-1) ?? last).location);
    const follows = lastRow > before.location.row && rule.location.row === lastRow;
    const isBeside = follows && trailing === undefined && above.length === 0;
    const beside = isBraced ? ' ' : '\n ';
    const start = isBeside
      ? beside
      : `${trailing === undefined ? '' : ` ${commentText(trailing)}`}\n\n${above.map((line) => `${line}\n`).join('')}`;
    return `${start}else${this.#elseValue(rule)}${this.#rest(rule)}`;
  }

  #elseValue(rule: Rule): string {
    const hasBody = this.#saidBody(rule) !== 'nothing';
    const { value, assign } = rule.head;
    if (value === undefined && hasBody) return '';
    if (hasBody && isTrue(value!)) return '';
    if (value === undefined) return ` ${this.#sign(false)} true`;
    return ` ${this.#sign(assign)} ${this.#terms.term(value, 0)}`;
  }

  /** The offset of the brace that closes the body. */
  #bodyEnd(rule: Rule): End {
    const last = rule.body.at(-1)!;
    const ends = [last.location, ...last.with.map(({ location }) => location)].map(
      (location) => location.offset + location.text.length,
    );
    const source = this.#source;
    let at = Math.max(...ends);
    while (at < source.length && source[at] !== '}') {
      if (source[at] === '#') at = Math.max(at, source.indexOf('\n', at));
      at++;
    }
    const { row, offset } = rule.location;
    return { offset: at, row: row + newlines(source.slice(offset, at)) };
  }
}

/** An `else` shares the head of its rule, but for its place and value. */
function isElse({ head }: Rule): boolean {
  return head.ref.location.offset < head.location.offset;
}

function isTrue(term: Term): boolean {
  return term.kind === 'scalar' && term.value === true;
}

function textOf(term: Term): string | undefined {
  return term.kind === 'scalar' && typeof term.value === 'string' ? term.value : undefined;
}

/** Whether a step of a head holds neither variables nor calls. */
function isConstant(term: Term): boolean {
  let found = false;
  walkTerm(term, ({ kind }) => {
    if (kind === 'var' || kind === 'call') found = true;
    return !found;
  });
  return !found;
}

/** The index of the bracket that closes the first one from an index on, or undefined. */
function closing(text: string, pair: string, from: number): number | undefined {
  const [open, close] = pair;
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) depth++;
    else if (text[at] === close && depth > 0 && --depth === 0) return at;
  }
  return undefined;
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
