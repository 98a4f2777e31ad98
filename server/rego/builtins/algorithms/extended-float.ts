/**
 * Binary floating point with a 64-bit mantissa and an unbounded exponent: the arithmetic that OPA applies to numbers that
 * are not all integers (Go's `big.Float` with its default precision). Rounding is to nearest, ties to even.
 */

const DEFAULT_PRECISION = 64;

/** A finite number `± mantissa · 2^exponent`; the mantissa is zero or has exactly `precision` bits. */
export interface ExtendedFloat {
  readonly negative: boolean;
  readonly mantissa: bigint;
  readonly exponent: number;
  readonly precision: number;
}

function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)));
}

function zero(negative: boolean, precision: number): ExtendedFloat {
  return { negative, mantissa: 0n, exponent: 0, precision };
}

/** Rounds `mantissa · 2^exponent` (plus something smaller than one unit when `sticky`) to `precision` bits. */
function round(
  negative: boolean,
  mantissa: bigint,
  exponent: number,
  precision: number,
  sticky = false,
): ExtendedFloat {
  if (mantissa === 0n) return zero(negative, precision);
  const excess = bitLength(mantissa) - precision;
  if (excess <= 0) {
    return { negative, mantissa: mantissa << BigInt(-excess), exponent: exponent + excess, precision };
  }
  const shift = BigInt(excess);
  let kept = mantissa >> shift;
  const rest = mantissa - (kept << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (sticky || (kept & 1n) === 1n));
  if (up) kept += 1n;
  if (kept >> BigInt(precision)) return { negative, mantissa: kept >> 1n, exponent: exponent + excess + 1, precision };
  return { negative, mantissa: kept, exponent: exponent + excess, precision };
}

/** The quotient of two positive integers, correctly rounded. */
function ratio(
  negative: boolean,
  numerator: bigint,
  denominator: bigint,
  exponent: number,
  precision: number,
): ExtendedFloat {
  const shift = Math.max(0, precision + 2 - (bitLength(numerator) - bitLength(denominator)));
  const scaled = numerator << BigInt(shift);
  const quotient = scaled / denominator;
  return round(negative, quotient, exponent - shift, precision, quotient * denominator !== scaled);
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The nearest extended float of a decimal text such as `-1.50e3`; undefined when the text is no decimal number. */
export function parseExtended(text: string): ExtendedFloat | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponentText] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const exponent = Number(exponentText ?? 0) - fraction.length;
  const negative = sign === '-';
  if (digits === 0n) return zero(negative, DEFAULT_PRECISION);
  if (exponent >= 0) return round(negative, digits * 5n ** BigInt(exponent), exponent, DEFAULT_PRECISION);
  return ratio(negative, digits, 5n ** BigInt(-exponent), exponent, DEFAULT_PRECISION);
}

/** The extended float of an integer, with as many bits as it needs and at least 64. */
export function extendedOfInteger(value: bigint, precision?: number): ExtendedFloat {
  const magnitude = value < 0n ? -value : value;
  return round(value < 0n, magnitude, 0, precision ?? Math.max(DEFAULT_PRECISION, bitLength(magnitude)));
}

/** The same number with its sign turned. */
export function negate(value: ExtendedFloat): ExtendedFloat {
  return { ...value, negative: !value.negative };
}

/** The sum, rounded to the larger precision of both. */
export function add(left: ExtendedFloat, right: ExtendedFloat): ExtendedFloat {
  const precision = Math.max(left.precision, right.precision);
  if (left.mantissa === 0n || right.mantissa === 0n) {
    const other = left.mantissa === 0n ? right : left;
    if (other.mantissa === 0n) return zero(left.negative && right.negative, precision);
    return round(other.negative, other.mantissa, other.exponent, precision);
  }
  const distance = left.exponent + left.precision - (right.exponent + right.precision);
  if (Math.abs(distance) > 3 * precision) {
    const larger = distance > 0 ? left : right;
    return round(larger.negative, larger.mantissa, larger.exponent, precision);
  }
  const exponent = Math.min(left.exponent, right.exponent);
  const signed = (value: ExtendedFloat) => {
    const shifted = value.mantissa << BigInt(value.exponent - exponent);
    return value.negative ? -shifted : shifted;
  };
  const sum = signed(left) + signed(right);
  return round(sum < 0n, sum < 0n ? -sum : sum, exponent, precision);
}

