/** Built-ins that compute with numbers, and the operators that stand for them. */
import { BuiltinError } from '../errors.ts';
import { fromBigInt, isNumber, numberText, type RegoNumber, RegoSet, toBigInt, type Value } from '../values.ts';
import * as arithmetic from './algorithms/arithmetic.ts';
import { truncate } from './algorithms/extended-float.ts';
import { digitCount, digitsCost, stepsForDigits } from './cost.ts';
import { define } from './define.ts';
import { bigIntegerOperand, numberOperand, operandError, operandTypeError } from './operands.ts';
import type { Builtin } from './types.ts';

/** Fractions are computed with more digits than the processor has, a quotient by a long division. */
const FRACTION_STEPS = 60;
const QUOTIENT_STEPS = 100;

/** Multiplying and dividing long numbers takes time with the product of their lengths; the result may be as long as both. */
function arithmeticCost(args: readonly Value[]): number {
  if (args.every((arg) => typeof arg === 'number')) return args.every(Number.isInteger) ? 1 : FRACTION_STEPS;
  const [left, right] = [digitCount(args[0]), digitCount(args[1])];
  return (
    FRACTION_STEPS +
    digitsCost(args[0]) +
    digitsCost(args[1]) +
    stepsForDigits(left + right) +
    Math.ceil((left * right) / 10_000)
  );
}

function quotientCost(args: readonly Value[]): number {
  return QUOTIENT_STEPS + arithmeticCost(args);
}

function onNumber(signature: string, compute: (value: RegoNumber) => RegoNumber): Builtin {
  return define(signature, (args) => compute(numberOperand(args, 0)), { cost: arithmeticCost });
}

function onNumbers(
  signature: string,
  infix: string,
  compute: (left: RegoNumber, right: RegoNumber) => RegoNumber,
  cost = arithmeticCost,
): Builtin {
  const call = (args: readonly Value[]) => compute(numberOperand(args, 0), numberOperand(args, 1));
  return define(signature, call, { cost, infix });
}

function minus(args: readonly Value[]): Value {
  const [left = null, right = null] = args;
  if (isNumber(left)) {
    if (isNumber(right)) return arithmetic.minus(left, right);
    throw operandTypeError(2, right, 'number');
  }
  if (!(left instanceof RegoSet)) throw operandTypeError(1, left, 'number', 'set');
  if (right instanceof RegoSet) return left.difference(right);
  throw operandTypeError(2, right, isNumber(right) ? 'set' : 'number');
}

function minusCost(args: readonly Value[]): number {
  const left = args[0];
  return left instanceof RegoSet ? 1 + left.size : arithmeticCost(args);
}

const BASES = [2, 8, 10, 16];

function formatInteger(args: readonly Value[]): Value {
  const value = numberOperand(args, 0);
  const base = numberOperand(args, 1);
  if (typeof base !== 'number' || !BASES.includes(base)) throw operandError(2, 'must be one of {2, 8, 10, 16}');
  const exact = /[.eE]/.test(numberText(value)) ? undefined : toBigInt(value);
  return (exact ?? truncate(arithmetic.toExtended(value))).toString(base);
}

const MAXIMUM_RANGE = 1_000_000n;

/** The number of elements of a range; zero when an operand is wrong, which the call itself reports. */
function rangeLength(args: readonly Value[]): bigint {
  const [from, to, step] = args.map((arg) => (isNumber(arg) ? toBigInt(arg) : undefined));
  if (from === undefined || to === undefined || (step ?? 1n) <= 0n) return 0n;
  const distance = from < to ? to - from : from - to;
  return distance / (step ?? 1n) + 1n;
}

function rangeCost(args: readonly Value[]): number {
  const length = rangeLength(args);
  const limits = args.reduce<number>((sum, arg) => sum + digitsCost(arg), 20);
  if (length > MAXIMUM_RANGE) return limits;
  const perNumber = 1 + Math.max(digitsCost(args[0]), digitsCost(args[1]));
  return limits + Math.ceil(perNumber * Number(length + 1n));
}

function range(args: readonly Value[], readStep: () => bigint): Value {
  const from = bigIntegerOperand(args, 0);
  const to = bigIntegerOperand(args, 1);
  const step = readStep();
  if (step <= 0n) throw new BuiltinError('numbers.range_step: step must be a positive integer');
  const length = rangeLength([...args.slice(0, 2), fromBigInt(step)]);
  if (length > MAXIMUM_RANGE) {
    throw new BuiltinError(`the range has ${length} numbers, at most ${MAXIMUM_RANGE} are allowed`);
  }
  const move = from <= to ? step : -step;
  return Array.from({ length: Number(length) }, (_, index) => fromBigInt(from + move * BigInt(index)));
}

/** The number built-ins. */
export const numbers: readonly Builtin[] = [
  onNumber('abs(number) -> number', arithmetic.absolute),
  onNumber('ceil(number) -> number', arithmetic.ceiling),
  onNumber('floor(number) -> number', arithmetic.floored),
  onNumber('round(number) -> number', arithmetic.rounded),
  onNumbers('plus(number, number) -> number', '+', arithmetic.plus),
  onNumbers('mul(number, number) -> number', '*', arithmetic.times),
  onNumbers('div(number, number) -> number', '/', arithmetic.dividedBy, quotientCost),
  onNumbers('rem(number, number) -> number', '%', arithmetic.remainder),
  define('minus(any<number, set[any]>, any<number, set[any]>) -> any<number, set[any]>', minus, {
    infix: '-',
    cost: minusCost,
  }),
  define('format_int(number, number) -> string', formatInteger, { cost: arithmeticCost }),
  define('numbers.range(number, number) -> array[number]', (args) => range(args, () => 1n), {
    cost: rangeCost,
  }),
  define(
    'numbers.range_step(number, number, number) -> array[number]',
    (args) => range(args, () => bigIntegerOperand(args, 2)),
    { cost: rangeCost },
  ),
];
