/** Time zones by name, from the rules that come with the platform. */
import { BuiltinError } from '../../errors.ts';

/** What a zone says about one instant. */
export interface ZoneTime {
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: string;
}

/** A zone: its name and what it says about an instant (seconds since 1970). */
export interface Zone {
  readonly name: string;
  at(seconds: number): ZoneTime;
}

export const UTC: Zone = { name: 'UTC', at: () => ({ offset: 0, abbreviation: 'UTC' }) };

/** A zone of one offset, for parsed times that carry one. */
export function fixedZone(offset: number, abbreviation = ''): Zone {
  return { name: abbreviation, at: () => ({ offset, abbreviation }) };
}

const zones = new Map<string, Zone>();
const MAXIMUM_CACHED = 100;
/** No zone's name is nearly as long. */
const LONGEST_NAME = 100;

/** The zone of a name of the IANA database; `''` is UTC. Throws a BuiltinError for unknown names. */
export function zoneOf(name: string): Zone {
  if (name === '' || name === 'UTC') return UTC;
  const known = zones.get(name);
  if (known) return known;
  const zone = name === 'Local' ? namedZone(new Intl.DateTimeFormat().resolvedOptions().timeZone) : namedZone(name);
  if (zones.size >= MAXIMUM_CACHED) zones.delete(zones.keys().next().value!);
  zones.set(name, zone);
  return zone;
}

/** Per area of the database, a locale whose short names of zones are the usual ones; others write them as an offset. */
const NAMING_LOCALES: Readonly<Record<string, string>> = {
  Africa: 'en-ZA',
  America: 'en-US',
  Antarctica: 'en-NZ',
  Atlantic: 'en-GB',
  Australia: 'en-AU',
  Canada: 'en-CA',
  Europe: 'en-GB',
  US: 'en-US',
};

/** Abbreviations that do not depend on the date, of zones that no such locale names. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  'Asia/Calcutta': 'IST',
  'Asia/Hong_Kong': 'HKT',
  'Asia/Jakarta': 'WIB',
  'Asia/Karachi': 'PKT',
  'Asia/Kolkata': 'IST',
  'Asia/Macau': 'CST',
  'Asia/Makassar': 'WITA',
  'Asia/Manila': 'PST',
  'Asia/Seoul': 'KST',
  'Asia/Shanghai': 'CST',
  'Asia/Taipei': 'CST',
  'Asia/Tokyo': 'JST',
  'Europe/Moscow': 'MSK',
  'Pacific/Guam': 'ChST',
  'Pacific/Honolulu': 'HST',
  'Pacific/Pago_Pago': 'SST',
};

/** Abbreviations that depend on daylight saving time, by the offset in hours. */
const SEASONAL: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'Africa/Cairo': { 2: 'EET', 3: 'EEST' },
  'America/Havana': { '-5': 'CST', '-4': 'CDT' },
  'America/St_Johns': { '-3.5': 'NST', '-2.5': 'NDT' },
  'Asia/Beirut': { 2: 'EET', 3: 'EEST' },
  'Asia/Jerusalem': { 2: 'IST', 3: 'IDT' },
  'Asia/Nicosia': { 2: 'EET', 3: 'EEST' },
  'Europe/Dublin': { 0: 'GMT', 1: 'IST' },
  'Pacific/Auckland': { 12: 'NZST', 13: 'NZDT' },
  CET: { 1: 'CET', 2: 'CEST' },
  CST6CDT: { '-6': 'CST', '-5': 'CDT' },
  EET: { 2: 'EET', 3: 'EEST' },
  EST: { '-5': 'EST' },
  EST5EDT: { '-5': 'EST', '-4': 'EDT' },
  GMT: { 0: 'GMT' },
  HST: { '-10': 'HST' },
  MET: { 1: 'MET', 2: 'MEST' },
  MST: { '-7': 'MST' },
  MST7MDT: { '-7': 'MST', '-6': 'MDT' },
  PST8PDT: { '-8': 'PST', '-7': 'PDT' },
  WET: { 0: 'WET', 1: 'WEST' },
  'Etc/GMT': { 0: 'GMT' },
  'Etc/UTC': { 0: 'UTC' },
};

function formatterOf(name: string, locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { timeZone: name, ...options });
}

const FIELDS = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  era: 'short',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;

function namedZone(name: string): Zone {
  const unknown = () => new BuiltinError(`unknown time zone ${name.slice(0, LONGEST_NAME)}`);
  if (name.length > LONGEST_NAME) throw unknown();
  if (/^[/\\]|(?:^|[/\\])\.\.(?:$|[/\\])/.test(name)) throw new BuiltinError('time: invalid location name');
  // Names begin with capitals, while the library takes any letters.
  if (!/^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) throw unknown();
  let fields: Intl.DateTimeFormat;
  try {
    fields = formatterOf(name, 'en-US', FIELDS);
  } catch {
    throw unknown();
  }
  const locale = NAMING_LOCALES[name.split('/')[0]!];
  const namer = locale === undefined ? undefined : formatterOf(name, locale, { timeZoneName: 'short' });
  return {
    name,
    at(seconds) {
      const offset = offsetAt(fields, seconds);
      return { offset, abbreviation: abbreviationAt(name, namer, fields, seconds, offset) };
    },
  };
}

function offsetAt(fields: Intl.DateTimeFormat, seconds: number): number {
  const parts = new Map(fields.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year');
  const local = new Date(0);
  local.setUTCFullYear(year, number('month') - 1, number('day'));
  local.setUTCHours(number('hour'), number('minute'), number('second'));
  return local.getTime() / 1000 - seconds;
}

/** A winter and a summer that the library has names for; of earlier times it tells only the offset. */
const NAMED_SEASONS = [31_536_000, 47_174_400];

function abbreviationAt(
  name: string,
  namer: Intl.DateTimeFormat | undefined,
  fields: Intl.DateTimeFormat,
  seconds: number,
  offset: number,
): string {
  if (seconds < 0) {
    const named = NAMED_SEASONS.find((season) => offsetAt(fields, season) === offset);
    if (named !== undefined) return abbreviationAt(name, namer, fields, named, offset);
  }
  const part = namer?.formatToParts(seconds * 1000).find(({ type }) => type === 'timeZoneName');
  const text = part?.value ?? '';
  if (/^[A-Z]{2,5}$/.test(text) && (text !== 'GMT' || offset === 0)) return text;
  return SEASONAL[name]?.[offset / 3600] ?? ABBREVIATIONS[name] ?? numericName(offset);
}

/** Zones without letters are named by their offset: `+03`, `-0330`. */
function numericName(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const text = `${offset < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}`;
  return minutes % 60 === 0 ? text : text + String(minutes % 60).padStart(2, '0');
}
