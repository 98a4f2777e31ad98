/** Built-ins on the bits of integers of any size (two's complement). */
import { BuiltinError } from '../errors.ts';
import { fromBigInt, isNumber, toBigInt, type Value } from '../values.ts';
import { digitCount, digitsCost, stepsForDigits } from './cost.ts';
import { define } from './define.ts';
import { bigIntegerOperand, operandError } from './operands.ts';
import type { Builtin } from './types.ts';

/** Shifting left makes numbers of as many bits; a larger shift is refused. */
const MAXIMUM_SHIFT = 100_000;

function cost(args: readonly Value[]): number {
  return args.reduce<number>((sum, arg) => sum + 2 * digitsCost(arg), 8);
}

function shiftCost(args: readonly Value[]): number {
  const [value, by = null] = args;
  const places = isNumber(by) && digitCount(by) < 20 ? Number(toBigInt(by) ?? 0) : 0;
  const bits = places > 0 && places <= MAXIMUM_SHIFT ? places : 0;
  return cost(args) + stepsForDigits(digitCount(value) + Math.ceil(bits * Math.LOG10E * Math.LN2));
}

function onIntegers(signature: string, compute: (left: bigint, right: bigint) => bigint): Builtin {
  const call = (args: readonly Value[]) => fromBigInt(compute(bigIntegerOperand(args, 0), bigIntegerOperand(args, 1)));
  return define(signature, call, { cost });
}

function shift(signature: string, compute: (value: bigint, by: bigint) => bigint): Builtin {
  const call = (args: readonly Value[]) => {
    const value = bigIntegerOperand(args, 0);
    const by = bigIntegerOperand(args, 1);
    if (by < 0n) throw operandError(2, 'must be an unsigned integer number but got a negative integer');
    return fromBigInt(compute(value, by));
  };
  return define(signature, call, { cost: shiftCost });
}

function shiftLeft(value: bigint, by: bigint): bigint {
  if (by > MAXIMUM_SHIFT) throw new BuiltinError(`a shift by ${by} bits is too large: at most ${MAXIMUM_SHIFT}`);
  return value << by;
}

/** The bit built-ins. */
export const bits: readonly Builtin[] = [
  onIntegers('bits.and(number, number) -> number', (left, right) => left & right),
  onIntegers('bits.or(number, number) -> number', (left, right) => left | right),
  onIntegers('bits.xor(number, number) -> number', (left, right) => left ^ right),
  define('bits.negate(number) -> number', (args) => fromBigInt(~bigIntegerOperand(args, 0)), { cost }),
  shift('bits.lsh(number, number) -> number', shiftLeft),
  shift('bits.rsh(number, number) -> number', (value, by) => value >> by),
];
