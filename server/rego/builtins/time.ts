/** Built-ins on instants (nanoseconds since 1970), calendars and durations. */
import { BuiltinError } from '../errors.ts';
import { fromBigInt, isNumber, toBigInt, type Value } from '../values.ts';
import { toExtended } from './algorithms/arithmetic.ts';
import { parseDuration } from './algorithms/duration.ts';
import { isWhole, truncate } from './algorithms/extended-float.ts';
import { formatTime } from './algorithms/format-time.ts';
import { civilTime, daysInMonth, type Instant, instantOf } from './algorithms/instant.ts';
import { parseTime } from './algorithms/parse-time.ts';
import { NAMED_LAYOUTS, RFC3339, RFC3339_NANO, WEEKDAYS } from './algorithms/time-layout.ts';
import { UTC, type Zone, zoneOf } from './algorithms/time-zone.ts';
import { characterCost, digitCount, digitsCost } from './cost.ts';
import { define } from './define.ts';
import { capLength, integerOperand, isArray, numberOperand, operandTypeError, stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const MAXIMUM_LAYOUT = 1_000;

/** An operand that is an instant, or an array of an instant, a zone and a layout. */
interface ZonedOperand {
  readonly instant: Instant;
  readonly zone: Zone;
  readonly layout: string | undefined;
}

/** Longer numbers are no instants, and would take long to read. */
const MAXIMUM_DIGITS = 1_000;

/** Rules of named zones are looked up in a library that makes several texts for each instant. */
function zonedCost(args: readonly Value[]): number {
  return args.reduce<number>((cost, arg) => {
    const [instant, zone = 'UTC', layout] = isArray(arg) ? arg : [arg];
    const length = typeof layout === 'string' ? Math.min(layout.length, MAXIMUM_LAYOUT) : 0;
    return cost + (zone === 'UTC' ? 100 : 2_000) + length + Math.min(digitsCost(instant), MAXIMUM_DIGITS);
  }, 0);
}

function instantOperand(value: Value): Instant {
  const number = numberOperand([value], 0);
  if (digitCount(number) > MAXIMUM_DIGITS) throw new BuiltinError('timestamp too big');
  const float = toExtended(number);
  const instant = isWhole(float) ? (toBigInt(number) ?? truncate(float)) : undefined;
  if (instant === undefined || instant < INT64_MIN || instant > INT64_MAX) throw new BuiltinError('timestamp too big');
  return instant;
}

function zonedOperand(args: readonly Value[], index: number): ZonedOperand {
  const value = args[index] as Value;
  if (isNumber(value)) return { instant: instantOperand(value), zone: UTC, layout: undefined };
  if (!isArray(value) || value.length === 0) {
    throw operandTypeError(1, value, 'either number (ns) or [number (ns), string (tz)]');
  }
  numberOperand(value, 0);
  const zone = value.length > 1 ? zoneOf(stringOperand(value, 1, 1)) : UTC;
  const layout = value.length > 2 ? stringOperand(value, 2, 1) : undefined;
  return { instant: instantOperand(value[0]!), zone, layout };
}

function inRange(instant: Instant): Value {
  if (instant < INT64_MIN || instant > INT64_MAX) throw new BuiltinError('time outside of valid range');
  return fromBigInt(instant);
}

function layoutOf(name: string): string {
  capLength('layout', name.length, MAXIMUM_LAYOUT);
  return Object.hasOwn(NAMED_LAYOUTS, name) ? NAMED_LAYOUTS[name]! : name;
}

function parse(layout: string, text: string): Value {
  capLength('time', text.length, MAXIMUM_LAYOUT);
  return inRange(parseTime(layout, text));
}

function format(args: readonly Value[]): Value {
  const { instant, zone, layout } = zonedOperand(args, 0);
  return formatTime(civilTime(instant, zone), layoutOf(layout || RFC3339_NANO));
}

function onCivil(signature: string, pick: (time: ReturnType<typeof civilTime>) => Value): Builtin {
  const call = (args: readonly Value[]) => {
    const { instant, zone } = zonedOperand(args, 0);
    return pick(civilTime(instant, zone));
  };
  return define(signature, call, { cost: zonedCost });
}

/** Far more than any instant in range lies apart; JavaScript's calendar ends there too. */
const MAXIMUM_STEP = 100_000_000;

function addDate(args: readonly Value[]): Value {
  const { instant, zone } = zonedOperand(args, 0);
  const [years, months, days] = [1, 2, 3].map((index) => integerOperand(args, index)) as [number, number, number];
  if ([years, months, days].some((step) => Math.abs(step) > MAXIMUM_STEP)) {
    throw new BuiltinError('time outside of valid range');
  }
  const time = civilTime(instant, zone);
  const moved = { ...time, year: time.year + years, month: time.month + months, day: time.day + days };
  if (Math.abs(moved.year + moved.month / 12 + moved.day / 365) > 200_000) {
    throw new BuiltinError('time outside of valid range');
  }
  return inRange(instantOf(moved, zone));
}

function difference(args: readonly Value[]): Value {
  const [left, right] = [zonedOperand(args, 0), zonedOperand(args, 1)];
  const [first, last] = left.instant <= right.instant ? [left.instant, right.instant] : [right.instant, left.instant];
  const [from, to] = [civilTime(first, left.zone), civilTime(last, left.zone)];
  const steps = [
    to.year - from.year,
    to.month - from.month,
    to.day - from.day,
    to.hour - from.hour,
    to.minute - from.minute,
    to.second - from.second,
  ];
  const sizes = [Number.POSITIVE_INFINITY, 12, daysInMonth(from.year, from.month), 24, 60, 60];
  for (let index = steps.length - 1; index > 0; index -= 1) {
    if (steps[index]! >= 0) continue;
    steps[index]! += sizes[index]!;
    steps[index - 1]! -= 1;
  }
  return steps;
}

const PARSE_COST = characterCost(2, 100);

const MOMENT = 'any<number, array<number, string>>';

/** The time built-ins. */
export const time: readonly Builtin[] = [
  define('time.now_ns() -> number', (_args, ctx) => fromBigInt(ctx.clockNs), { nondeterministic: true }),
  define(
    'time.parse_ns(string, string) -> number',
    (args) => parse(layoutOf(stringOperand(args, 0)), stringOperand(args, 1)),
    { cost: PARSE_COST },
  ),
  define('time.parse_rfc3339_ns(string) -> number', (args) => parse(RFC3339, stringOperand(args, 0)), {
    cost: PARSE_COST,
  }),
  define(
    'time.parse_duration_ns(string) -> number',
    (args) => {
      const text = stringOperand(args, 0);
      capLength('duration', text.length, MAXIMUM_LAYOUT);
      return fromBigInt(parseDuration(text));
    },
    { cost: PARSE_COST },
  ),
  define('time.format(any<number, array<number, string>, array<number, string, string>>) -> string', format, {
    cost: zonedCost,
  }),
  onCivil(`time.date(${MOMENT}) -> array<number, number, number>`, ({ year, month, day }) => [year, month, day]),
  onCivil(`time.clock(${MOMENT}) -> array<number, number, number>`, ({ hour, minute, second }) => [
    hour,
    minute,
    second,
  ]),
  onCivil(`time.weekday(${MOMENT}) -> string`, ({ weekday }) => WEEKDAYS[weekday]!),
  define('time.add_date(number, number, number, number) -> number', addDate, { cost: zonedCost }),
  define(`time.diff(${MOMENT}, ${MOMENT}) -> array<number, number, number, number, number, number>`, difference, {
    cost: zonedCost,
  }),
];
