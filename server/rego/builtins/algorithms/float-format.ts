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

/** Exact `%e` digits: JS stops at 100 places after the point, further ones are zeros for the precision users can ask. */
function toExponential(value: number, places: number): string {
  return value.toExponential(Math.min(places, 100));
}

/** `%f`: fixed notation with exactly `places` digits after the point, also for numbers of 1e21 and more. */
export function fixed(value: number, places: number): string {
  const shown = Math.min(places, 100);
  const text =
    Math.abs(value) < 1e21
      ? value.toFixed(shown)
      : BigInt(value).toString() + (shown > 0 ? `.${'0'.repeat(shown)}` : '');
  const padded = places > shown ? text + '0'.repeat(places - shown) : text;
  return Object.is(value, -0) ? `-${padded}` : padded;
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
