/**
 * Finds out what a body demands of the parts that a reference visits, so that an index can name the parts to visit.
 *
 * In `some role in data.roles; role.name == input.role` every role is visited for an equality that follows at once. The
 * demand is a hint: the equality itself still runs for the parts that the index names. Only comparisons may stand
 * between, which have no effect that a skipped part could have had.
 */
import { isEquality } from '../compile/expand.ts';
import type { Body, CallExpr, Expr, RefTerm, Term } from '../syntax/ast.ts';
import { dottedName } from '../syntax/build.ts';
import { keyOf, type Value } from '../values.ts';
import { isBaseData } from './base-data.ts';
import type { Bound, Getter } from './code.ts';
import { compileRefGetter } from './code-refs.ts';
import { compileGetter, constantOf, isBound } from './code-terms.ts';
import type { Coder } from './coder.ts';
import type { ScanDemand } from './scan-index.ts';

/** Comparisons neither fail nor show that they ran. */
const COMPARISONS: ReadonlySet<string> = new Set(['equal', 'neq', 'lt', 'lte', 'gt', 'gte']);

/**
 * Notes in the coder what the body demands of the parts that the reference in its expression number `from` visits, where
 * that reference has one step that binds a variable.
 */
export function planScan(coder: Coder, body: Body, from: number, bound: Bound): void {
  const expr = body[from]!;
  if (coder.program.traced || !isPlain(expr) || !isEquality(expr)) return;
  for (const [ref, other] of [expr.args, [expr.args[1], expr.args[0]]] as [Term, Term][]) {
    if (ref.kind !== 'ref') continue;
    const inside = loopPath(ref, bound);
    if (inside === undefined) continue;
    coder.scans.delete(ref);
    const demand = new ScanPlanner(coder, bound).demand(inside, other, body.slice(from + 1));
    if (demand !== undefined) coder.scans.set(ref, demand);
  }
}

function isPlain(expr: Expr): expr is CallExpr {
  return expr.kind === 'call' && !expr.negated && expr.with.length === 0;
}

/** The constant steps after the only step that binds; undefined for references of other shapes. */
function loopPath(ref: RefTerm, bound: Bound): readonly Value[] | undefined {
  const [head, ...steps] = ref.terms as [Term, ...Term[]];
  if (!isBound(head, bound)) return undefined;
  const loop = steps.findIndex((step) => !isBound(step, bound));
  return loop < 0 || steps[loop]!.kind !== 'var' ? undefined : constantSteps(steps.slice(loop + 1));
}

function constantSteps(steps: readonly Term[]): readonly Value[] | undefined {
  const values = steps.map((step) => (step.kind === 'scalar' ? step.value : undefined));
  return values.every((value) => value !== undefined) ? values : undefined;
}

class ScanPlanner {
  readonly #coder: Coder;
  readonly #bound: Bound;
  /** Where inside the part the value of a variable is. */
  readonly #inside = new Map<string, readonly Value[]>();
  /** Variables that a reference to what is known before the search is taken out into. */
  readonly #taken = new Map<string, RefTerm>();

  constructor(coder: Coder, bound: Bound) {
    this.#coder = coder;
    this.#bound = bound;
  }

  demand(inside: readonly Value[], other: Term, following: Body): ScanDemand | undefined {
    const wanted = this.#known(other);
    if (wanted !== undefined) return demandAt(inside, wanted, false);
    if (other.kind !== 'var') return undefined;
    this.#inside.set(other.name, inside);
    for (const expr of following) {
      if (!isPlain(expr) || !this.#isHarmless(expr)) return undefined;
      const [left, right] = expr.args as [Term, Term];
      const found = isMembership(expr)
        ? this.#demandOf(left, right, true)
        : isEquality(expr) || dottedName(expr.operator) === 'equal'
          ? (this.#demandOf(left, right, false) ?? this.#demandOf(right, left, false))
          : undefined;
      if (found !== undefined) return found;
      if (isEquality(expr)) this.#note(left, right);
    }
    return undefined;
  }

  #demandOf(part: Term, other: Term, several: boolean): ScanDemand | undefined {
    const inside = this.#insideOf(part);
    const wanted = inside && this.#known(other);
    return inside && wanted && demandAt(inside, wanted, several);
  }

  /** Takes note of `$0 = role.name` and `$1 = input.role`. */
  #note(left: Term, right: Term): void {
    if (left.kind !== 'var' || right.kind !== 'ref') return;
    const inside = this.#insideOf(right);
    if (inside !== undefined) this.#inside.set(left.name, inside);
    else if (isBound(right, this.#bound)) this.#taken.set(left.name, right);
  }

  #insideOf(term: Term): readonly Value[] | undefined {
    if (term.kind === 'var') return this.#inside.get(term.name);
    if (term.kind !== 'ref') return undefined;
    const [head, ...steps] = term.terms as [Term, ...Term[]];
    const start = head.kind === 'var' ? this.#inside.get(head.name) : undefined;
    const rest = constantSteps(steps);
    return start && rest && [...start, ...rest];
  }

  /** Computes what has a value before the search begins; only paths into values, which cannot fail. */
  #known(term: Term): Getter | undefined {
    if (constantOf(term) !== undefined) return compileGetter(term, this.#coder.layout);
    if (term.kind === 'ref') return this.#isPath(term) ? compileRefGetter(this.#coder, term, this.#bound) : undefined;
    if (term.kind !== 'var') return undefined;
    const taken = this.#taken.get(term.name);
    if (taken !== undefined) return this.#known(taken);
    return this.#bound.has(term.name) ? compileGetter(term, this.#coder.layout) : undefined;
  }

  /** Whether a reference is known and leads into `input`, base documents or a local value, so that no rule is run for it. */
  #isPath(ref: RefTerm): boolean {
    const [head, ...steps] = ref.terms as [Term, ...Term[]];
    if (!isBound(ref, this.#bound)) return false;
    return head.kind !== 'var' || head.name !== 'data' || isBaseData(this.#coder.program.tree, steps);
  }

  #isHarmless(expr: CallExpr): boolean {
    if (isMembership(expr)) return true;
    if (!isEquality(expr)) return expr.args.length === 2 && COMPARISONS.has(dottedName(expr.operator) ?? '');
    const [left, right] = expr.args as [Term, Term];
    return left.kind === 'var' && (right.kind === 'ref' ? this.#leadsIntoValue(right) : right.kind !== 'comprehension');
  }

  #leadsIntoValue(ref: RefTerm): boolean {
    return this.#isPath(ref) || this.#insideOf(ref) !== undefined;
  }
}

function isMembership(expr: CallExpr): boolean {
  return expr.args.length === 2 && dottedName(expr.operator) === 'internal.member_2';
}

function demandAt(steps: readonly Value[], wanted: Getter, several: boolean): ScanDemand {
  return { path: { key: JSON.stringify(steps.map(keyOf)), steps }, wanted, several };
}
