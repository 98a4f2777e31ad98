import { BuiltinError } from '../../errors.ts';
import { parseAddress } from '../algorithms/cidr.ts';
import type { Charge } from '../algorithms/counted-text.ts';
import { parseTime } from '../algorithms/parse-time.ts';
import { compilePattern } from '../algorithms/regular-expression.ts';
import { parseUri } from '../algorithms/uri.ts';

type Check = (text: string, charge: Charge) => boolean;

function succeeds(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

function isTime(...layouts: readonly string[]): Check {
  return (text) => layouts.some((layout) => succeeds(() => parseTime(layout, text)));
}

const TIME = ['15:04:05', '15:04:05Z07:00'];
const DATE = '2006-01-02';
const HOST_LABEL = /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]{0,62}[a-zA-Z0-9])$/;

const isHostName: Check = (text) =>
  text.length < 256 && text.split('.').every((label) => HOST_LABEL.test(label) || label === '');
const isMail: Check = (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text);
const isUri = (text: string) =>
  !text.includes('\\') && succeeds(() => parseUri(text)) && /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text);
const isUriReference = (text: string) => !text.includes('\\') && succeeds(() => parseUri(text));

const FORMATS: Readonly<Record<string, Check>> = {
  date: isTime(DATE),
  time: isTime(...TIME),
  'date-time': isTime(...TIME, DATE, '2006-01-02T15:04:05Z07:00'),
  hostname: isHostName,
  email: isMail,
  'idn-email': isMail,
  ipv4: (text) => parseAddress(text) !== undefined && text.includes('.') && !text.includes(':'),
  ipv6: (text) => parseAddress(text) !== undefined && text.includes(':'),
  uri: isUri,
  iri: isUri,
  'uri-reference': isUriReference,
  'iri-reference': isUriReference,
  'uri-template': (text) =>
    isUriReference(text.replace(/\{[^{}]*\}/g, 'x')) && !/[{}]/.test(text.replace(/\{[^{}]*\}/g, '')),
  uuid: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
  regex: (text, charge) => succeeds(() => compilePattern(text, charge)),
  'json-pointer': (text) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(text),
  'relative-json-pointer': (text) => /^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/.test(text),
};

/** Whether a text has the format; unknown formats accept everything. */
export function hasFormat(format: string, text: string, charge: Charge): boolean {
  if (!Object.hasOwn(FORMATS, format)) return true;
  charge(20 + 2 * text.length);
  return FORMATS[format]!(text, charge);
}
