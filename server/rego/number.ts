/**
 * Numbers as Rego has them: exact integers of any size and decimals that keep the digits they were written with.
 *
 * A JavaScript number stands only for values whose canonical text is the number itself; everything else is a
 * {@link BigNumber}, so that no digit is lost between the policy text and the result.
 */

/** A number of Rego: a plain double where that is exact, else a {@link BigNumber}. */
export type RegoNumber = number | BigNumber;

const NUMBER_TEXT = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const PLAIN_TEXT = /^-?\d+(?:\.\d+)?$/;

/** The widest exponent for which an exact integer is built; beyond it a number only compares and prints. */
const MAX_EXPANDED_DIGITS = 100_000;

/** An exact decimal number: value = ±0.digits × 10^magnitude. Compare with {@link compareNumbers}, never with `===`. */
export class BigNumber {
  /** The number as it was written or computed; what output shows. */
  readonly text: string;
  readonly negative: boolean;
  /** Significant digits without leading or trailing zeros; empty for zero. */
  readonly digits: string;
  /** Power of ten so that value = ±0.digits × 10^magnitude. */
  readonly magnitude: number;

  /** Reads a JSON number text. Throws RangeError when the text is not a number. */
  constructor(text: string) {
    const match = NUMBER_TEXT.exec(text);
    if (match === null) throw new RangeError(`not a number: ${text.slice(0, 40)}`);
    const [, sign, whole = '', fraction = '', exponent] = match;
    const all = whole + fraction;
    let start = 0;
    while (start < all.length && all.charCodeAt(start) === 48) start++;
    let end = all.length;
    while (end > start && all.charCodeAt(end - 1) === 48) end--;
    this.text = text;
    this.digits = all.slice(start, end);
    this.negative = sign === '-' && this.digits !== '';
    this.magnitude = this.digits === '' ? 0 : whole.length - start + (exponent === undefined ? 0 : Number(exponent));
  }

  /** Whether the value has no fraction. */
  get isInteger(): boolean {
    return this.magnitude >= this.digits.length;
  }

  /** The exact integer, or undefined when the value has a fraction or is too long to expand. */
  toBigInt(): bigint | undefined {
    if (!this.isInteger || this.magnitude > MAX_EXPANDED_DIGITS) return undefined;
    const value = BigInt(this.digits.padEnd(this.magnitude, '0') || '0');
    return this.negative ? -value : value;
  }

  /** The nearest double; infinite when out of range. */
  toDouble(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }
}

/** Whether the value is a number of Rego. */
export function isNumber(value: unknown): value is RegoNumber {
  return typeof value === 'number' || value instanceof BigNumber;
}

/** Reads a JSON number text exactly. Throws RangeError when the text is not a number. */
export function parseNumber(text: string): RegoNumber {
  if (PLAIN_TEXT.test(text) && text.length <= 21) {
    const double = Number(text);
    if (String(double) === text && (Number.isSafeInteger(double) || !Number.isInteger(double))) return double;
  }
  return new BigNumber(text);
}

/** The number for an exact integer. */
export function fromBigInt(value: bigint): RegoNumber {
  const double = Number(value);
  return Number.isSafeInteger(double) ? double : new BigNumber(value.toString());
}

/**
 * The number for a computed double, printed as Go prints it with the shortest digits: whole numbers in full, others
 * with an exponent below 1e-4 and from 1e21. Throws RangeError for NaN and infinities, which Rego does not have.
 */
export function fromDouble(value: number): RegoNumber {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  if (!Number.isFinite(value)) throw new RangeError(`not a number: ${value}`);
  if (Number.isInteger(value)) return new BigNumber(BigInt(value).toString());
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4) return value;
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const digits = exponent.slice(1).padStart(2, '0');
  return new BigNumber(`${mantissa}e${exponent[0]}${digits}`);
}

/** Whether the number has no fraction. */
export function isInteger(value: RegoNumber): boolean {
  return typeof value === 'number' ? Number.isInteger(value) : value.isInteger;
}

/** The exact integer, or undefined when the number has a fraction. */
export function toBigInt(value: RegoNumber): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return value.toBigInt();
}

/** The nearest double; infinite when out of range. */
export function toDouble(value: RegoNumber): number {
  return typeof value === 'number' ? value : value.toDouble();
}

/** The number's digits as written. */
export function numberText(value: RegoNumber): string {
  return typeof value === 'number' ? String(value) : value.text;
}

/** Orders two numbers by exact value: negative, zero or positive like a comparator. `1` and `1.0` are equal. */
export function compareNumbers(a: RegoNumber, b: RegoNumber): number {
  if (typeof a === 'number') {
    if (typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
    return compareBig(new BigNumber(String(a)), b);
  }
  return compareBig(a, typeof b === 'number' ? new BigNumber(String(b)) : b);
}

/** A text that two numbers share exactly when they are equal by value. */
export function canonicalNumberText(value: RegoNumber): string {
  const big = typeof value === 'number' ? new BigNumber(String(value)) : value;
  return `${big.negative ? '-' : ''}${big.digits}e${big.magnitude}`;
}

/** The double that is equal by value and prints the same digits, or undefined where there is none. */
export function exactDouble(value: BigNumber): number | undefined {
  const double = value.toDouble();
  if (!Number.isFinite(double) || (Number.isInteger(double) && !Number.isSafeInteger(double))) return undefined;
  return compareBig(new BigNumber(String(double)), value) === 0 ? double : undefined;
}

function compareBig(a: BigNumber, b: BigNumber): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const order = compareMagnitudes(a, b);
  return a.negative ? -order : order;
}

function compareMagnitudes(a: BigNumber, b: BigNumber): number {
  if (a.digits === '' || b.digits === '') return (a.digits === '' ? 0 : 1) - (b.digits === '' ? 0 : 1);
  if (a.magnitude !== b.magnitude) return a.magnitude < b.magnitude ? -1 : 1;
  return a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0;
}
