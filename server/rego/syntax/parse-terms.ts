/** Parses terms: constants, references, calls, collections, comprehensions, infix operators, template strings. */
import { RegoError } from '../errors.ts';
import { parseNumber, typeName } from '../values.ts';
import type { Body, Expr, RefTerm, ScalarTerm, Term } from './ast.ts';
import { callTerm, scalar, variable } from './build.ts';
import { Cursor } from './cursor.ts';
import { parseBody, parseExpr } from './parse-expressions.ts';
import type { Token } from './tokens.ts';

/** Operators from the loosest to the tightest, each with the built-in it stands for. */
const LEVELS: readonly Readonly<Record<string, string>>[] = [
  { '==': 'equal', '!=': 'neq', '<': 'lt', '>': 'gt', '<=': 'lte', '>=': 'gte' },
  { '|': 'or' },
  { '&': 'and' },
  { '+': 'plus', '-': 'minus' },
  { '*': 'mul', '/': 'div', '%': 'rem' },
];

const OPERATORS: ReadonlyMap<string, { readonly name: string; readonly level: number }> = new Map(
  LEVELS.flatMap((signs, level) => Object.entries(signs).map(([sign, name]) => [sign, { name, level }] as const)),
);

/** An operand that was parsed already, and the token it began with. */
interface Begun {
  readonly operand: Term;
  readonly start: Token;
}

/** Parses a term with infix operators; with `pairs`, also `key, value in domain`. */
export function parseTerm(cursor: Cursor, pairs = true, begun?: Begun): Term {
  cursor.enter();
  const start = begun?.start ?? cursor.token;
  let term = parseLevel(cursor, 0, begun);
  if (pairs && cursor.at(',')) term = parsePairMember(cursor, term, start) ?? term;
  while (cursor.acceptKeyword('in')) {
    cursor.endWanting();
    const domain = parseLevel(cursor, 0);
    term = callTerm('internal.member_2', [term, domain], cursor.locationFrom(start), 'in');
  }
  cursor.depth--;
  return term;
}

/** Parses `, value in domain` after a key; undefined, with nothing taken, when it is something else. */
function parsePairMember(cursor: Cursor, key: Term, start: Token): Term | undefined {
  if (!cursor.keywords.has('in')) return undefined;
  const mark = cursor.mark();
  cursor.take();
  const value = attempt(cursor, () => parseLevel(cursor, 0));
  if (value === undefined || !cursor.acceptKeyword('in')) {
    cursor.restore(mark);
    return undefined;
  }
  const domain = parseLevel(cursor, 0);
  return callTerm('internal.member_3', [key, value, domain], cursor.locationFrom(start), 'in');
}

/** Runs a parse that may fail; on failure nothing is taken and the result is undefined. */
export function attempt<Result>(cursor: Cursor, parse: () => Result): Result | undefined {
  const mark = cursor.mark();
  const depth = cursor.depth;
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RegoError) || cursor.exhausted) throw error;
    cursor.noteFailure(error);
    cursor.restore(mark);
    cursor.depth = depth;
    return undefined;
  }
}

/** Parses operands joined by operators of this level and of tighter ones. */
function parseLevel(cursor: Cursor, level: number, begun?: Begun): Term {
  const start = begun?.start ?? cursor.token;
  let left = begun?.operand ?? parseOperand(cursor);
  for (;;) {
    const operator = cursor.token.kind === 'punctuation' ? OPERATORS.get(cursor.token.text) : undefined;
    if (operator === undefined || operator.level < level) return left;
    const sign = cursor.take().text;
    cursor.endWanting();
    const right = parseLevel(cursor, operator.level + 1);
    left = callTerm(operator.name, [left, right], cursor.locationFrom(start), sign);
  }
}

/** Parses one operand: a constant, a name with its steps, a collection, a parenthesised term. */
export function parseOperand(cursor: Cursor): Term {
  cursor.enter();
  const operand = parseToken(cursor, cursor.token);
  cursor.depth--;
  return operand;
}

function parseToken(cursor: Cursor, token: Token): Term {
  switch (token.kind) {
    case 'number':
      cursor.take();
      return scalar(parseNumber(token.text), cursor.locationOf(token));
    case 'string':
    case 'raw-string':
      return finishConstant(cursor, scalar(cursor.take().value as string, cursor.locationOf(token)), 'string');
    case 'template':
      return parseTemplate(cursor);
    case 'ident':
      return parseWord(cursor);
    default:
      return parseSign(cursor, token);
  }
}

function finishConstant(cursor: Cursor, term: ScalarTerm, what: string): Term {
  if (!cursor.token.spaced && (cursor.at('.') || cursor.at('[') || cursor.at('('))) {
    cursor.failAt(`illegal ref (head cannot be ${what})`, term.location);
  }
  return term;
}

