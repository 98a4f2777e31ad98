/** Parses rules: heads of every form, bodies, `else`, `default`. */
import { RegoError } from '../errors.ts';
import type { Body, RefTerm, Rule, RuleHead, Term } from './ast.ts';
import { scalar, termExpr } from './build.ts';
import type { Cursor } from './cursor.ts';
import { INFIX, parseBody, parseExpr } from './parse-expressions.ts';
import { asRef, attempt, parseOperand, parseTerm } from './parse-terms.ts';
import { BASE_KEYWORDS, type Token } from './tokens.ts';

const IF_HINT =
  'Rego v1 wants `if` before a rule body and `contains` for multi-value rules; sources of Rego v0 are read when asked for';

const CONTAINS_REQUIRED = '`contains` keyword is required for partial set rules';

/** Parses one rule and the bodies chained to it; `strictHeads` is v1, where bodies need `if`. */
export function parseRules(cursor: Cursor, strictHeads: boolean): Rule[] {
  const start = cursor.token;
  if (cursor.acceptKeyword('default')) return [parseDefault(cursor, start)];
  const parsed = parseHead(cursor);
  const { head } = parsed;
  const rule = parseBodyOf(cursor, start, head, strictHeads, parsed.bare);
  const finished = { ...rule, head: strictHeads || rule.usesIf ? head : legacyHead(head) };
  const rules: Rule[] = [toRule(finished, parseElse(cursor, finished, strictHeads), cursor, start)];
  while (cursor.at('{') && rule.hasBody) {
    if (rules[0]!.else !== undefined) cursor.fail('expected else keyword', cursor.token);
    const bodyStart = cursor.token;
    if (strictHeads && !rule.usesIf) reportMissingIf(cursor, bodyStart, head);
    cursor.take();
    const body = parseBody(cursor, '}');
    const location = cursor.locationFrom(bodyStart);
    rules.push({ head: finished.head, body, hasBody: true, isDefault: false, chained: true, location });
  }
  return rules;
}

interface UnfinishedRule {
  readonly head: RuleHead;
  readonly body: Body;
  readonly hasBody: boolean;
  readonly usesIf: boolean;
}

function toRule(rule: UnfinishedRule, otherwise: Rule | undefined, cursor: Cursor, start: Token): Rule {
  const location = cursor.locationFrom(start);
  return { head: rule.head, body: rule.body, hasBody: rule.hasBody, isDefault: false, else: otherwise, location };
}

/** A head, and whether it has neither value nor `contains`. */
function parseHead(cursor: Cursor, isDefault = false): { head: RuleHead; bare: boolean } {
  const start = cursor.token;
  const name = parseName(cursor, start);
  const call = name.kind === 'call' ? name : undefined;
  const ref = call?.operator ?? asRef(name);
  if (ref === undefined || ref.terms[0]!.kind !== 'var') {
    if (cursor.acceptKeyword('contains') || cursor.accept(':=') || cursor.accept('=')) parseTerm(cursor);
    if (cursor.atKeyword('if') || cursor.atKeyword('else')) cursor.unexpected();
    if (COMPUTES.test(cursor.token.text)) cursor.fail('rule name conflicts with built-in function', start);
    cursor.failAt(`${termKind(name)} cannot be used for rule name`, name.location);
  }
  // `f()` names no function: a rule without arguments is a value.
  const args = call?.args.length === 0 ? undefined : call?.args;
  const location = cursor.locationFrom(start);
  const nameText = ref.location.text;
  if (cursor.acceptKeyword('contains')) {
    if (call !== undefined) {
      const example = `(e.g., ${nameText} contains <VALUE> { ... })`;
      const message = `the contains keyword can only be used with multi-value rule definitions ${example}`;
      cursor.fail(`unexpected contains keyword: ${message}`, cursor.previous);
    }
    const purpose = `expected rule key term (e.g., ${nameText} contains <VALUE> { ... })`;
    const key = cursor.wanting(purpose, () => parseTerm(cursor));
    return { head: { ref, key, assign: false, location: cursor.locationFrom(start) }, bare: false };
  }
  const assign = cursor.at(':=');
  if (assign || cursor.at('=')) {
    cursor.take();
    const purpose = valuePurpose(nameText, assign, args !== undefined, isDefault);
    const value = cursor.wanting(purpose, () => parseTerm(cursor));
    return { head: { ref, args, value, assign, location: cursor.locationFrom(start) }, bare: false };
  }
  return { head: { ref, args, assign: false, location }, bare: true };
}

