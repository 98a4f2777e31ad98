/** Compiles `==`, `!=`, `<`, `<=`, `>` and `>=` to tests without a detour over the built-ins. */
import type { Term } from '../syntax/ast.ts';
import { compare, equal, type Value } from '../values.ts';
import type { EvaluationBudget } from './budget.ts';
import type { Getter, Layout, Step } from './code.ts';
import { constantOf, slotOf } from './code-terms.ts';
import { chargeComparison, isShortText } from './work.ts';

/** Which orders of the operands a comparison holds for: bits for less, same and greater. */
type Accepted = number;

const SAME: Accepted = 0b010;
const DIFFERENT: Accepted = 0b101;

const ACCEPTED: Readonly<Record<string, Accepted>> = {
  equal: SAME,
  neq: DIFFERENT,
  lt: 0b001,
  lte: 0b011,
  gt: 0b100,
  gte: 0b110,
};

/** Compiles a comparison by the name of its built-in; undefined for other built-ins. */
export function compileComparison(
  name: string,
  args: readonly Term[],
  inputs: readonly Getter[],
  layout: Layout,
): Step | undefined {
  const accepted = inputs.length === 2 ? ACCEPTED[name] : undefined;
  if (accepted === undefined) return undefined;
  const [left, right] = inputs as [Getter, Getter];
  const leftSlot = slotOf(args[0]!, layout);
  const rightSlot = slotOf(args[1]!, layout);
  const constant = constantOf(args[1]!);
  if (leftSlot !== undefined && rightSlot !== undefined) {
    return (machine, frame) => holds(accepted, machine.budget, frame[leftSlot], frame[rightSlot]);
  }
  if (leftSlot !== undefined && constant !== undefined) {
    const { value } = constant;
    return (machine, frame) => holds(accepted, machine.budget, frame[leftSlot], value);
  }
  return (machine, frame) => holds(accepted, machine.budget, left(machine, frame), right(machine, frame));
}

function holds(accepted: Accepted, budget: EvaluationBudget, a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  budget.charge(1);
  if (typeof a === 'number' && typeof b === 'number') return accepts(accepted, a - b);
  if (accepted === SAME || accepted === DIFFERENT) {
    if (isShortText(a) && isShortText(b)) return (a === b) === (accepted === SAME);
    chargeComparison(budget, a, b);
    return equal(a, b) === (accepted === SAME);
  }
  chargeComparison(budget, a, b);
  return accepts(accepted, compare(a, b));
}

function accepts(accepted: Accepted, order: number): boolean {
  return ((accepted >> (order < 0 ? 0 : order > 0 ? 2 : 1)) & 1) === 1;
}
