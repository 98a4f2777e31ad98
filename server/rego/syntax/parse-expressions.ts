/** Parses expressions and bodies: `some`, `every`, `not`, `and`, `or`, `with`, `=` and `:=`. */
import { RegoError } from '../errors.ts';
import type { Body, CallExpr, Expr, LogicOperand, Term, TermExpr, VarTerm, With } from './ast.ts';
import { callAsExpr, callExpr, dottedName, termExpr, variable } from './build.ts';
import type { Cursor } from './cursor.ts';
import { asRef, attempt, parseTerm } from './parse-terms.ts';
import type { Token } from './tokens.ts';

type LogicOperator = 'and' | 'or';

const LOGIC_WORDS: ReadonlySet<string> = new Set(['and', 'or']);
/** Signs that would make a term of braces go on. */
export const INFIX = /^(?:[+\-*/%&|<>]|[=!<>]=|:?=|[.[])$/;

/** Parses expressions up to the closing sign, which is taken. Fails when there is none. */
export function parseBody(cursor: Cursor, close: string): Body {
  const body: Expr[] = [];
  if (cursor.at(close)) cursor.fail('found empty body', cursor.token);
  for (;;) {
    if (body.length > 0 && cursor.accept(close)) return body;
    body.push(parseExpr(cursor));
    if (cursor.at(close) || cursor.accept(';')) {
      // After a semicolon another expression must follow.
      if (cursor.previous.text === ';' && cursor.at(close)) cursor.unexpected();
      continue;
    }
    if (cursor.ended) cursor.unexpected();
    if (cursor.token.kind === 'eof' || cursor.token.row === cursor.previous.endRow) {
      const { text } = cursor.token;
      const hint = cursor.keywords.has(text) ? undefined : keywordHint(text);
      cursor.unexpected(`expected \\n or ; or ${close}${hint === undefined ? '' : ` (hint: ${hint})`}`);
    }
  }
}

/** The import that a word needs to be the keyword it looks like. */
function keywordHint(word: string): string | undefined {
  if (word === 'in') return '`import future.keywords.in` for `x in xs` expressions';
  if (word === 'and' || word === 'or') return `\`import future.keywords.${word}\` for \`x ${word} y\` expressions`;
  return undefined;
}

/** Parses one expression with its `with` modifiers. */
export function parseExpr(cursor: Cursor): Expr {
  cursor.enter();
  const expr = cursor.atKeyword('some')
    ? parseSome(cursor)
    : cursor.atKeyword('every')
      ? parseEvery(cursor)
      : parseLogic(cursor);
  const modified = expr.kind !== 'some-decl' && cursor.atKeyword('with') ? withModifiers(cursor, expr) : expr;
  cursor.depth--;
  return modified;
}

function withModifiers(cursor: Cursor, expr: Expr): Expr {
  const modifiers: With[] = [];
  while (cursor.atKeyword('with')) {
    const start = cursor.take();
    if (cursor.token.kind !== 'ident') cursor.unexpected('expected ident');
    const target = asRef(parseTerm(cursor, false));
    if (target === undefined) cursor.unexpected('expected with target path');
    if (!cursor.acceptKeyword('as')) cursor.unexpected('expected as keyword');
    const value = parseTerm(cursor);
    modifiers.push({ target, value, location: cursor.locationFrom(start) });
  }
  for (const word of ['and', 'or']) {
    if (cursor.atKeyword(word)) {
      cursor.failAt(
        `\`with\` modifier is not allowed on operand of \`${word}\``,
        modifiers[0]!.location,
        `wrap the operand in (...) or {...}, or move \`with\` after the \`${word}\` expression`,
      );
    }
  }
  return { ...expr, with: modifiers };
}

/** What stands beside `and` and `or`: an expression, or a body in braces or parentheses with a scope of its own. */
type Side = Expr | LogicOperand;

function parseLogic(cursor: Cursor): Expr {
  const start = cursor.token;
  const hasLogic = cursor.keywords.has('and') || cursor.keywords.has('or');
  const side = hasLogic ? parseOr(cursor) : parseUnary(cursor);
  if (!isOperand(side)) return side;
  return side.body.length === 1 ? side.body[0]! : cursor.fail('a body in braces needs `and` or `or` beside it', start);
}

function parseOr(cursor: Cursor): Side {
  return parseChain(
    cursor,
    'or',
    (follows) => parseChain(cursor, 'and', (inner) => parseSide(cursor, inner), follows),
    undefined,
  );
}

/** Parses operands joined by one operator; `follows` is the operator right before, if any. */
function parseChain(
  cursor: Cursor,
  operator: LogicOperator,
  parseOne: (follows: LogicOperator | undefined) => Side,
  follows: LogicOperator | undefined,
): Side {
  const start = cursor.token;
  let left = parseOne(follows);
  while (cursor.acceptKeyword(operator)) {
    if (start.text === '{' && !isOperand(left) && left.kind !== 'logic') failValueInBraces(cursor, operator, start);
    const right = toOperand(cursor, operator, parseOne(operator));
    const location = cursor.locationFrom(start);
    left = { kind: 'logic', operator, left: toOperand(cursor, operator, left), right, with: [], location };
  }
  return left;
}

function isOperand(side: Side): side is LogicOperand {
  return !('kind' in side);
}

function toOperand(cursor: Cursor, operator: LogicOperator, side: Side): LogicOperand {
  if (isOperand(side)) return side;
  if (side.kind === 'call' && dottedName(side.operator) === 'print') {
    cursor.failAt(
      `operand of \`${operator}\` cannot consist only of calls to \`print\``,
      side.location,
      '`print` always succeeds; move it out of the operand, or add an expression that can fail',
    );
  }
  return { body: [side], braced: false, location: side.location };
}

function parseSide(cursor: Cursor, follows: LogicOperator | undefined): Side {
  if (!cursor.at('{')) return parseUnary(cursor);
  const { after } = cursor.tokenAfterBraces();
  const leads = after.kind === 'ident' && LOGIC_WORDS.has(after.text) && cursor.keywords.has(after.text);
  if (!leads && follows === undefined) return parseUnary(cursor);
  if (follows !== undefined && (INFIX.test(after.text) || after.text === 'in')) {
    failValueInBraces(cursor, follows, cursor.token);
  }
  return parseBracedOperand(cursor);
}

function failValueInBraces(cursor: Cursor, operator: LogicOperator, at: Token): never {
  cursor.fail(
    `operand of \`${operator}\` cannot begin with \`{\` unless the braces hold a body`,
    at,
    'wrap the operand in parentheses to keep the value',
  );
}

function parseBracedOperand(cursor: Cursor): LogicOperand {
  const start = cursor.take();
  const body = parseBody(cursor, '}');
  return { body, braced: true, location: cursor.locationFrom(start) };
}

function parseUnary(cursor: Cursor): Side {
  if (cursor.atKeyword('not')) return parseNot(cursor);
  return parseGroup(cursor) ?? parsePlain(cursor);
}

/** Parses `(a or b)` and `(a with …)`; undefined, with nothing taken, when the parentheses hold a term. */
function parseGroup(cursor: Cursor): Side | undefined {
  if (!cursor.at('(') || !(cursor.keywords.has('and') || cursor.keywords.has('or'))) return undefined;
  const mark = cursor.mark();
  const start = cursor.take();
  const inner = attempt(cursor, () => parseExpr(cursor));
  const groups = inner !== undefined && (inner.kind === 'logic' || inner.kind === 'not' || inner.with.length > 0);
  if (!groups || !cursor.accept(')')) {
    cursor.restore(mark);
    return undefined;
  }
  if (inner.kind === 'logic' && inner.with.length === 0) return { ...inner, grouped: true };
  return { body: [inner], braced: true, location: cursor.locationFrom(start) };
}

function parseNot(cursor: Cursor): Expr {
  const start = cursor.take();
  for (const word of ['every', 'some', 'not']) {
    if (cursor.atKeyword(word)) cursor.unexpected(word === 'not' ? undefined : `illegal negation of '${word}'`);
  }
  if (!cursor.wholeNegation) {
    return { ...parsePlain(cursor), negated: true, location: cursor.locationFrom(start) };
  }
  const braced = cursor.at('{');
  const side = braced ? parseBracedOperand(cursor) : (parseGroup(cursor) ?? parsePlain(cursor));
  const location = cursor.locationFrom(start);
  const body = isOperand(side) ? side.body : [{ ...side, location }];
  return { kind: 'not', body, braced, with: [], location };
}

function parsePlain(cursor: Cursor): TermExpr | CallExpr {
  const start = cursor.token;
  const left = parseTerm(cursor);
  const assigns = cursor.at(':=');
  if (assigns || cursor.at('=')) {
    const sign = cursor.take().text;
    const right = parseTerm(cursor);
    return callExpr(assigns ? 'assign' : 'eq', [left, right], cursor.locationFrom(start), sign);
  }
  const location = cursor.locationFrom(start);
  return left.kind === 'call' ? callAsExpr(left, location) : termExpr(left, location);
}

/** Runs a parse that may fail without telling why; on failure the result is undefined. */
function quietly<Result>(cursor: Cursor, parse: () => Result): Result | undefined {
  const { depth } = cursor;
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RegoError) || cursor.exhausted) throw error;
    cursor.depth = depth;
    return undefined;
  }
}