/** The product, rounded to `precision` bits (unless given: the larger precision of both). */
export function multiply(
  left: ExtendedFloat,
  right: ExtendedFloat,
  precision = Math.max(left.precision, right.precision),
): ExtendedFloat {
  const negative = left.negative !== right.negative;
  return round(negative, left.mantissa * right.mantissa, left.exponent + right.exponent, precision);
}

/** The rounded quotient; throws a RangeError when the divisor is zero. */
export function divide(left: ExtendedFloat, right: ExtendedFloat): ExtendedFloat {
  if (right.mantissa === 0n) throw new RangeError('division by zero');
  const negative = left.negative !== right.negative;
  const precision = Math.max(left.precision, right.precision);
  if (left.mantissa === 0n) return zero(negative, precision);
  return ratio(negative, left.mantissa, right.mantissa, left.exponent - right.exponent, precision);
}

/** Whether the number has no fractional part. */
export function isWhole(value: ExtendedFloat): boolean {
  if (value.exponent >= 0 || value.mantissa === 0n) return true;
  if (value.exponent <= -value.precision) return false;
  return (value.mantissa & ((1n << BigInt(-value.exponent)) - 1n)) === 0n;
}

/** The integer part, towards zero. */
export function truncate(value: ExtendedFloat): bigint {
  const magnitude =
    value.exponent >= 0 ? value.mantissa << BigInt(value.exponent) : value.mantissa >> BigInt(-value.exponent);
  return value.negative ? -magnitude : magnitude;
}

/** Decimal digits without leading or trailing zeros and the position of the point: `0.d₁d₂… · 10^point`. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** The shortest decimal that rounds to this number, nearest to it among the shortest. */
function shortest(value: ExtendedFloat): Decimal {
  const { mantissa, exponent, precision } = value;
  const boundary = mantissa === 1n << BigInt(precision - 1);
  const even = (mantissa & 1n) === 0n;
  // Everything is scaled by four, so that the half distances to both neighbours are integers.
  let numerator = mantissa << 2n;
  let low = boundary ? 1n : 2n;
  let high = 2n;
  let denominator = 4n;
  if (exponent >= 0) {
    const shift = BigInt(exponent);
    numerator <<= shift;
    low <<= shift;
    high <<= shift;
  } else {
    denominator <<= BigInt(-exponent);
  }
  let point = Math.ceil((bitLength(mantissa) + exponent) * Math.LOG10E * Math.LN2 - 1e-9);
  const scale = (by: number) => {
    const power = 10n ** BigInt(Math.abs(by));
    if (by >= 0) denominator *= power;
    else {
      numerator *= power;
      low *= power;
      high *= power;
    }
  };
  scale(point);
  while (even ? numerator + high >= denominator : numerator + high > denominator) {
    denominator *= 10n;
    point += 1;
  }
  while (even ? (numerator + high) * 10n < denominator : (numerator + high) * 10n <= denominator) {
    numerator *= 10n;
    low *= 10n;
    high *= 10n;
    point -= 1;
  }
  let digits = '';
  for (;;) {
    numerator *= 10n;
    low *= 10n;
    high *= 10n;
    let digit = numerator / denominator;
    numerator -= digit * denominator;
    const atLow = even ? numerator <= low : numerator < low;
    const atHigh = even ? numerator + high >= denominator : numerator + high > denominator;
    if (!atLow && !atHigh) {
      digits += digit.toString();
      continue;
    }
    if (atHigh && (!atLow || numerator * 2n > denominator || (numerator * 2n === denominator && (digit & 1n) === 1n))) {
      digit += 1n;
    }
    digits += digit.toString();
    break;
  }
  return { digits: digits.replace(/0+$/, ''), point };
}

/**
 * The decimal text OPA gives such a number: whole numbers in plain digits, others in the shortest digits that read back,
 * with an exponent where that is below -4 or above 5 (Go's `%g`).
 */
export function extendedText(value: ExtendedFloat): string {
  const sign = value.negative ? '-' : '';
  if (value.mantissa === 0n) return `${sign}0`;
  // An integer with a bit for every unit has no shorter text than its digits.
  if (value.exponent === 0) return sign + value.mantissa.toString();
  const { digits, point } = shortest(value);
  if (isWhole(value)) return sign + digits.padEnd(point, '0');
  const exponent = point - 1;
  if (exponent < -4 || exponent >= 6) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const magnitude = Math.abs(exponent).toString().padStart(2, '0');
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${magnitude}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
