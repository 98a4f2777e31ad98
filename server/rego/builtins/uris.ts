/** Built-ins on URIs and query strings. */
import { compareStrings, RegoObject, type Value } from '../values.ts';
import { jsonText } from './algorithms/json-text.ts';
import { escapeQuery, parseQuery, unescapeText } from './algorithms/query.ts';
import { parseUri } from './algorithms/uri.ts';
import { characterCost, deepCost } from './cost.ts';
import { define } from './define.ts';
import { membersOf, objectOperand, operandError, stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

function parse(text: string): Value {
  const { scheme, hostname, port, path, rawPath, rawQuery, fragment } = parseUri(text);
  const parts = { scheme, hostname, port, path, raw_path: rawPath, raw_query: rawQuery, fragment };
  return RegoObject.from(Object.entries(parts).filter(([, part]) => part !== ''));
}

function isValid(args: readonly Value[]): boolean {
  const text = args[0];
  if (typeof text !== 'string' || text === '') return false;
  try {
    parseUri(text);
    return true;
  } catch {
    return false;
  }
}

function encodeObject(args: readonly Value[]): Value {
  const pairs: [string, string][] = [];
  for (const [key, value] of objectOperand(args, 0).entries()) {
    const values = typeof value === 'string' ? [value] : membersOf(value);
    if (!values?.every((item) => typeof item === 'string')) {
      throw operandError(1, 'values must be string, array[string], or set[string]');
    }
    const name = typeof key === 'string' ? key : jsonText(key);
    for (const item of values) pairs.push([name, item as string]);
  }
  pairs.sort(([left], [right]) => compareStrings(left, right));
  return pairs.map(([key, value]) => `${escapeQuery(key)}=${escapeQuery(value)}`).join('&');
}

/** A key is written for each of its values. */
function encodeObjectCost(args: readonly Value[]): number {
  let cost = 16 * deepCost(args);
  for (const [key, value] of args[0] instanceof RegoObject ? args[0].entries() : []) {
    const members = membersOf(value) ?? [value];
    cost += members.length * (typeof key === 'string' ? key.length : 1);
    for (const member of members) if (typeof member === 'string') cost += member.length;
  }
  return cost;
}

/** The URI built-ins. */
export const uris: readonly Builtin[] = [
  define('uri.parse(string) -> object[string: string]', (args) => parse(stringOperand(args, 0)), {
    cost: characterCost(1.5, 20),
  }),
  define('uri.is_valid(string) -> boolean', isValid, { cost: characterCost(1.5, 60) }),
  define('urlquery.encode(string) -> string', (args) => escapeQuery(stringOperand(args, 0)), {
    cost: characterCost(1, 4),
  }),
  define('urlquery.decode(string) -> string', (args) => unescapeText(stringOperand(args, 0), true), {
    cost: characterCost(1, 4),
  }),
  define('urlquery.encode_object(object[string: any<string, array[string], set[string]>]) -> string', encodeObject, {
    cost: encodeObjectCost,
  }),
  define(
    'urlquery.decode_object(string) -> object[string: array[string]]',
    (args) => RegoObject.from(parseQuery(stringOperand(args, 0))),
    { cost: characterCost(1, 4) },
  ),
];