function parseWord(cursor: Cursor): Term {
  const token = cursor.token;
  if (cursor.atKeyword('true') || cursor.atKeyword('false')) {
    cursor.take();
    return scalar(token.text === 'true', cursor.locationOf(token));
  }
  if (cursor.atKeyword('null')) {
    cursor.take();
    return scalar(null, cursor.locationOf(token));
  }
  const next = cursor.peek(1);
  const continues =
    next.kind === 'punctuation' && !next.spaced && (next.text === '.' || next.text === '(' || next.text === '[');
  // Keywords of v1 may begin a reference or a call (`contains("a", "b")`, `if.x`); the base words may too.
  if (!cursor.atName() && !continues) cursor.unexpected();
  if (token.text === 'set' && next.text === '(' && continues && cursor.peek(2).text === ')') {
    for (let count = 0; count < 3; count++) cursor.take();
    return { kind: 'set', items: [], location: cursor.locationFrom(token) };
  }
  cursor.take();
  const head = variable(token.text, cursor.locationOf(token));
  const term = parseSteps(cursor, head, token);
  if (term === head && (token.text === 'input' || token.text === 'data')) {
    return { kind: 'ref', terms: [head], location: head.location };
  }
  return term;
}

function parseSign(cursor: Cursor, token: Token): Term {
  switch (token.text) {
    case '-':
      return parseMinus(cursor, token);
    case '(': {
      cursor.take();
      const inner = parseTerm(cursor);
      if (!cursor.at(')')) cursor.fail('non-terminated expression', cursor.token);
      cursor.take();
      if (
        (inner.kind === 'ref' || inner.kind === 'scalar') &&
        !cursor.token.spaced &&
        (cursor.at('.') || cursor.at('['))
      ) {
        const kind = inner.kind === 'ref' ? 'ref' : typeName(inner.value);
        cursor.failAt(`illegal ref (head cannot be ${kind})`, inner.location);
      }
      return parseSteps(cursor, inner, token);
    }
    case '[':
      return parseSteps(cursor, parseArray(cursor), token);
    case '{':
      return parseSteps(cursor, parseBraces(cursor), token);
    default:
      cursor.unexpected();
  }
}

function parseMinus(cursor: Cursor, sign: Token): Term {
  cursor.take();
  const token = cursor.token;
  if (token.kind === 'number') {
    cursor.take();
    return scalar(parseNumber(`-${token.text}`), cursor.locationFrom(sign));
  }
  if (!cursor.atName()) cursor.unexpected('expected number');
  const operand = parseWord(cursor);
  const location = cursor.locationFrom(sign);
  return callTerm('minus', [scalar(0, location), operand], location, 'unary -');
}

/** Parses the steps after a head: `.name`, `[term]`, `(args)`; they must follow without white space. */
function parseSteps(cursor: Cursor, head: Term, start: Token): Term {
  let term = head;
  // The terms of the reference that grows; it is made once, so that a long one takes no longer per step.
  let terms: Term[] | undefined;
  const finished = (): Term =>
    terms === undefined ? term : { kind: 'ref', terms, location: cursor.locationFrom(start) };
  while (!cursor.token.spaced) {
    if (cursor.at('.')) {
      cursor.take();
      const name = cursor.token;
      if (name.spaced && cursor.source.text.length > cursor.previous.end) {
        cursor.failAt('unexpected whitespace token: expected identifier', cursor.whiteSpace());
      }
      if (name.kind !== 'ident') cursor.unexpected('expected identifier');
      cursor.take();
      terms ??= stepsOf(term);
      terms.push(scalar(name.text, cursor.locationOf(name)));
    } else if (cursor.at('[')) {
      cursor.take();
      const step = parseTerm(cursor);
      if (!cursor.accept(']')) cursor.unexpected('expected [');
      terms ??= stepsOf(term);
      terms.push(step);
    } else if (cursor.at('(')) {
      const called = finished();
      if (!isName(called)) break;
      const operator = called.kind === 'ref' ? called : toRef(called);
      cursor.take();
      term = { kind: 'call', operator, args: parseList(cursor, ')'), location: cursor.locationFrom(start) };
      terms = undefined;
    } else break;
  }
  return finished();
}

function stepsOf(term: Term): Term[] {
  return term.kind === 'ref' ? [...term.terms] : [term];
}

function toRef(term: Term): RefTerm {
  return { kind: 'ref', terms: [term], location: term.location };
}

function isName(term: Term): boolean {
  if (term.kind === 'var') return true;
  return (
    term.kind === 'ref' &&
    term.terms.every((step, index) => (index === 0 ? step.kind === 'var' : step.kind === 'scalar'))
  );
}

/** Parses terms separated by commas up to the closing sign, which is taken; a trailing comma is allowed. */
export function parseList(cursor: Cursor, close: string, begun?: Begun): Term[] {
  const items: Term[] = [];
  while ((begun !== undefined && items.length === 0) || !cursor.accept(close)) {
    items.push(parseTerm(cursor, false, items.length === 0 ? begun : undefined));
    if (!cursor.accept(',') && !cursor.at(close)) cursor.unexpected(`expected "," or "${close}"`);
  }
  return items;
}

