/** Durations in Go's notation (`1h30m`, `-1.5s`, `100ms`), extended by days, weeks and years of 365 days. */
import { BuiltinError } from '../../errors.ts';
import { quoteBytes } from './quote.ts';

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
  y: 31_536_000_000_000_000n,
};
const LIMIT = 2n ** 63n;
/** Texts with a calendar unit have a stricter form, and one message for all mistakes. */
const EXTENDED = /^[+-]?(?:[\d.]+(?:ms|us|µs|ns|[a-z]))+$/;

/** The nanoseconds of a duration text. Throws a BuiltinError that names the mistake. */
export function parseDuration(text: string): bigint {
  const invalid = () => new BuiltinError(`time: invalid duration ${quoteBytes(text)}`);
  if (/[dwy]/.test(text) && !EXTENDED.test(text)) throw invalid();
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();
  let total = 0n;
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest)!;
    const [matched, whole = '', fraction = ''] = number;
    if (whole === '' && fraction === '') throw invalid();
    rest = rest.slice(matched.length);
    const unitName = /^[^\d.]*/.exec(rest)![0];
    if (unitName === '') throw new BuiltinError(`time: missing unit in duration ${quoteBytes(text)}`);
    const unit = Object.hasOwn(UNITS, unitName) ? UNITS[unitName]! : undefined;
    if (unit === undefined)
      throw new BuiltinError(`time: unknown unit ${quoteBytes(unitName)} in duration ${quoteBytes(text)}`);
    rest = rest.slice(unitName.length);
    const digits = fraction.slice(0, 18);
    total += BigInt(whole || '0') * unit + (BigInt(digits || '0') * unit) / 10n ** BigInt(digits.length);
    if (total > LIMIT) throw invalid();
  }
  if (!negative && total === LIMIT) throw invalid();
  return negative ? -total : total;
}
