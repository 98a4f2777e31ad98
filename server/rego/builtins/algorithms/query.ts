/** Query strings as Go's `net/url` reads and writes them. */
import { BuiltinError } from '../../errors.ts';
import { fromBytes, toBytes } from './bytes.ts';
import { quote } from './quote.ts';

/** What each byte becomes in a query. */
const ESCAPED_BYTES = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9\-_.~]/.test(character)) return character;
  return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** Percent-encodes for a query: letters, digits and `-_.~` stay, a space becomes `+`. */
export function escapeQuery(text: string): string {
  let out = '';
  for (const byte of toBytes(text)) out += ESCAPED_BYTES[byte];
  return out;
}

/** Undoes percent-encoding; `plusIsSpace` as in queries. Throws a BuiltinError for a broken escape. */
export function unescapeText(text: string, plusIsSpace: boolean): string {
  const wrong = /%(?![0-9a-fA-F]{2})/.exec(text);
  if (wrong) throw new BuiltinError(`invalid URL escape ${quote(text.slice(wrong.index, wrong.index + 3))}`);
  if (!/[%+]/.test(text)) return text;
  const spaced = plusIsSpace ? text.replaceAll('+', ' ') : text;
  const latin = toBytes(spaced).toString('latin1');
  const bytes = latin.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return fromBytes(Buffer.from(bytes, 'latin1'));
}

/** The parameters of a query in order of appearance. Throws a BuiltinError for semicolons and broken escapes. */
export function parseQuery(query: string): ReadonlyMap<string, readonly string[]> {
  const parameters = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part.includes(';')) throw new BuiltinError('invalid semicolon separator in query');
    if (part === '') continue;
    const separator = part.indexOf('=');
    const key = unescapeText(separator < 0 ? part : part.slice(0, separator), true);
    const value = separator < 0 ? '' : unescapeText(part.slice(separator + 1), true);
    const known = parameters.get(key);
    if (known) known.push(value);
    else parameters.set(key, [value]);
  }
  return parameters;
}
