/**
 * Lets a comprehension inside a loop run once instead of once per turn.
 *
 * `[y | some y in data.big; y.owner == x]` inside a loop over `x` only depends on the loop through one equality. Its
 * body is run once without that equality, what it finds is grouped by `y.owner`, and each turn takes its group. A
 * comprehension that does not depend on the outer variables at all is the case without equalities.
 */
import { type Arity, outputs } from '../compile/bindings.ts';
import { isEquality } from '../compile/expand.ts';
import { isGenerated } from '../compile/shown-names.ts';
import { addTermVars, closureVars, exprVars } from '../compile/variables.ts';
import type { CallExpr, ComprehensionTerm, Expr, Term } from '../syntax/ast.ts';
import { dottedName } from '../syntax/build.ts';
import type { Bound } from './code.ts';

/** How a comprehension can be run once for all turns of the loop around it. */
export interface IndexPlan {
  /** Expressions over outer variables only; they compute what the equalities compare with. */
  readonly before: readonly Expr[];
  /** The body without `before` and the equalities; it mentions no outer variable. */
  readonly body: readonly Expr[];
  /** The inner and the outer side of each equality. */
  readonly inner: readonly Term[];
  readonly outer: readonly Term[];
}

/** The plan for a comprehension among bound outer variables, or undefined when it depends on them in other ways. */
export function planIndex(term: ComprehensionTerm, bound: Bound, arity: Arity): IndexPlan | undefined {
  const outside = new Set(bound);
  const before: Expr[] = [];
  const body: Expr[] = [];
  const inner: Term[] = [];
  const outer: Term[] = [];
  for (const expr of term.body) {
    const derived = derivedVariable(expr, outside);
    const sides = derived === undefined ? equalitySides(expr, outside) : undefined;
    if (derived !== undefined) {
      outside.add(derived);
      before.push(expr);
    } else if (sides !== undefined) {
      inner.push(sides[0]);
      outer.push(sides[1]);
    } else if (mentionsAny(expr, outside)) return undefined;
    else body.push(expr);
  }
  const heads = term.key === undefined ? [term.term] : [term.key, term.term];
  const known = new Set<string>();
  for (const expr of body) {
    const made = new Set(outputs(expr, known, arity));
    for (const name of exprVars(expr)) if (!known.has(name) && !made.has(name)) return undefined;
    for (const name of made) known.add(name);
  }
  const needed = new Set<string>();
  for (const part of [...heads, ...inner]) addTermVars(part, needed);
  for (const name of needed) if (!known.has(name)) return undefined;
  return { before, body, inner, outer };
}

/** The variable of `$0 = outer.path`, a part that was taken out of another expression. */
function derivedVariable(expr: Expr, outside: ReadonlySet<string>): string | undefined {
  if (expr.kind !== 'call' || !expr.generated || expr.with.length > 0 || !isEquality(expr)) return undefined;
  const [target, source] = expr.args as [Term, Term];
  if (target.kind !== 'var' || !isGenerated(target.name) || source.kind !== 'ref') return undefined;
  const vars = new Set<string>();
  addTermVars(source, vars);
  return vars.size > 0 && [...vars].every((name) => outside.has(name)) ? target.name : undefined;
}

/** The inner and outer side of an equality between them. */
function equalitySides(expr: Expr, outside: ReadonlySet<string>): [Term, Term] | undefined {
  if (expr.kind !== 'call' || expr.negated || expr.with.length > 0 || expr.args.length !== 2) return undefined;
  if (!isEquality(expr) && dottedName(expr.operator) !== 'equal') return undefined;
  const [left, right] = (expr as CallExpr).args as [Term, Term];
  if (left.kind !== 'var' || right.kind !== 'var') return undefined;
  if (outside.has(left.name) && !outside.has(right.name)) return [right, left];
  return outside.has(right.name) && !outside.has(left.name) ? [left, right] : undefined;
}

function mentionsAny(expr: Expr, names: ReadonlySet<string>): boolean {
  for (const name of exprVars(expr)) if (names.has(name)) return true;
  for (const name of closureVars(expr)) if (names.has(name)) return true;
  return false;
}
