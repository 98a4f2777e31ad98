import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** One documented setting: where it comes from, what it may be, what it means. */
export interface Setting<T> {
  /** Environment variable, also the name in `.env`. */
  env: string;
  /** One sentence for the reference page and `config show`. */
  summary: string;
  /** The value's form in words, e.g. `a port number`. */
  form: string;
  fallback: T;
  /** Whether a change needs a restart of the server. */
  restart: boolean;
  /** Never shown in full. */
  secret: boolean;
  /** Reads the text form. Throws an Error that says what is wrong with it. */
  parse(text: string): T;
  /** Writes a value back into the text form. */
  format(value: T): string;
}

interface Options<T> {
  env: string;
  summary: string;
  fallback: T;
  restart?: boolean;
  secret?: boolean;
}

function define<T>(
  options: Options<T>,
  form: string,
  parse: (text: string) => T,
  format: (value: T) => string = String,
): Setting<T> {
  return { ...options, restart: options.restart ?? true, secret: options.secret ?? false, form, parse, format };
}

/** Free text, bounded and without line breaks. */
export function text(options: Options<string>, pattern?: { test: RegExp; form: string }): Setting<string> {
  return define(options, pattern?.form ?? 'text', (value) => {
    checkLine(value, 2_000);
    if (pattern !== undefined && !pattern.test.test(value)) throw new Error(`must be ${pattern.form}`);
    return value;
  });
}

/** Text that may be absent; `fits` decides whether it has the form that `form` says in words. */
export function optionalText(
  options: Omit<Options<string | null>, 'fallback'>,
  form: string,
  fits: (value: string) => boolean,
): Setting<string | null> {
  return define<string | null>(
    { ...options, fallback: null },
    `${form}, or empty`,
    (value) => {
      checkLine(value, 20_000);
      if (value === '') return null;
      if (!fits(value)) throw new Error(`must be ${form}, or empty`);
      return value;
    },
    (value) => value ?? '',
  );
}

/** Tells whether a text is a URL of one of the schemes (written like `https:`). */
export function isUrlOf(value: string, ...schemes: readonly string[]): boolean {
  return URL.canParse(value) && schemes.includes(new URL(value).protocol);
}

/** A local address to listen on. */
export function localAddress(options: Options<string>): Setting<string> {
  const form = 'an IP address, or localhost';
  return define(options, form, (value) => {
    const address = value.trim();
    if (address !== 'localhost' && isIP(address) === 0) throw new Error(`must be ${form}`);
    return address;
  });
}

function checkLine(value: string, longest: number): void {
  if (value.length > longest || /[\r\n\0]/.test(value))
    throw new Error(`must be at most ${longest} characters on one line`);
}

/** A whole number inside bounds. */
export function integer(options: Options<number>, minimum: number, maximum: number): Setting<number> {
  const form = `a whole number from ${minimum} to ${maximum}`;
  return define(options, form, (value) => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value.trim()) || number < minimum || number > maximum) throw new Error(`must be ${form}`);
    return number;
  });
}

/** Yes or no: true/false, 1/0, yes/no, on/off. */
export function flag(options: Options<boolean>): Setting<boolean> {
  return define(options, 'true or false', (value) => {
    const word = value.trim().toLowerCase();
    if (['true', '1', 'yes', 'on'].includes(word)) return true;
    if (['false', '0', 'no', 'off'].includes(word)) return false;
    throw new Error('must be true or false');
  });
}

/** One of a few words. */
export function choice<const W extends string>(
  options: Omit<Options<NoInfer<W>>, 'words'>,
  words: readonly W[],
): Setting<W> {
  return define<W>(options, words.join(' | '), (value) => {
    const word = value.trim() as W;
    if (!words.includes(word)) throw new Error(`must be one of: ${words.join(', ')}`);
    return word;
  });
}

/** A comma-separated list; each member is checked by `check`, which throws or returns the member. */
export function list(
  options: Options<readonly string[]>,
  form: string,
  check: (member: string) => string,
): Setting<readonly string[]> {
  return define<readonly string[]>(
    options,
    form,
    (value) =>
      value
        .split(',')
        .map((member) => member.trim())
        .filter((member) => member !== '')
        .map(check),
    (value) => value.join(','),
  );
}

/** Checks one network in CIDR form (a bare address counts as its own network). */
export function cidr(member: string): string {
  try {
    if (member.includes('/')) ipaddr.parseCIDR(member);
    else ipaddr.parse(member);
    return member;
  } catch {
    throw new Error(`${JSON.stringify(member)} is not an address or a network like 10.0.0.0/8`);
  }
}

/** Checks one e-mail address; returns it in lower case. */
export function emailAddress(member: string): string {
  const address = member.toLowerCase();
  if (!EMAIL.test(address) || address.length > 254)
    throw new Error(`${JSON.stringify(member)} is not an e-mail address`);
  return address;
}

/** What the appliance takes for an e-mail address: one @, no blanks, a dot-separated or local host. */
export const EMAIL =
  /^[^\s@<>"',;:\\()[\]]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;
