/** Arithmetic on Rego numbers: exact on integers of any size, 64-bit floating point where a fraction takes part. */
import { BuiltinError } from '../../errors.ts';
import { fromBigInt, isInteger, numberText, parseNumber, type RegoNumber, toBigInt } from '../../values.ts';
import * as extended from './extended-float.ts';

/** Exponents beyond this are refused where a number must be expanded; the work would grow with the square. */
const MAXIMUM_EXPONENT = 100_000;

/** Whether the processor computes with the number exactly; a result that is a safe integer then is exact too. */
function isSmall(value: RegoNumber): value is number {
  return Number.isSafeInteger(value);
}

/** The number as a 64-bit float; throws a BuiltinError when its exponent is out of reach. */
export function toExtended(value: RegoNumber): extended.ExtendedFloat {
  const text = numberText(value);
  const exponent = /[eE]([+-]?\d+)$/.exec(text);
  if (exponent && Math.abs(Number(exponent[1])) > MAXIMUM_EXPONENT) {
    throw new BuiltinError(`number exponent ${exponent[1]} is out of range`);
  }
  const parsed = extended.parseExtended(text);
  if (!parsed) throw new BuiltinError(`illegal number ${text.slice(0, 40)}`);
  return parsed;
}

/** The Rego number of a float. */
export function fromExtended(value: extended.ExtendedFloat): RegoNumber {
  return parseNumber(extended.extendedText(value));
}

function combine(
  left: RegoNumber,
  right: RegoNumber,
  small: (left: number, right: number) => number,
  exact: (left: bigint, right: bigint) => bigint,
  float: (left: extended.ExtendedFloat, right: extended.ExtendedFloat) => extended.ExtendedFloat,
): RegoNumber {
  if (isSmall(left) && isSmall(right)) {
    const result = small(left, right);
    if (Number.isSafeInteger(result)) return result === 0 ? 0 : result;
  }
  const leftInteger = toBigInt(left);
  const rightInteger = leftInteger === undefined ? undefined : toBigInt(right);
  if (leftInteger !== undefined && rightInteger !== undefined) return fromBigInt(exact(leftInteger, rightInteger));
  return fromExtended(float(toExtended(left), toExtended(right)));
}

/** The sum. */
export function plus(left: RegoNumber, right: RegoNumber): RegoNumber {
  return combine(
    left,
    right,
    (a, b) => a + b,
    (a, b) => a + b,
    extended.add,
  );
}

/** The difference. */
export function minus(left: RegoNumber, right: RegoNumber): RegoNumber {
  return combine(
    left,
    right,
    (a, b) => a - b,
    (a, b) => a - b,
    (a, b) => extended.add(a, extended.negate(b)),
  );
}

/** The product. */
export function times(left: RegoNumber, right: RegoNumber): RegoNumber {
  return combine(
    left,
    right,
    (a, b) => a * b,
    (a, b) => a * b,
    (a, b) => extended.multiply(a, b),
  );
}

/** The quotient, exact where small integers divide; throws a BuiltinError when the divisor is zero. */
export function dividedBy(left: RegoNumber, right: RegoNumber): RegoNumber {
  if (isSmall(left) && isSmall(right)) {
    if (right === 0) throw new BuiltinError('divide by zero');
    if (left !== 0 && left % right === 0) return left / right;
  }
  const divisor = toExtended(right);
  if (divisor.mantissa === 0n) throw new BuiltinError('divide by zero');
  return fromExtended(extended.divide(toExtended(left), divisor));
}

/** The remainder, with the sign of the dividend; throws a BuiltinError for zero divisors and for fractions. */
export function remainder(left: RegoNumber, right: RegoNumber): RegoNumber {
  if (isSmall(left) && isSmall(right) && right !== 0) return left % right || 0;
  const leftInteger = toBigInt(left);
  const rightInteger = toBigInt(right);
  if (leftInteger === undefined || rightInteger === undefined) {
    throw new BuiltinError('modulo on floating-point number');
  }
  if (rightInteger === 0n) throw new BuiltinError('modulo by zero');
  return fromBigInt(leftInteger % rightInteger);
}

/** The magnitude. */
export function absolute(value: RegoNumber): RegoNumber {
  if (isSmall(value)) return Math.abs(value);
  return fromExtended({ ...toExtended(value), negative: false });
}

const HALF = extended.parseExtended('0.5')!;
const ONE = extended.extendedOfInteger(1n);

/** The nearest integer, halves away from zero. */
export function rounded(value: RegoNumber): RegoNumber {
  if (isSmall(value)) return value;
  const float = toExtended(value);
  const moved = extended.add(float, float.negative ? extended.negate(HALF) : HALF);
  return fromExtended(extended.extendedOfInteger(extended.truncate(moved)));
}

/** The next integer that is not smaller. */
export function ceiling(value: RegoNumber): RegoNumber {
  return toInteger(value, false);
}

/** The next integer that is not larger. */
export function floored(value: RegoNumber): RegoNumber {
  return toInteger(value, true);
}

/**
 * The sign is that of the truncated number, so a fraction between -1 and 0 counts as positive here: OPA gives 1 for
 * `ceil(-0.5)` and 0 for `floor(-0.5)`, and policies must decide alike on both.
 */
function toInteger(value: RegoNumber, down: boolean): RegoNumber {
  if (isSmall(value)) return value;
  const float = toExtended(value);
  const whole = extended.truncate(float);
  const isNegative = whole < 0n;
  if (extended.isWhole(float) || isNegative !== down) return fromBigInt(whole);
  return fromExtended(extended.add(extended.extendedOfInteger(whole), down ? extended.negate(ONE) : ONE));
}

/** Whether every number is an integer. */
function integersOf(values: readonly RegoNumber[]): readonly bigint[] | undefined {
  if (!values.every(isInteger)) return undefined;
  const integers = values.map(toBigInt);
  return integers.some((integer) => integer === undefined) ? undefined : (integers as bigint[]);
}

/** The sum of all numbers; 0 for none. */
export function sumOf(values: readonly RegoNumber[]): RegoNumber {
  const integers = integersOf(values);
  if (integers) return fromBigInt(integers.reduce((sum, value) => sum + value, 0n));
  return fromExtended(values.map(toExtended).reduce(extended.add, extended.extendedOfInteger(0n)));
}

/** Fractions are multiplied with the precision of a double, which is what OPA's product has. */
const PRODUCT_PRECISION = 53;

/** The product of all numbers; 1 for none. */
export function productOf(values: readonly RegoNumber[]): RegoNumber {
  const integers = integersOf(values);
  if (integers) return fromBigInt(integers.reduce((product, value) => product * value, 1n));
  const one = extended.extendedOfInteger(1n, PRODUCT_PRECISION);
  const multiply = (left: extended.ExtendedFloat, right: extended.ExtendedFloat) =>
    extended.multiply(left, right, PRODUCT_PRECISION);
  return fromExtended(values.map(toExtended).reduce(multiply, one));
}
