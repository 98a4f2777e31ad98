/** Answers queries as `opa eval` shows them: what each expression of the query gave, and the variables. */
import { lookup } from '../builtins/registry.ts';
import { walkBody } from '../compile/walk.ts';
import { RegoError, RegoErrors } from '../errors.ts';
import type { EvaluateOptions, Policy, PreparedQuery } from '../policy.ts';
import type { Body, Expr, Module, RefTerm, Term } from '../syntax/ast.ts';
import { type ParseOptions, parseQuery } from '../syntax/parser.ts';
import type { Value } from '../values.ts';

/** One expression of a query with its value; true where it has none of its own. Rows and columns count from 1. */
export interface ExpressionResult {
  readonly value: Value;
  readonly text: string;
  readonly location: { readonly row: number; readonly col: number };
}

/** One result of a query. */
export interface QueryRow {
  readonly expressions: readonly ExpressionResult[];
  /** The variables of the query by name; empty when it has none. */
  readonly bindings: ReadonlyMap<string, Value>;
}

/** A query whose results can be asked many times. */
export interface PreparedRows {
  /** Every result, in order. Throws RegoError (`eval_…`) when the evaluation fails. */
  rows(options?: EvaluateOptions): QueryRow[];
}

/** Names in front of which no query can have a variable. */
const CAPTURE = 'capture:';

/** Compiles the query so that the value of each of its expressions is kept. Throws RegoErrors when it has errors. */
export function prepareRows(
  policy: Policy,
  query: string,
  options: ParseOptions & { module?: Module } = {},
): PreparedRows {
  const body = parse(query, options);
  const prepared = prepareCaptured(policy, body, options.module);
  return {
    rows: (given) =>
      prepared.results(given).map((found) => ({
        expressions: body.map((expr, index) => ({
          value: found.get(`${CAPTURE}${index}`) ?? (found.has(`${CAPTURE}${index}`) ? null : true),
          text: textOf(expr, query),
          location: { row: expr.location.row, col: expr.location.column },
        })),
        bindings: new Map([...found].filter(([name]) => !name.startsWith(CAPTURE))),
      })),
  };
}

/** What is wrong with the query is told of the query as it was written. */
function prepareCaptured(policy: Policy, body: Body, module: Module | undefined): PreparedQuery {
  try {
    return policy.prepareBody(captureValues(body, policy), module);
  } catch (error) {
    policy.prepareBody(body, module);
    throw error;
  }
}

/** The expression as written, with its `with` modifiers. */
function textOf(expr: Expr, query: string): string {
  const last = expr.with.at(-1)?.value.location ?? expr.location;
  return query.slice(expr.location.offset, last.offset + last.text.length);
}

function parse(query: string, options: ParseOptions): Body {
  try {
    return parseQuery('', query, options);
  } catch (error) {
    if (error instanceof RegoError) throw new RegoErrors([error]);
    throw error;
  }
}

/**
 * Assigns the value of each expression that has one to a variable. Where the query has several results or expressions,
 * a false one ends it; a single false one is shown instead.
 */
function captureValues(body: Body, policy: Policy): Body {
  const mustHold = body.length > 1 || iterates(body);
  const checks: Expr[] = [];
  const captured = body.map((expr, index) => {
    const term = valueTerm(expr, policy);
    if (term === undefined) return expr;
    const { location } = expr;
    const variable: Term = { kind: 'var', name: `${CAPTURE}${index}`, location };
    if (mustHold) checks.push({ kind: 'term', negated: false, term: variable, with: [], location });
    const operator: RefTerm = { kind: 'ref', terms: [{ kind: 'var', name: 'eq', location }], location };
    return { kind: 'call', negated: false, operator, args: [variable, term], with: expr.with, location } as const;
  });
  return [...captured, ...checks];
}

/** The expression as a term, when it has a value that can be shown. */
function valueTerm(expr: Expr, policy: Policy): Term | undefined {
  if (expr.kind === 'term') return expr.negated ? undefined : expr.term;
  if (expr.kind !== 'call' || expr.negated) return undefined;
  const { operator, args, infix, location } = expr;
  const name = operator.location.text;
  if (infix === ':=' || infix === '=' || name === 'assign' || name === 'eq') return undefined;
  const builtin = lookup(operator.terms.map((term) => nameOf(term)).join('.'));
  const signature = builtin?.signature;
  if (builtin !== undefined && (signature?.result === undefined || args.length !== signature.args.length)) {
    return undefined;
  }
  if (builtin === undefined && policy.program.target(operator) === undefined) return undefined;
  return { kind: 'call', operator, args, infix, location };
}

function nameOf(term: Term): string {
  if (term.kind === 'var') return term.name;
  return term.kind === 'scalar' ? String(term.value) : '?';
}

/** Whether the query itself (not a comprehension in it) goes through elements. */
function iterates(body: Body): boolean {
  let found = false;
  walkBody(body, (term) => {
    if (term.kind === 'comprehension') return false;
    if (term.kind === 'ref') found ||= term.terms.slice(1).some((step) => step.kind === 'var');
    if (term.kind === 'call') found ||= lookup(term.operator.terms.map(nameOf).join('.'))?.relation ?? false;
    return true;
  });
  return found;
}