/** For what a value after `:=` or `=` is wanted, in OPA's words. */
function valuePurpose(name: string, assign: boolean, isFunction: boolean, isDefault: boolean): string {
  if (!assign) return `expected rule value term (e.g., ${name}[<nil>] = <VALUE> { ... })`;
  if (isFunction) return `expected function value term (e.g., ${name}(...) := <VALUE> { ... })`;
  if (isDefault) return `expected default rule value term (e.g., default ${name} := <VALUE>)`;
  return `expected rule value term (e.g., ${name} := <VALUE> { ... })`;
}

function parseName(cursor: Cursor, start: Token): Term {
  const next = cursor.peek(1);
  if (start.kind === 'ident' && !cursor.atName()) {
    const names = start.text === 'not' || !BASE_KEYWORDS.has(start.text);
    if (names && [':=', '=', '{', '(', 'if', 'contains'].includes(next.text)) {
      cursor.fail(`${start.text} keyword cannot be used for rule name`, start);
    }
    if (start.text !== 'true' && start.text !== 'false' && start.text !== 'null') cursor.unexpected();
  } else if (start.kind === 'punctuation' && !'[{('.includes(start.text)) {
    cursor.unexpected();
  }
  const name =
    start.kind === 'ident'
      ? cursor.wanting('expected rule head name', () => parseOperand(cursor))
      : parseOperand(cursor);
  if (name.kind === 'ref' && name.terms[0]!.kind !== 'var') {
    if (cursor.atKeyword('else')) cursor.unexpected();
    cursor.failAt(`invalid rule head: ${name.location.text}`, name.location);
  }
  return name;
}

function termKind(term: Term): string {
  if (term.kind !== 'scalar') return term.kind === 'comprehension' ? `${term.collect}comprehension` : term.kind;
  if (term.value === null) return 'null';
  return typeof term.value === 'object' ? 'number' : typeof term.value;
}

function parseBodyOf(cursor: Cursor, start: Token, head: RuleHead, strict: boolean, bare: boolean): UnfinishedRule {
  if (cursor.acceptKeyword('if')) {
    return { head, body: parseIfBody(cursor), hasBody: true, usesIf: true };
  }
  if (cursor.at('{')) {
    if (strict && cursor.peek(1).text !== '}') reportMissingIf(cursor, start, head);
    cursor.take();
    return { head, body: parseBody(cursor, '}'), hasBody: true, usesIf: head.key !== undefined };
  }
  if (cursor.atKeyword('with')) cursor.fail('expressions using with keyword cannot be used for rule head', start);
  if (bare) failBare(cursor, start, head, strict);
  if (cursor.at(';')) cursor.fail('multiple expressions cannot be used for rule head', start);
  return { head, body: [termExpr(scalar(true, head.location))], hasBody: false, usesIf: head.key !== undefined };
}

function reportNoIf(cursor: Cursor, at: Token, head: RuleHead): void {
  const what = head.args === undefined ? 'rule' : 'function';
  cursor.report(`\`if\` keyword is required before ${what} body`, at, IF_HINT);
}

/** A body without `if`, and a head that only in Rego v0 is that of a set; neither keeps the rest from being read. */
function reportMissingIf(cursor: Cursor, at: Token, head: RuleHead): void {
  reportNoIf(cursor, at, head);
  if (legacyHead(head) !== head) cursor.report(CONTAINS_REQUIRED, at, IF_HINT);
}

const COMPUTES = /^(?:[+\-*/%&|<>]|[=!<>]=)$/;

const KEYWORD_USES: Readonly<Record<string, string>> = { contains: 'p contains x', if: 'p if { ... }' };

/** The message for a name that stands alone; beside a word that could be a keyword it tells the import for that. */
function namesNoRule(cursor: Cursor, start: Token): string {
  const word = [cursor.token, start].map(({ text }) => text).find((text) => Object.hasOwn(KEYWORD_USES, text));
  const message = 'var cannot be used for rule name';
  if (word === undefined || cursor.keywords.has(word)) return message;
  return `${message} (hint: \`import future.keywords.${word}\` for \`${KEYWORD_USES[word]}\` rules)`;
}

