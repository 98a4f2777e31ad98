/** Texts of doubles in the notations of Go's `strconv.FormatFloat`, which OPA's `sprintf` and numbers show. */

interface Digits {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

function split(text: string): Digits {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)!;
  return { negative: match[1] === '-', digits: match[2]! + (match[3] ?? ''), exponent: Number(match[4]) };
}

function exponential({ negative, digits, exponent }: Digits, marker: string, pointAlways: boolean): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : pointAlways ? '.' : '';
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  return `${negative ? '-' : ''}${digits[0]}${fraction}${marker}${exponent < 0 ? '-' : '+'}${magnitude}`;
}

function plain({ negative, digits, exponent }: Digits, pointAlways: boolean): string {
  const sign = negative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return sign + whole + (fraction !== '' ? `.${fraction}` : pointAlways ? '.' : '');
}

/** The platform stops at this many places; those behind it are zeros for any precision people ask for. */
const MAXIMUM_PLACES = 100;

/** Whether the double is exactly `halves · 10^power / 2`. */
function isHalf(value: number, halves: bigint, power: number): boolean {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const mantissa = (bits & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  const twos = Math.max(biased, 1) - 1074;
  const left = mantissa * 2n ** BigInt(Math.max(twos, 0)) * 10n ** BigInt(Math.max(-power, 0));
  const right = halves * 10n ** BigInt(Math.max(power, 0)) * 2n ** BigInt(Math.max(-twos, 0));
  return left === right;
}

/** Where a value lies in the middle of two texts, the platform takes the larger one; this takes the even one. */
function evenDigits(value: number, digits: string, power: number): string {
  const number = BigInt(digits);
  if ((number & 1n) === 0n || !isHalf(value, 2n * number - 1n, power)) return digits;
  return (number - 1n).toString().padStart(digits.length, '0');
}

function toExponential(value: number, places: number): string {
  const shown = Math.min(places, MAXIMUM_PLACES);
  const { negative, digits, exponent } = split(value.toExponential(shown));
  const even = evenDigits(value, digits, exponent - shown);
  const fraction = even.length > 1 ? `.${even.slice(1)}` : '';
  return `${negative ? '-' : ''}${even[0]}${fraction}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

/** `%f`: fixed notation with exactly `places` digits after the point, also for numbers of 1e21 and more. */
export function fixed(value: number, places: number): string {
  const shown = Math.min(places, MAXIMUM_PLACES);
  const magnitude = Math.abs(value);
  const text =
    magnitude < 1e21 ? magnitude.toFixed(shown) : `${BigInt(magnitude)}${shown > 0 ? '.' : ''}${'0'.repeat(shown)}`;
  const digits = evenDigits(value, text.replace('.', ''), -shown);
  const whole = digits.slice(0, digits.length - shown);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return sign + whole + (places > 0 ? `.${digits.slice(digits.length - shown).padEnd(places, '0')}` : '');
}

/** `%e`: one digit, the point, `places` digits and an exponent of at least two digits. */
export function scientific(value: number, places: number, marker: 'e' | 'E'): string {
  const parts = split(toExponential(value, places));
  const negative = parts.negative || Object.is(value, -0);
  return exponential({ ...parts, negative }, marker, false);
}

/**
 * `%g`: the shortest notation, or `precision` significant digits; exponents below -4 and from the precision on (6 for the
 * shortest of `%v`) use the scientific notation. `keepZeros` is the `#` flag.
 */
export function general(
  value: number,
  precision: number | undefined,
  options: { readonly marker: 'e' | 'E'; readonly shortestLimit: number; readonly keepZeros: boolean },
): string {
  const significant = precision === undefined ? undefined : Math.max(1, precision);
  const raw = split(significant === undefined ? value.toExponential() : toExponential(value, significant - 1));
  const negative = raw.negative || Object.is(value, -0);
  const trimmed = raw.digits.replace(/0+$/, '') || '0';
  const limit = significant === undefined ? options.shortestLimit : effectiveLimit(significant, trimmed, raw.exponent);
  const wanted = options.keepZeros ? raw.digits.padEnd(significant ?? 6, '0') : trimmed;
  const parts = { negative, digits: wanted, exponent: raw.exponent };
  if (raw.exponent < -4 || raw.exponent >= limit) return exponential(parts, options.marker, options.keepZeros);
  return plain(parts, options.keepZeros);
}

function effectiveLimit(significant: number, digits: string, exponent: number): number {
  return significant > digits.length && digits.length >= exponent + 1 ? Math.max(digits.length, 1) : significant;
}

/** `%x` and `%b` of a double: hexadecimal mantissa with a binary exponent, or mantissa and exponent as integers. */
export function binaryNotation(value: number, verb: 'x' | 'X' | 'b', precision: number | undefined): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const sign = bits >> 63n ? '-' : '';
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  if (verb === 'b') {
    const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
    const exponent = (biased === 0 ? 1 : biased) - 1075;
    return `${sign}${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
  }
  const text = sign + hexadecimal(biased, fraction, precision);
  return verb === 'X' ? text.toUpperCase() : text;
}

function hexadecimal(biased: number, fraction: bigint, precision: number | undefined): string {
  if (biased === 0 && fraction === 0n) return `0x0${precision ? `.${'0'.repeat(precision)}` : ''}p+00`;
  let mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  let exponent = (biased === 0 ? 1 : biased) - 1023;
  while (mantissa >> 52n === 0n) {
    mantissa <<= 1n;
    exponent -= 1;
  }
  if (precision !== undefined && precision < 13) {
    const shift = BigInt(52 - precision * 4);
    const kept = mantissa >> shift;
    const rest = mantissa & ((1n << shift) - 1n);
    const half = 1n << (shift - 1n);
    mantissa = (kept + (rest > half || (rest === half && kept & 1n) ? 1n : 0n)) << shift;
    if (mantissa >> 53n) {
      mantissa >>= 1n;
      exponent += 1;
    }
  }
  const digits = (mantissa & 0xfffffffffffffn).toString(16).padStart(13, '0');
  const shown = precision === undefined ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0');
  const magnitude = String(Math.abs(exponent)).padStart(2, '0');
  return `0x1${shown === '' ? '' : `.${shown}`}p${exponent < 0 ? '-' : '+'}${magnitude}`;
}
