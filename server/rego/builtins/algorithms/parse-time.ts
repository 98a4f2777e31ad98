import { BuiltinError } from '../../errors.ts';
import { daysInMonth, type Instant, instantOf } from './instant.ts';
import { quoteBytes } from './quote.ts';
import { type LayoutPiece, layoutPieces, MONTHS, WEEKDAYS } from './time-layout.ts';
import { fixedZone, UTC, type Zone } from './time-zone.ts';

/**
 * Reads a text that is written in the given layout. Missing fields are those of the first of January of year 0, without a
 * zone it is UTC, and so it is with a zone's abbreviation, which alone does not tell the offset. Throws a BuiltinError that quotes
 * text and layout.
 */
export function parseTime(layout: string, text: string): Instant {
  return new TimeReader(layout, text).read();
}

type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'nanosecond';

class TimeReader {
  readonly #layout: string;
  readonly #text: string;
  readonly #fields = new Map<Field, number>();
  #rest: string;
  #dayOfYear: number | undefined;
  #afternoon: boolean | undefined;
  #zone: Zone | undefined;

  constructor(layout: string, text: string) {
    this.#layout = layout;
    this.#text = text;
    this.#rest = text;
  }

  read(): Instant {
    const pieces = layoutPieces(this.#layout);
    for (const [index, piece] of pieces.entries()) {
      if (piece.kind === 'literal') this.#literal(piece.text);
      else if (piece.kind === 'fraction') this.#fraction(piece);
      else this.#element(piece.name, pieces[index + 1]);
    }
    if (this.#rest !== '') throw this.#fail(`extra text: ${quoteBytes(this.#rest)}`);
    return this.#instant();
  }

  #fail(reason: string): BuiltinError {
    return new BuiltinError(`parsing time ${quoteBytes(this.#text)}: ${reason}`);
  }

  #mismatch(element: string): BuiltinError {
    return new BuiltinError(
      `parsing time ${quoteBytes(this.#text)} as ${quoteBytes(this.#layout)}: cannot parse ${quoteBytes(this.#rest)} as ${quoteBytes(element)}`,
    );
  }

  /** A space of the layout stands for any number of spaces. */
  #literal(literal: string): void {
    for (const character of literal) {
      if (character === ' ') {
        if (this.#rest !== '' && this.#rest[0] !== ' ') throw this.#mismatch(literal);
        this.#rest = this.#rest.replace(/^ +/, '');
      } else if (this.#rest.startsWith(character)) {
        this.#rest = this.#rest.slice(character.length);
      } else {
        throw this.#mismatch(literal);
      }
    }
  }

  #take(pattern: RegExp, element: string): RegExpExecArray {
    const match = pattern.exec(this.#rest);
    if (!match) throw this.#mismatch(element);
    this.#rest = this.#rest.slice(match[0].length);
    return match;
  }

  #number(pattern: RegExp, element: string, field: Field, low: number, high: number): void {
    const value = Number(this.#take(pattern, element)[0]);
    if (value < low || value > high) throw this.#fail(`${field} out of range`);
    this.#fields.set(field, value);
  }

  #fraction(piece: LayoutPiece & { kind: 'fraction' }): void {
    if (!piece.exact) {
      const match = /^[.,](\d+)/.exec(this.#rest);
      if (match) this.#setFraction(match);
      return;
    }
    const pattern = new RegExp(`^[.,](\\d{${piece.digits}})`);
    this.#setFraction(this.#take(pattern, piece.separator + '0'.repeat(piece.digits)), false);
  }