/** Refuses a head that says nothing of a value; a function without one is `true` for its arguments. */
function failBare(cursor: Cursor, start: Token, head: RuleHead, strict: boolean): void {
  if (cursor.atKeyword('else')) cursor.unexpected();
  const next = cursor.token;
  if (next.kind === 'punctuation' && next.row === start.row && COMPUTES.test(next.text)) {
    cursor.fail('rule name conflicts with built-in function', start);
  }
  if (head.args !== undefined) return;
  const single = head.ref.terms.length === 1;
  if (!strict && !single) return;
  if (next.kind === 'illegal' || cursor.at(':') || cursor.at(',')) cursor.unexpected();
  if (single || (next.kind !== 'eof' && next.row === start.row)) {
    const missing = hintForMissingKeyword(cursor);
    // What follows on the line is read as further rules.
    if (single || missing !== undefined) {
      cursor.report(namesNoRule(cursor, start), start, missing);
      return;
    }
  }
  if (head.ref.terms.length === 2) {
    cursor.fail(CONTAINS_REQUIRED, start, IF_HINT);
  }
  cursor.fail('rule must have value assignment and/or body declaration', start, hintForMissingKeyword(cursor));
}

function hintForMissingKeyword(cursor: Cursor): string | undefined {
  const { kind, text } = cursor.token;
  if (kind !== 'ident' || cursor.keywords.has(text)) return undefined;
  if (text !== 'if' && text !== 'contains') return undefined;
  return `add \`import rego.v1\` (or \`import future.keywords.${text}\`) for the \`${text}\` keyword`;
}

/** Parses what stands after `if`: a body in braces, or one expression. */
export function parseIfBody(cursor: Cursor): Body {
  if (!cursor.at('{')) return [parseExpr(cursor)];
  if (bracesAreOperand(cursor) || bracesAreComprehension(cursor)) return [parseExpr(cursor)];
  const mark = cursor.mark();
  const depth = cursor.depth;
  try {
    cursor.take();
    return parseBody(cursor, '}');
  } catch (error) {
    if (!(error instanceof RegoError) || cursor.exhausted) throw error;
    cursor.restore(mark);
    cursor.depth = depth;
    const literal = attempt(cursor, () => parseExpr(cursor));
    // A set on its own is no condition: `if {1, 2}` is a body that is wrong.
    if (literal === undefined || (literal.kind === 'term' && literal.term.kind === 'set')) throw error;
    return [literal];
  }
}

/** Whether the braces here hold a set comprehension: `{a | b}` is one, even where a body with a union could be. */
function bracesAreComprehension(cursor: Cursor): boolean {
  const mark = cursor.mark();
  cursor.take();
  if (beginsExpression(cursor)) {
    cursor.restore(mark);
    return false;
  }
  const found = attempt(cursor, () => {
    parseOperand(cursor);
    return cursor.accept('|') && parseBody(cursor, '}').length > 0;
  });
  cursor.restore(mark);
  return found === true;
}

/** Whether a word stands here with which expressions begin and terms do not. */
function beginsExpression(cursor: Cursor): boolean {
  if (!cursor.peek(1).spaced) return false;
  return cursor.atKeyword('some') || cursor.atKeyword('not') || cursor.atKeyword('every');
}

/** Whether the braces here begin a term or an operand that goes on after them. */
function bracesAreOperand(cursor: Cursor): boolean {
  const { close, after } = cursor.tokenAfterBraces();
  if (after.text === 'and' || after.text === 'or') return cursor.keywords.has(after.text);
  if (after.row !== close.row) return false;
  if (after.text === 'in') return cursor.keywords.has('in');
  return after.kind === 'punctuation' && INFIX.test(after.text);
}

/** In v0 `p[x] { … }` and `p.x { … }` without a value add a member to a set. */
function legacyHead(head: RuleHead): RuleHead {
  if (head.key !== undefined || head.value !== undefined || head.args !== undefined) return head;
  if (head.ref.terms.length !== 2) return head;
  const [name, key] = head.ref.terms as [Term, Term];
  const ref: RefTerm = { kind: 'ref', terms: [name], location: head.ref.location };
  return { ref, key, assign: false, location: head.location };
}

