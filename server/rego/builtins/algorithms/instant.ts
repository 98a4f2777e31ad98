/** Instants with nanoseconds and the calendar fields they have in a zone (proleptic Gregorian calendar). */
import type { Zone } from './time-zone.ts';

const NANOSECONDS = 1_000_000_000n;

/** Nanoseconds since 1970. */
export type Instant = bigint;

/** Calendar and clock of an instant in a zone. */
export interface CivilTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 is the first of January. */
  readonly dayOfYear: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: string;
}

function split(instant: Instant): { seconds: number; nanosecond: number } {
  const rest = ((instant % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return { seconds: Number((instant - rest) / NANOSECONDS), nanosecond: Number(rest) };
}

function utcDate(year: number, month: number, day: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date;
}

/** The calendar fields of an instant in a zone. */
export function civilTime(instant: Instant, zone: Zone): CivilTime {
  const { seconds, nanosecond } = split(instant);
  const { offset, abbreviation } = zone.at(seconds);
  const local = new Date((seconds + offset) * 1000);
  const year = local.getUTCFullYear();
  return {
    year,
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    nanosecond,
    weekday: local.getUTCDay(),
    dayOfYear: Math.floor((local.getTime() - utcDate(year, 1, 1).getTime()) / 86_400_000) + 1,
    offset,
    abbreviation,
  };
}

/**
 * The instant of calendar fields, which may be out of their ranges, in a zone. In a gap or an overlap of the zone the result
 * is one of the two possible instants.
 */
export function instantOf(
  fields: Pick<CivilTime, 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'nanosecond'>,
  zone: Zone,
): Instant {
  const date = utcDate(fields.year, fields.month, fields.day);
  const local = date.getTime() / 1000 + fields.hour * 3600 + fields.minute * 60 + fields.second;
  const first = local - zone.at(local).offset;
  const offset = zone.at(first).offset;
  return BigInt(local - offset) * NANOSECONDS + BigInt(fields.nanosecond);
}

/** The number of days of a month. */
export function daysInMonth(year: number, month: number): number {
  return utcDate(year, month + 1, 0).getUTCDate();
}