function parseSome(cursor: Cursor): Expr {
  const start = cursor.take();
  const mark = cursor.mark();
  const first = quietly(cursor, () => parseTerm(cursor));
  if (first?.kind === 'call' && first.infix === 'in') {
    const location = cursor.locationFrom(start);
    const domain = first.args.at(-1)!;
    const value = first.args.at(-2)!;
    const key = first.args.length === 3 ? first.args[0] : undefined;
    return { kind: 'some-in', key, value, domain, with: [], location };
  }
  cursor.restore(mark);
  const vars: VarTerm[] = [];
  do {
    const token = cursor.token;
    if (!cursor.atName()) cursor.unexpected('expected var');
    cursor.take();
    vars.push(variable(token.text, cursor.locationOf(token)));
  } while (cursor.accept(','));
  return { kind: 'some-decl', vars, with: [], location: cursor.locationFrom(start) };
}

/** As OPA does, reads `x in xs` as a membership and only then looks at what its sides are. */
function parseEvery(cursor: Cursor): Expr {
  const start = cursor.take();
  const over = parseTerm(cursor);
  if (over.kind !== 'call' || over.infix !== 'in') cursor.unexpected('expected `x[, y] in xs { ... }` expression');
  const nameOf = (term: Term, what: string): VarTerm =>
    term.kind === 'var' ? term : cursor.unexpected(`expected ${what} to be a variable`);
  const key = over.args.length === 3 ? nameOf(over.args[0]!, 'key') : undefined;
  const value = nameOf(over.args.at(-2)!, 'value');
  if (!cursor.accept('{')) cursor.unexpected('missing body');
  const body = parseBody(cursor, '}');
  const location = cursor.locationFrom(start);
  return { kind: 'every', key, value, domain: over.args.at(-1)!, body, negated: false, with: [], location };
}
