/** Calls of functions that do not exist, are no longer allowed or take other arguments, and `with` targets that mean nothing. */
import { RegoError } from '../errors.ts';
import type { Body, CallExpr, Expr, RefTerm, RegoVersion, Term, With } from '../syntax/ast.ts';
import { arityError } from './call-arity.ts';
import { isFunctionValue } from './expand.ts';
import { ERASED } from './print-marks.ts';
import { shownName } from './shown-names.ts';
import type { Target } from './target.ts';
import { closures, holdsClosures, ownTerms, walkTerm } from './walk.ts';

/** Finds the function that an operator names. */
export interface Targets {
  target(operator: RefTerm): Target | undefined;
  /** Whether a reference leads to something inside what a rule makes. */
  leadsIntoRule(ref: RefTerm): boolean;
}

/** The errors of the calls and modifiers in an expanded body, at any depth. */
export function checkCalls(body: Body, version: RegoVersion, targets: Targets): RegoError[] {
  const errors: RegoError[] = [];
  for (const expr of body) checkExpr(expr, version, targets, errors);
  return errors;
}

function checkExpr(expr: Expr, version: RegoVersion, targets: Targets, errors: RegoError[]): void {
  if (expr.kind === 'call') checkCall(expr, version, targets, errors);
  if (holdsClosures(expr)) checkClosures(expr, version, targets, errors);
  if (expr.with.length > 0) checkModifiers(expr, targets, errors);
}

function checkClosures(expr: Expr, version: RegoVersion, targets: Targets, errors: RegoError[]): void {
  for (const term of ownTerms(expr)) {
    walkTerm(term, (part) => {
      if (part.kind !== 'comprehension') return true;
      for (const inner of part.body) checkExpr(inner, version, targets, errors);
      return false;
    });
  }
  for (const inner of closures(expr)) for (const part of inner) checkExpr(part, version, targets, errors);
}

function checkModifiers(expr: Expr, targets: Targets, errors: RegoError[]): void {
  for (const modifier of expr.with) {
    const { location } = modifier.target;
    const refusal = modifierRefusal(expr, modifier, targets);
    if (refusal !== undefined) {
      errors.push(new RegoError('rego_compile_error', refusal, location));
      continue;
    }
    const head = modifier.target.terms[0]!;
    const isDocument = head.kind === 'var' && (head.name === 'input' || head.name === 'data');
    const target = targets.target(modifier.target);
    const isConstant = modifier.target.terms.slice(1).every((step) => step.kind === 'scalar');
    if ((!isDocument && target === undefined) || !isConstant) {
      const message = 'with keyword target must reference existing input, data, or a function';
      errors.push(new RegoError('rego_type_error', message, location));
    }
    if (target !== undefined && isFunctionValue(modifier.value)) {
      const replacement = targets.target(modifier.value.operator);
      if (replacement !== undefined && replacement.arity !== target.arity) {
        const details = `have: ${replacement.arity} arguments\nwant: ${target.arity} arguments`;
        errors.push(
          new RegoError('rego_type_error', `${target.name}: arity mismatch`, modifier.location, undefined, details),
        );
      }
    }
  }
}

/** Why a modifier may not replace what it names, however it does so; undefined when it may. */
function modifierRefusal(expr: Expr, { target: ref }: With, targets: Targets): string | undefined {
  if (!isGenerated(expr) && targets.leadsIntoRule(ref))
    return 'with keyword cannot partially replace virtual document(s)';
  const target = targets.target(ref);
  if (target?.kind !== 'builtin') return undefined;
  const { name, builtin } = target;
  const why = 'with keyword replacing built-in function:';
  if (builtin.relation) return `${why} target must not be a relation`;
  if (name.startsWith('internal.')) return `${why} replacement of internal function ${JSON.stringify(name)} invalid`;
  if (UNREPLACEABLE.has(name)) return `${why} replacement of ${JSON.stringify(name)} invalid`;
  return builtin.signature.result === undefined ? `${why} target must not be a void function` : undefined;
}

function isGenerated(expr: Expr): boolean {
  return expr.kind === 'call' && expr.generated === true;
}

/** Built-ins that stand for syntax or for what is known before anything is evaluated. */
const UNREPLACEABLE: ReadonlySet<string> = new Set(['eq', 'rego.metadata.chain', 'rego.metadata.rule']);

function checkCall(expr: CallExpr, version: RegoVersion, targets: Targets, errors: RegoError[]): void {
  const target = targets.target(expr.operator);
  if (target === undefined) {
    const name = operatorText(expr.operator);
    errors.push(new RegoError('rego_type_error', `undefined function ${name}`, expr.location));
    return;
  }
  const mismatch = expr.infix === ERASED ? undefined : arityError(expr, target);
  if (mismatch !== undefined) errors.push(mismatch);
  if (target.kind === 'builtin' && target.builtin.deprecated && version === 'v1') {
    const message = `deprecated built-in function calls in expression: ${target.name}`;
    errors.push(new RegoError('rego_type_error', message, expr.location));
  }
}

/** The operator as written, with the names of the source. */
export function operatorText(operator: RefTerm): string {
  return operator.terms
    .map((term: Term) => {
      if (term.kind === 'var') return shownName(term.name);
      return term.kind === 'scalar' ? String(term.value) : term.location.text;
    })
    .join('.');
}