/** Parses `| body close` after the term of a comprehension; undefined, with nothing taken, when it is none. */
function parseComprehensionBody(cursor: Cursor, close: string): Body | undefined {
  if (!cursor.at('|')) return undefined;
  const next = cursor.peek(1);
  if (next.kind === 'punctuation' && next.text === close) cursor.fail('found empty body', next);
  return attempt(cursor, () => {
    cursor.take();
    return parseBody(cursor, close);
  });
}

/** Parses the first operand of a collection, and the body when it is the term of a comprehension. */
function parseFirst(cursor: Cursor, close: string): { begun: Begun; body: Body | undefined } {
  const start = cursor.token;
  const operand = parseOperand(cursor);
  return { begun: { operand, start }, body: parseComprehensionBody(cursor, close) };
}

function parseArray(cursor: Cursor): Term {
  const start = cursor.take();
  if (cursor.accept(',') && cursor.at(']')) cursor.unexpected();
  if (cursor.previous.text === ',' || cursor.at(']')) {
    return { kind: 'array', items: parseList(cursor, ']'), location: cursor.locationFrom(start) };
  }
  const { begun, body } = parseFirst(cursor, ']');
  if (body !== undefined) {
    const location = cursor.locationFrom(start);
    return { kind: 'comprehension', collect: 'array', term: begun.operand, body, location };
  }
  return { kind: 'array', items: parseList(cursor, ']', begun), location: cursor.locationFrom(start) };
}

function parseBraces(cursor: Cursor): Term {
  const start = cursor.take();
  if (cursor.accept('}')) return { kind: 'object', entries: [], location: cursor.locationFrom(start) };
  cursor.accept(',');
  const { begun, body } = parseFirst(cursor, '}');
  if (body !== undefined) {
    const location = cursor.locationFrom(start);
    return { kind: 'comprehension', collect: 'set', term: begun.operand, body, location };
  }
  const first = parseTerm(cursor, false, begun);
  if (cursor.at(':')) return parseObject(cursor, first, start);
  const items = [first];
  while (!cursor.accept('}')) {
    if (!cursor.accept(',')) cursor.unexpected(items.length === 1 ? 'non-terminated set' : 'expected "," or "}"');
    if (cursor.accept('}')) break;
    items.push(parseTerm(cursor, false));
  }
  return { kind: 'set', items, location: cursor.locationFrom(start) };
}

function parseObject(cursor: Cursor, firstKey: Term, start: Token): Term {
  cursor.take();
  const { begun, body } = parseFirst(cursor, '}');
  if (body !== undefined) {
    const location = cursor.locationFrom(start);
    return { kind: 'comprehension', collect: 'object', key: firstKey, term: begun.operand, body, location };
  }
  const entries: [Term, Term][] = [[firstKey, parseTerm(cursor, false, begun)]];
  while (!cursor.accept('}')) {
    if (!cursor.accept(',')) cursor.unexpected(entries.length === 1 ? 'non-terminated object' : 'expected "," or "}"');
    if (cursor.accept('}')) break;
    const key = parseTerm(cursor, false);
    if (!cursor.accept(':')) cursor.unexpected('expected ":"');
    entries.push([key, parseTerm(cursor, false)]);
  }
  return { kind: 'object', entries, location: cursor.locationFrom(start) };
}

function parseTemplate(cursor: Cursor): Term {
  const token = cursor.take();
  const parts = (token.parts ?? []).map((part) => (typeof part === 'string' ? part : parsePart(cursor, part)));
  return { kind: 'template', raw: token.text[1] === '`', parts, location: cursor.locationOf(token) };
}

function parsePart(outer: Cursor, tokens: readonly Token[]): Expr {
  const cursor = new Cursor(outer.source, tokens, outer.keywords);
  cursor.depth = outer.depth;
  cursor.wholeNegation = outer.wholeNegation;
  if (cursor.token.kind === 'eof') cursor.fail('invalid template string expression: empty expression', cursor.token);
  const expr = parseExpr(cursor);
  if (cursor.token.kind !== 'eof') cursor.fail('expected } to end template string expression', cursor.token);
  if (expr.kind === 'term' && !expr.negated) return expr;
  if (expr.kind === 'call' && !expr.negated && expr.infix !== '=' && expr.infix !== ':=') return expr;
  return cursor.failAt(`unexpected ${expressionKind(expr)} in template-string expression`, expr.location);
}

/** What an expression is that no template string can show, in OPA's words. */
function expressionKind(expr: Expr): string {
  if (expr.kind === 'some-decl' || expr.kind === 'some-in') return "'some'";
  if (expr.kind === 'every') return "'every'";
  if (expr.kind === 'not' || ('negated' in expr && expr.negated)) return "negation ('not')";
  if (expr.kind !== 'call') return `'${expr.kind}'`;
  return expr.infix === ':=' ? "assignment (':=')" : "unification ('=')";
}

/** The reference a rule name or `with` target is written as. */
export function asRef(term: Term): RefTerm | undefined {
  if (term.kind === 'ref') return term;
  return term.kind === 'var' ? toRef(term) : undefined;
}
