/**
 * Charges for comparing and hashing large values.
 *
 * Comparing two short texts or numbers is a step like any other. Collections and long texts take time by their size, and a
 * collection that holds another twice may be far larger than the memory that it takes: they are counted first, no
 * further than what is left.
 */
import { BigNumber, equal, RegoObject, RegoSet, type Value } from '../values.ts';
import type { EvaluationBudget } from './budget.ts';

/** Texts up to this many characters are as good as free. */
const SHORT_TEXT = 256;

const CHARACTERS_PER_STEP = 32;

/** Whether the value is a text that costs nothing to compare. */
export function isShortText(value: Value): value is string {
  return typeof value === 'string' && value.length <= SHORT_TEXT;
}

/** The number of elements in a value at all depths, where text counts by its length; stops when it exceeds the limit. */
export function countElements(value: Value, limit: number): number {
  let count = 0;
  const pending: Value[] = [value];
  for (let next = pending.pop(); next !== undefined && count <= limit; next = pending.pop()) {
    if (typeof next === 'string') count += 1 + Math.floor(next.length / CHARACTERS_PER_STEP);
    else if (Array.isArray(next)) {
      count += 1 + next.length;
      if (count <= limit) for (const item of next as readonly Value[]) if (isLarge(item)) pending.push(item);
    } else if (next instanceof RegoSet || next instanceof RegoObject) {
      // Members are put in order to be compared, and an object has a key and a value for each entry.
      count += 1 + 2 * next.size;
      if (count <= limit) for (const part of next.unordered()) if (isLarge(part)) pending.push(part);
    } else count += next instanceof BigNumber ? 1 + Math.floor(next.text.length / CHARACTERS_PER_STEP) : 1;
  }
  return count;
}

/** Whether a value takes more than a step to compare or to hash. */
function isLarge(value: Value): boolean {
  return typeof value === 'string' ? value.length > CHARACTERS_PER_STEP : typeof value === 'object' && value !== null;
}

/** Charges for hashing a value, or for comparing it with an equal one. */
export function chargeSize(budget: EvaluationBudget, value: Value): void {
  if (typeof value === 'string') {
    if (value.length > SHORT_TEXT) budget.charge(Math.floor(value.length / CHARACTERS_PER_STEP));
  } else if (typeof value === 'object' && value !== null) budget.charge(countElements(value, budget.left));
}

/** Charges for comparing two values: no comparison goes further than the smaller one. */
export function chargeComparison(budget: EvaluationBudget, a: Value, b: Value): void {
  if (typeof a === 'object' && typeof b === 'object') {
    if (a !== null && b !== null) chargeSize(budget, ownSize(a) <= ownSize(b) ? a : b);
  } else if (typeof a === 'string' && typeof b === 'string') chargeSize(budget, a.length <= b.length ? a : b);
}

function ownSize(value: Value): number {
  if (Array.isArray(value)) return value.length;
  return value instanceof RegoSet || value instanceof RegoObject ? value.size : 0;
}

/** Whether two values are equal, charged for. */
export function equalCharged(budget: EvaluationBudget, a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  chargeComparison(budget, a, b);
  return equal(a, b);
}