/** Parses every `else` of a rule; there may be thousands, so none is inside another here. */
function parseElse(cursor: Cursor, rule: UnfinishedRule, strict: boolean): Rule | undefined {
  const branches: { readonly branch: UnfinishedRule; readonly start: Token }[] = [];
  for (let last = rule; last.hasBody && cursor.atKeyword('else'); last = branches.at(-1)!.branch) {
    branches.push(parseBranch(cursor, rule, strict));
  }
  if (branches.length === 0 && cursor.atKeyword('else')) cursor.unexpected();
  let made: Rule | undefined;
  for (let index = branches.length - 1; index >= 0; index--) {
    const { branch, start } = branches[index]!;
    made = toRule(branch, made, cursor, start);
  }
  return made;
}

function parseBranch(cursor: Cursor, rule: UnfinishedRule, strict: boolean): { branch: UnfinishedRule; start: Token } {
  const start = cursor.take();
  const { head } = rule;
  const steps = head.ref.terms.slice(1);
  if (steps.some(({ kind }) => kind === 'var')) {
    cursor.fail('else keyword cannot be used on rules with variables in head', start);
  }
  if (head.key !== undefined || steps.some(({ kind }) => kind === 'ref')) {
    cursor.fail('else keyword cannot be used on multi-value rules', start);
  }
  const assign = cursor.at(':=');
  let value: Term | undefined;
  if (assign || cursor.at('=')) {
    cursor.take();
    value = parseTerm(cursor);
  }
  const elseHead: RuleHead = { ref: head.ref, args: head.args, value, assign, location: cursor.locationFrom(start) };
  let next: UnfinishedRule;
  if (cursor.at('{') && strict) reportNoIf(cursor, start, head);
  if (cursor.acceptKeyword('if')) {
    if (cursor.ended) cursor.unexpected('rule body expected');
    // After `else`, braces always hold a body.
    const body = cursor.accept('{') ? parseBody(cursor, '}') : parseIfBody(cursor);
    next = { head: elseHead, body, hasBody: true, usesIf: true };
  } else if (cursor.accept('{')) {
    next = { head: elseHead, body: parseBody(cursor, '}'), hasBody: true, usesIf: false };
  } else {
    if (value === undefined) cursor.unexpected(`expected else value term or rule body`);
    const body = [termExpr(scalar(true, elseHead.location))];
    next = { head: elseHead, body, hasBody: false, usesIf: false };
  }
  return { branch: next, start };
}

function parseDefault(cursor: Cursor, start: Token): Rule {
  const parsed = parseHead(cursor, true);
  const at = start;
  const isPlain = parsed.head.ref.terms.length === 1;
  const value = parsed.bare && isPlain ? scalar(true, parsed.head.location) : parsed.head.value;
  if (value === undefined) cursor.fail('illegal default rule (must have a value)', at);
  const head: RuleHead = { ...parsed.head, value };
  const bad = nonConstant(value);
  if (bad !== undefined) cursor.fail(`illegal default rule (value cannot contain ${bad})`, at);
  for (const arg of head.args ?? []) {
    if (arg.kind !== 'var') cursor.fail(`illegal default rule (arguments cannot contain ${termKind(arg)})`, at);
  }
  const names = (head.args ?? []).map((arg) => (arg as { name: string }).name).filter((name) => name !== '_');
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) cursor.fail(`illegal default rule (arguments cannot be repeated ${repeated})`, at);
  if (cursor.atKeyword('if')) cursor.unexpected();
  const body = [termExpr(scalar(true, head.location))];
  return { head, body, hasBody: false, isDefault: true, location: cursor.locationFrom(start) };
}

/** The kind of the first part of a term that is not constant; comprehensions count as constant. */
function nonConstant(term: Term): string | undefined {
  switch (term.kind) {
    case 'var':
    case 'ref':
    case 'call':
      return term.kind;
    case 'array':
    case 'set':
      return term.items.map(nonConstant).find((kind) => kind !== undefined);
    case 'object':
      return term.entries
        .flat()
        .map(nonConstant)
        .find((kind) => kind !== undefined);
    default:
      return undefined;
  }
}
