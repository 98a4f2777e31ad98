/** Amounts with units: `10Ki`, `1.5GB`, `2e3m`. */
import { BuiltinError } from '../../errors.ts';

/** An exact fraction. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** The number text and the unit text of an amount. */
export interface Amount {
  readonly number: string;
  readonly unit: string;
}

const MAXIMUM_EXPONENT_DIGITS = 6;
/** Longer expansions would hold up everybody else. */
const MAXIMUM_EXPONENT = 20_000;

/** Splits at the first character that cannot belong to a number. Throws a BuiltinError for exponents out of range. */
export function splitAmount(text: string): Amount {
  let at = 0;
  for (; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === 'e' || character === 'E') {
      const next = text[at + 1];
      if (next === undefined || !/[\d+-]/.test(next)) break;
      if (next === '+' || next === '-') at += 1;
      const digits = /^\d*/.exec(text.slice(at + 1))![0];
      if (digits.length > MAXIMUM_EXPONENT_DIGITS || Number(digits) > MAXIMUM_EXPONENT) {
        throw new BuiltinError('exponent too large');
      }
    } else if (!/[\d.+-]/.test(character)) {
      break;
    }
  }
  return { number: text.slice(0, at), unit: text.slice(at) };
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** The exact value of a decimal text, or undefined when it is no number. */
export function parseFraction(text: string): Fraction | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', part = '', exponentText] = match;
  if (whole === '' && part === '') return undefined;
  const magnitude = BigInt(whole + part);
  const digits = sign === '-' ? -magnitude : magnitude;
  const exponent = Number(exponentText ?? 0) - part.length;
  if (exponent >= 0) return { numerator: digits * 10n ** BigInt(exponent), denominator: 1n };
  return { numerator: digits, denominator: 10n ** BigInt(-exponent) };
}

/** Decimal text of a fraction: whole numbers in full, others with `places` digits, rounded half away from zero. */
export function fractionText({ numerator, denominator }: Fraction, places: number): string {
  if (numerator % denominator === 0n) return (numerator / denominator).toString();
  const negative = numerator < 0n;
  const scaled = (negative ? -numerator : numerator) * 10n ** BigInt(places);
  const rounded = (scaled * 2n + denominator) / (denominator * 2n);
  const digits = rounded.toString().padStart(places + 1, '0');
  return `${negative ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
