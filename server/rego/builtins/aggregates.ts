/** Built-ins that make one value of many. */
import { compare, isNumber, type RegoNumber, RegoObject, RegoSet, sortValues, type Value } from '../values.ts';
import { productOf, sumOf } from './algorithms/arithmetic.ts';
import { characterCount } from './algorithms/text.ts';
import { deepCost, digitCount, digitsCost, stepsForDigits } from './cost.ts';
import { define } from './define.ts';
import { isArray, membersOf, operandElementError, operandTypeError } from './operands.ts';
import type { Builtin } from './types.ts';

function membersOperand(args: readonly Value[], ...expected: readonly string[]): readonly Value[] {
  const members = membersOf(args[0]);
  if (!members) throw operandTypeError(1, args[0] as Value, ...expected);
  return members;
}

function count(args: readonly Value[]): Value {
  const value = args[0] as Value;
  if (typeof value === 'string') return characterCount(value);
  if (isArray(value)) return value.length;
  if (value instanceof RegoSet || value instanceof RegoObject) return value.size;
  throw operandTypeError(1, value, 'array', 'object', 'set', 'string');
}

function onNumbers(
  signature: string,
  compute: (values: readonly RegoNumber[]) => RegoNumber,
  cost: (args: readonly Value[]) => number,
): Builtin {
  const call = (args: readonly Value[]) => {
    const members = membersOperand(args, 'set', 'array');
    for (const member of members) {
      if (!isNumber(member)) throw operandElementError(1, args[0] as Value, member, 'number');
    }
    return compute(members as readonly RegoNumber[]);
  };
  return define(signature, call, { cost });
}

/** Fractions are computed with more digits than the processor has. */
const STEPS_PER_FRACTION = 80;

/** What it takes to read the numbers. */
function numbersCost(members: readonly Value[]): number {
  let cost = 1;
  for (const member of members) {
    cost += Number.isInteger(member) ? 1 : STEPS_PER_FRACTION + digitsCost(member);
  }
  return cost;
}

/** A sum is as long as its longest number. */
function sumCost(args: readonly Value[]): number {
  const members = membersOf(args[0]) ?? [];
  let longest = 0;
  for (const member of members) if (!Number.isInteger(member)) longest = Math.max(longest, digitCount(member));
  return numbersCost(members) + stepsForDigits(longest);
}

/** Digits of a product that one more short factor is multiplied with in a step. */
const DIGITS_PER_STEP = 1_000;

/** A product is as long as all its factors together, and grows with each. */
function productCost(args: readonly Value[]): number {
  const members = membersOf(args[0]) ?? [];
  let digits = 0;
  let cost = numbersCost(members);
  for (const member of members) {
    const more = digitCount(member);
    cost += (digits * Math.max(1, more / 100)) / DIGITS_PER_STEP;
    digits += more;
  }
  return Math.ceil(cost) + stepsForDigits(digits);
}

function extreme(members: readonly Value[], better: (order: number) => boolean): Value | undefined {
  let best = members[0];
  for (const member of members.slice(1)) if (better(compare(member, best!))) best = member;
  return best;
}

function sortCost(args: readonly Value[]): number {
  const length = membersOf(args[0])?.length ?? 0;
  return 1 + Math.ceil((deepCost(args) * Math.log2(length + 2)) / 8);
}

/** The aggregate built-ins. */
export const aggregates: readonly Builtin[] = [
  define('count(any<string, array[any], object[any: any], set[any]>) -> number', count),
  onNumbers('sum(any<array[number], set[number]>) -> number', sumOf, sumCost),
  onNumbers('product(any<array[number], set[number]>) -> number', productOf, productCost),
  define(
    'max(any<array[any], set[any]>) -> any',
    (args) => extreme(membersOperand(args, 'set', 'array'), (order) => order >= 0),
    { cost: deepCost },
  ),
  define(
    'min(any<array[any], set[any]>) -> any',
    (args) => extreme(membersOperand(args, 'set', 'array'), (order) => order <= 0),
    { cost: deepCost },
  ),
  define(
    'sort(any<array[any], set[any]>) -> array[any]',
    (args) => sortValues([...membersOperand(args, 'set', 'array')]),
    { cost: sortCost },
  ),
  define(
    'all(any<array[any], set[any]>) -> boolean',
    (args) => membersOperand(args, 'array', 'set').every((member) => member === true),
    { deprecated: true },
  ),
  define(
    'any(any<array[any], set[any]>) -> boolean',
    (args) => membersOperand(args, 'array', 'set').some((member) => member === true),
    { deprecated: true },
  ),
];
