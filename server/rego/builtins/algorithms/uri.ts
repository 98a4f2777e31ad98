/** URIs as Go's `net/url` splits them (RFC 3986, a little more lenient). */
import { BuiltinError } from '../../errors.ts';
import { toBytes } from './bytes.ts';
import { parseAddress } from './cidr.ts';
import { unescapeText } from './query.ts';
import { quote } from './quote.ts';

/** The parts of a URI; parts that are missing are empty. */
export interface Uri {
  readonly scheme: string;
  readonly hostname: string;
  readonly port: string;
  /** The path with percent-encoding undone. */
  readonly path: string;
  /** The path as it was written, where encoding the decoded path would not give that back; else the decoded path. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Decoded. */
  readonly fragment: string;
}

function fail(text: string, reason: string): BuiltinError {
  return new BuiltinError(`parse ${quote(text)}: ${reason}`);
}

function unescapePart(whole: string, part: string): string {
  try {
    return unescapeText(part, false);
  } catch (error) {
    throw fail(whole, (error as Error).message);
  }
}

function splitScheme(text: string): [string, string] {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text);
  if (match) return [match[1]!.toLowerCase(), text.slice(match[0].length)];
  if (text.startsWith(':')) throw fail(text, 'missing protocol scheme');
  return ['', text];
}

/** Splits a URI reference. Throws a BuiltinError that names the mistake. */
export function parseUri(text: string): Uri {
  const hash = text.indexOf('#');
  const fragmentText = hash < 0 ? '' : text.slice(hash + 1);
  const main = hash < 0 ? text : text.slice(0, hash);
  if (/[\x00-\x1f\x7f]/.test(main)) throw fail(main, 'net/url: invalid control character in URL');
  const fragment = unescapePart(text, fragmentText);
  const [scheme, afterScheme] = splitScheme(main);
  const question = afterScheme.indexOf('?');
  const rawQuery = question < 0 ? '' : afterScheme.slice(question + 1);
  let rest = question < 0 ? afterScheme : afterScheme.slice(0, question);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme, hostname: '', port: '', path: '', rawPath: '', rawQuery, fragment };
    if (rest.split('/')[0]!.includes(':')) throw fail(main, 'first path segment in URL cannot contain colon');
  }
  let host = '';
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2);
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
    rest = slash < 0 ? '' : rest.slice(slash);
    host = parseAuthority(main, authority);
  }
  const [hostname, port] = splitPort(host);
  const path = unescapePart(main, rest);
  return { scheme, hostname, port, path, rawPath: escapePath(path) === rest ? path : rest, rawQuery, fragment };
}

/** What each byte of a path becomes by default. */
const ESCAPED_BYTES = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9\-_.~$&+,/:;=@]/.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** The path with percent-encoding as Go writes it by default. */
export function escapePath(path: string): string {
  let out = '';
  for (const byte of toBytes(path)) out += ESCAPED_BYTES[byte];
  return out;
}

function parseAuthority(whole: string, authority: string): string {
  const at = authority.lastIndexOf('@');
  const userinfo = at < 0 ? '' : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw fail(whole, 'net/url: invalid userinfo');
  unescapePart(whole, userinfo);
  const host = authority.slice(at + 1);
  if (host.startsWith('[')) return parseLiteral(whole, host);
  checkPort(whole, host.includes(':') ? host.slice(host.indexOf(':')) : '');
  checkHost(whole, host);
  const broken = /%(?![89a-fA-F][0-9a-fA-F])../.exec(host);
  if (broken) throw fail(whole, `invalid URL escape ${quote(broken[0])}`);
  return unescapePart(whole, host);
}

function parseLiteral(whole: string, host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw fail(whole, "missing ']' in host");
  checkPort(whole, host.slice(close + 1));
  const zone = host.indexOf('%25');
  if (zone < 0 || zone > close) {
    checkHost(whole, host.slice(1, close));
    checkLiteral(whole, host.slice(1, close));
    return unescapePart(whole, host);
  }
  return host.slice(0, zone) + unescapePart(whole, host.slice(zone, close)) + host.slice(close);
}

/** Only IPv6 addresses stand in brackets; one that holds an IPv4 address is one. */
function checkLiteral(whole: string, literal: string): void {
  const reason = `invalid host: ParseAddr(${quote(literal)}): `;
  if (/^\d+(?:\.\d+){3}$/.test(literal)) throw fail(whole, 'invalid IP-literal');
  if (literal.includes(':') && parseAddress(literal) === undefined)
    throw fail(whole, `${reason}address string too short`);
  if (!literal.includes(':')) throw fail(whole, `${reason}unable to parse IP`);
}

function checkHost(whole: string, host: string): void {
  for (const byte of toBytes(host)) {
    const character = String.fromCharCode(byte);
    if (byte < 0x80 && !/[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%]/.test(character)) {
      throw fail(whole, `invalid character ${quote(character)} in host name`);
    }
  }
}

function checkPort(whole: string, port: string): void {
  if (port === '' || /^:[0-9]*$/.test(port)) return;
  throw fail(whole, `invalid port ${quote(port)} after host`);
}

function splitPort(host: string): [string, string] {
  const match = /^(.*):([0-9]*)$/s.exec(host);
  const [name, port] =
    match && !(match[1]!.startsWith('[') && !match[1]!.endsWith(']')) ? [match[1]!, match[2]!] : [host, ''];
  return [name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name, port];
}