  #setFraction(match: RegExpExecArray, advance = true): void {
    if (advance) this.#rest = this.#rest.slice(match[0].length);
    this.#fields.set('nanosecond', Number(match[1]!.slice(0, 9).padEnd(9, '0')));
  }

  #name(names: readonly string[], length: number | undefined, element: string): number {
    const index = names.findIndex((name) => {
      const wanted = name.slice(0, length).toLowerCase();
      return this.#rest.slice(0, wanted.length).toLowerCase() === wanted;
    });
    if (index < 0) throw this.#mismatch(element);
    this.#rest = this.#rest.slice(names[index]!.slice(0, length).length);
    return index;
  }

  #seconds(pattern: RegExp, element: string, next: LayoutPiece | undefined): void {
    this.#number(pattern, element, 'second', 0, 59);
    if (next?.kind === 'fraction') return;
    // A fraction may follow the seconds even where the layout has none.
    const fraction = /^[.,](\d+)/.exec(this.#rest);
    if (fraction) this.#setFraction(fraction);
  }

  #element(element: string, next: LayoutPiece | undefined): void {
    switch (element) {
      case 'January':
        this.#fields.set('month', this.#name(MONTHS, undefined, element) + 1);
        break;
      case 'Jan':
        this.#fields.set('month', this.#name(MONTHS, 3, element) + 1);
        break;
      case 'Monday':
        this.#name(WEEKDAYS, undefined, element);
        break;
      case 'Mon':
        this.#name(WEEKDAYS, 3, element);
        break;
      case '2006':
        this.#number(/^\d{4}/, element, 'year', 0, 9999);
        break;
      case '06': {
        const year = Number(this.#take(/^(?:\d{2}|[+-]\d)/, element)[0]);
        this.#fields.set('year', year >= 69 ? 1900 + year : 2000 + year);
        break;
      }
      case '01':
        this.#number(/^\d{2}/, element, 'month', 1, 12);
        break;
      case '1':
        this.#number(/^\d{1,2}/, element, 'month', 1, 12);
        break;
      case '02':
        this.#number(/^\d{2}/, element, 'day', 0, 99);
        break;
      case '_2':
        this.#rest = this.#rest.replace(/^ /, '');
        this.#number(/^\d{1,2}/, element, 'day', 0, 99);
        break;
      case '2':
        this.#number(/^\d{1,2}/, element, 'day', 0, 99);
        break;
      case '002':
      case '__2':
        this.#dayOfYear = Number(this.#take(element === '002' ? /^\d{3}/ : /^[ \d]{2}\d/, element)[0]);
        break;
      case '15':
        this.#number(/^\d{1,2}/, element, 'hour', 0, 23);
        break;
      case '03':
        this.#number(/^\d{2}/, element, 'hour', 0, 12);
        break;
      case '3':
        this.#number(/^\d{1,2}/, element, 'hour', 0, 12);
        break;
      case '04':
        this.#number(/^\d{2}/, element, 'minute', 0, 59);
        break;
      case '4':
        this.#number(/^\d{1,2}/, element, 'minute', 0, 59);
        break;
      case '05':
        this.#seconds(/^\d{2}/, element, next);
        break;
      case '5':
        this.#seconds(/^\d{1,2}/, element, next);
        break;
      case 'PM':
        this.#afternoon = this.#take(/^[AP]M/, element)[0] === 'PM';
        break;
      case 'pm':
        this.#afternoon = this.#take(/^[ap]m/, element)[0] === 'pm';
        break;
      case 'MST':
        this.#abbreviation();
        break;
      default:
        this.#offset(element);
    }
  }

  #abbreviation(): void {
    const name = this.#rest.startsWith('UTC') ? 'UTC' : abbreviationAtStart(this.#rest);
    if (name === '') throw this.#mismatch('MST');
    this.#rest = this.#rest.slice(name.length);
  }

  #offset(element: string): void {
    if (element.startsWith('Z') && this.#rest.startsWith('Z')) {
      this.#rest = this.#rest.slice(1);
      this.#zone = UTC;
      return;
    }
    const source = element.slice(1).replace(/\d\d/g, '(\\d{2})');
    // What is too large is told before a sign that is none.
    const [whole, sign, hours, minutes = '0', seconds = '0'] = new RegExp(`^(.)${source}`).exec(this.#rest) ?? [];
    if (whole === undefined) throw this.#mismatch(element);
    for (const [name, value, limit] of [
      ['hour', hours, 24],
      ['minute', minutes, 60],
      ['second', seconds, 60],
    ] as const) {
      if (Number(value) > limit) throw this.#fail(`time zone offset ${name} out of range`);
    }
    if (!'+-'.includes(sign!)) throw this.#mismatch(element);
    this.#rest = this.#rest.slice(whole!.length);
    this.#zone = fixedZone(signed(sign!, Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)));
  }

  #instant(): Instant {
    const field = (name: Field, otherwise = 0) => this.#fields.get(name) ?? otherwise;
    const year = field('year');
    let [month, day] = [field('month', 1), field('day', 1)];
    let hour = field('hour');
    if (this.#afternoon === true && hour < 12) hour += 12;
    if (this.#afternoon === false && hour === 12) hour = 0;
    if (this.#dayOfYear !== undefined) {
      const daysInYear = daysInMonth(year, 2) + 337;
      if (this.#dayOfYear < 1 || this.#dayOfYear > daysInYear) throw this.#fail('day-of-year out of range');
      month = 1;
      day = this.#dayOfYear;
    } else if (day < 1 || day > daysInMonth(year, month)) {
      throw this.#fail('day out of range');
    }
    const fields = { year, month, day, hour, minute: field('minute'), second: field('second') };
    return instantOf({ ...fields, nanosecond: field('nanosecond') }, this.#zone ?? UTC);
  }
}

function signed(sign: string, seconds: number): number {
  return sign === '-' ? -seconds : seconds;
}

/** The abbreviation of a zone that a text begins with, or nothing: letters, or a sign and hours, which `GMT` may have too. */
function abbreviationAtStart(text: string): string {
  if (/^(?:ChST|MeST)/.test(text)) return text.slice(0, 4);
  if (text.startsWith('GMT')) return `GMT${signedHours(text.slice(3))}`;
  if (/^[+-]/.test(text)) return signedHours(text);
  const letters = /^[A-Z]*/.exec(text.slice(0, 6))![0];
  if (letters.length === 3 || (letters.length === 5 && letters.endsWith('T'))) return letters;
  return letters.length === 4 && (letters.endsWith('T') || letters === 'WITA') ? letters : '';
}

function signedHours(text: string): string {
  const match = /^[+-](\d+)/.exec(text);
  return match !== null && Number(match[1]) <= 23 ? match[0] : '';
}
