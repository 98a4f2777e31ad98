/** Built-ins that encode and decode: base64, hexadecimal, JSON text. */
import { BuiltinError } from '../errors.ts';
import { fromJsonText, isNumber, RegoObject, typeName, type Value } from '../values.ts';
import { decodeBase64, decodeBase64Url, decodeHex } from './algorithms/base-encodings.ts';
import { fromBytes, toBytes } from './algorithms/bytes.ts';
import { jsonMistake, STEPS_PER_CHARACTER } from './algorithms/json-mistake.ts';
import { indentedJsonText, jsonText } from './algorithms/json-text.ts';
import { quote } from './algorithms/quote.ts';
import { characterCost, deepCost } from './cost.ts';
import { define } from './define.ts';
import { isArray, membersOf, objectOperand, operandError, stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

/** What a test that fails costs besides: the error that is not shown. */
const FAILURE_STEPS = 60;

function onText(signature: string, stepsPerCharacter: number, compute: (text: string) => Value, base = 4): Builtin {
  return define(signature, (args) => compute(stringOperand(args, 0)), { cost: characterCost(stepsPerCharacter, base) });
}

/** Whether a text can be read; what is no text is not valid, while other built-ins have no value then. */
function onValid(signature: string, read: (text: string) => unknown, cost: Builtin['cost']): Builtin {
  return define(signature, ([value]) => typeof value === 'string' && succeeds(() => read(value)), { cost });
}

function succeeds(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

interface Layout {
  readonly pretty: boolean;
  readonly prefix: string;
  readonly indent: string;
}

function textOption(key: string, value: Value): string {
  if (typeof value === 'string') return value;
  throw operandError(2, `key ${quote(key)} failed cast to string: operand 0 must be string but got ${typeName(value)}`);
}

function layoutOperand(args: readonly Value[]): Layout {
  let pretty: boolean | undefined;
  let prefix: string | undefined;
  let indent: string | undefined;
  for (const [index, [key, value]] of [...objectOperand(args, 1).entries()].entries()) {
    if (typeof key !== 'string') {
      const reason = `operand 0 must be string but got ${typeName(key)}`;
      throw operandError(2, `failed to stringify key ${jsonText(key)} at index ${index}: ${reason}`);
    }
    if (key === 'prefix') prefix = textOption(key, value);
    else if (key === 'indent') indent = textOption(key, value);
    else if (key !== 'pretty') throw operandError(2, `object contained unknown key ${jsonText(key)}`);
    else if (typeof value === 'boolean') pretty = value;
    else throw operandError(2, `key ${quote(key)} failed cast to bool`);
  }
  const implied = prefix !== undefined || indent !== undefined;
  return { pretty: pretty ?? implied, prefix: prefix ?? '', indent: indent ?? '\t' };
}

/** The largest power of two a number read from text may have; beyond it computing would not end in time. */
const MAXIMUM_BINARY_EXPONENT = 100_000;

function hasHugeNumber(value: Value): boolean {
  if (isNumber(value)) {
    return typeof value !== 'number' && Math.abs(value.magnitude) * Math.log2(10) > MAXIMUM_BINARY_EXPONENT;
  }
  const members = membersOf(value);
  if (members) return members.some(hasHugeNumber);
  return value instanceof RegoObject && [...value.values()].some(hasHugeNumber);
}

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Half of a surrogate pair is no character: every string gets the replacement character instead. */
function wellFormed(value: Value): Value {
  if (typeof value === 'string') return value.replace(LONE_SURROGATE, '\ufffd');
  if (isArray(value)) return value.map(wellFormed);
  if (!(value instanceof RegoObject)) return value;
  return RegoObject.from([...value.entries()].map(([key, member]) => [wellFormed(key), wellFormed(member)]));
}

/** For callers whose own cost covers the search for a mistake. */
function noCharge(): void {}

/** The value of a JSON text; throws a BuiltinError that says what is wrong with it, and charges for finding that. */
export function unmarshalJson(text: string, charge: (steps: number) => void = noCharge): Value {
  let value: Value;
  try {
    value = fromJsonText(text);
  } catch (error) {
    charge(STEPS_PER_CHARACTER * text.length);
    throw new BuiltinError(jsonMistake(text) ?? (error instanceof Error ? error.message : String(error)));
  }
  if (/[eE]/.test(text) && hasHugeNumber(value)) throw new BuiltinError('invalid number: number too big');
  return SURROGATE_ESCAPE.test(text) ? wellFormed(value) : value;
}

/** The encoding built-ins. */
export const encoding: readonly Builtin[] = [
  onText('base64.encode(string) -> string', 0.3, (text) => toBytes(text).toString('base64')),
  onText('base64.decode(string) -> string', 0.8, (text) => fromBytes(decodeBase64(text))),
  onValid('base64.is_valid(string) -> boolean', decodeBase64, characterCost(0.2, FAILURE_STEPS)),
  onText('base64url.encode(string) -> string', 0.3, (text) =>
    toBytes(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
  ),
  onText('base64url.encode_no_pad(string) -> string', 0.3, (text) => toBytes(text).toString('base64url')),
  onText('base64url.decode(string) -> string', 0.8, (text) => fromBytes(decodeBase64Url(text))),
  onText('hex.encode(string) -> string', 0.3, (text) => toBytes(text).toString('hex')),
  onText('hex.decode(string) -> string', 0.8, (text) => fromBytes(decodeHex(text))),
  define('json.marshal(any) -> string', (args) => jsonText(args[0] as Value), {
    cost: (args) => 10 + 2 * deepCost(args),
  }),
  define(
    'json.marshal_with_options(any, object<indent: string, prefix: string, pretty: boolean>[string: any]) -> string',
    (args) => {
      const { pretty, prefix, indent } = layoutOperand(args);
      return pretty ? indentedJsonText(args[0] as Value, prefix, indent) : jsonText(args[0] as Value);
    },
    { cost: marshalCost },
  ),
  define(
    'json.unmarshal(string) -> any',
    (args, ctx) => unmarshalJson(stringOperand(args, 0), (steps) => ctx.limits.charge(steps)),
    { cost: jsonCost },
  ),
  onValid('json.is_valid(string) -> boolean', fromJsonText, jsonCost),
];

/** Coming back out of the deepest place where a text turns out wrong takes time by the depth. */
const STEPS_PER_OPENING = 7;
const MOST_OPENINGS = 5_000;

function jsonCost(args: readonly Value[]): number {
  const [text] = args;
  if (typeof text !== 'string') return 4;
  let openings = 0;
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at >= 0 && openings < MOST_OPENINGS; at = text.indexOf(bracket, at + 1)) {
      openings += 1;
    }
  }
  return FAILURE_STEPS + Math.ceil(text.length * 0.5) + openings * STEPS_PER_OPENING;
}

/** Every line may carry the prefix and, once per depth, the indentation. */
function marshalCost(args: readonly Value[]): number {
  const [value = null, options] = args;
  let width = 1;
  if (options instanceof RegoObject) {
    for (const member of options.values()) if (typeof member === 'string') width += member.length;
  }
  return 40 + 2 * deepCost([value]) * Math.ceil(width / 8);
}
