/** Built-ins that make one value of many. */
import { compare, isNumber, type RegoNumber, RegoObject, RegoSet, sortValues, type Value } from '../values.ts';
import { productOf, sumOf } from './algorithms/arithmetic.ts';
import { characterCount } from './algorithms/text.ts';
import { deepCost, flatCost } from './cost.ts';
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

function onNumbers(signature: string, compute: (values: readonly RegoNumber[]) => RegoNumber): Builtin {
  const call = (args: readonly Value[]) => {
    const members = membersOperand(args, 'set', 'array');
    for (const member of members) {
      if (!isNumber(member)) throw operandElementError(1, args[0] as Value, member, 'number');
    }
    return compute(members as readonly RegoNumber[]);
  };
  return define(signature, call, { cost: numbersCost });
}

/** Fractions are computed with more digits than the processor has. */
const STEPS_PER_FRACTION = 80;

/** Long numbers cost by their digits; a product has as many digits as all its factors. */
function numbersCost(args: readonly Value[]): number {
  let digits = 0;
  const members = membersOf(args[0]) ?? [];
  let fractions = 0;
  for (const member of members) {
    if (!isNumber(member) || Number.isInteger(member)) continue;
    fractions += 1;
    if (typeof member !== 'number') digits += member.text.length;
  }
  return flatCost(args) + STEPS_PER_FRACTION * fractions + Math.ceil((digits * members.length) / 64);
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
  onNumbers('sum(any<array[number], set[number]>) -> number', sumOf),
  onNumbers('product(any<array[number], set[number]>) -> number', productOf),
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
