/** The functions that templates can call. `and` and `or` are not among them: they decide which arguments are looked at. */
import { BuiltinError } from '../../errors.ts';
import { compareStrings } from '../../values.ts';
import { escapeQuery } from '../algorithms/query.ts';
import { type FormatArgument, sprintf } from '../algorithms/sprintf.ts';
import { Digits, isList, isTrue, type TemplateValue, typeNameOf, valueText } from './values.ts';

/** What a function may tell of the work it does. */
type Charge = (length: number) => void;
type TemplateFunction = (args: readonly TemplateValue[], charge: Charge) => TemplateValue;

function formatArgument(value: TemplateValue): FormatArgument {
  if (typeof value === 'bigint') return { kind: 'int64', value };
  if (typeof value === 'number') return { kind: 'float64', value };
  return { kind: 'string', value: valueText(value) };
}

/** Arguments as text, with spaces between neighbours that are both no strings. */
function printed(args: readonly TemplateValue[]): string {
  return args
    .map((arg, index) => {
      const isText = (value: TemplateValue) => typeof value === 'string';
      return (index > 0 && !isText(arg) && !isText(args[index - 1]) ? ' ' : '') + valueText(arg);
    })
    .join('');
}

type Kind = 'bool' | 'int' | 'float' | 'string' | 'nil' | 'other';

function kindOf(value: TemplateValue): Kind {
  if (value instanceof Digits || typeof value === 'string') return 'string';
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  return typeof value === 'boolean' ? 'bool' : 'other';
}

function textOf(value: TemplateValue): string {
  return value instanceof Digits ? value.text : String(value);
}

function incompatible(left: TemplateValue, right: TemplateValue): BuiltinError {
  const types = `${typeNameOf(left)} and ${typeNameOf(right)}`;
  return new BuiltinError(`incompatible types for comparison: ${types}`);
}

function areEqual(left: TemplateValue, right: TemplateValue): boolean {
  const [a, b] = [kindOf(left), kindOf(right)];
  if (a === 'nil' || b === 'nil') return a === b;
  if (a === 'other' || b === 'other')
    throw new BuiltinError(`non-comparable type ${typeNameOf(a === 'other' ? left : right)}`);
  if (a !== b) throw incompatible(left, right);
  return a === 'string' ? textOf(left) === textOf(right) : left === right;
}

function isLess(left: TemplateValue, right: TemplateValue): boolean {
  const [a, b] = [kindOf(left), kindOf(right)];
  if (a !== b) throw incompatible(left, right);
  if (a === 'string') return compareStrings(textOf(left), textOf(right)) < 0;
  if (a === 'int' || a === 'float') return (left as number) < (right as number);
  throw new BuiltinError(`invalid type for comparison: ${typeNameOf(left)}`);
}

function pair(args: readonly TemplateValue[], name: string): [TemplateValue, TemplateValue] {
  if (args.length !== 2) throw new BuiltinError(`wrong number of args for ${name}: want 2 got ${args.length}`);
  return [args[0], args[1]];
}

function equalsAny(args: readonly TemplateValue[]): boolean {
  if (args.length < 2) throw new BuiltinError('missing argument for comparison');
  return args.slice(1).some((arg) => areEqual(args[0], arg));
}

function positionOf(value: TemplateValue, length: number): number {
  if (typeof value !== 'bigint') throw new BuiltinError(`cannot index slice/array with type ${typeNameOf(value)}`);
  if (value < 0n || value >= BigInt(length)) throw new BuiltinError(`index out of range: ${value}`);
  return Number(value);
}

function index(args: readonly TemplateValue[]): TemplateValue {
  let current = args[0];
  for (const key of args.slice(1)) {
    if (isList(current)) current = current[positionOf(key, current.length)];
    else if (typeof current === 'string')
      current = BigInt(Buffer.from(current)[positionOf(key, Buffer.byteLength(current))]!);
    else if (current instanceof Map && typeof key === 'string') current = current.get(key);
    else throw new BuiltinError(`can't index item of type ${typeNameOf(current)}`);
  }
  return current;
}

function slice(args: readonly TemplateValue[]): TemplateValue {
  const [value, from = 0n, to] = args;
  if (typeof value !== 'string' && !isList(value))
    throw new BuiltinError(`can't slice item of type ${typeNameOf(value)}`);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const limit = bytes.length + 1;
  const [start, end] = [positionOf(from, limit), to === undefined ? bytes.length : positionOf(to, limit)];
  if (start > end) throw new BuiltinError(`invalid slice index: ${start} > ${end}`);
  return Buffer.isBuffer(bytes)
    ? bytes.subarray(start, end).toString()
    : (bytes as readonly TemplateValue[]).slice(start, end);
}

function length(args: readonly TemplateValue[]): TemplateValue {
  const [value] = args;
  if (value instanceof Digits) return BigInt(value.text.length);
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (isList(value)) return BigInt(value.length);
  if (value instanceof Map) return BigInt(value.size);
  throw new BuiltinError(`len of type ${typeNameOf(value)}`);
}

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};
const SCRIPT: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

function escapeScript(text: string): string {
  return text.replace(/[\\'"<>&=\u0000-\u001f]/g, (character) => {
    return SCRIPT[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  call: (args) => {
    throw new BuiltinError(`non-function of type ${typeNameOf(args[0])}`);
  },
  eq: equalsAny,
  ne: (args) => !areEqual(...pair(args, 'ne')),
  lt: (args) => isLess(...pair(args, 'lt')),
  le: (args) => isLess(...pair(args, 'le')) || areEqual(...pair(args, 'le')),
  gt: (args) => !isLess(...pair(args, 'gt')) && !areEqual(...pair(args, 'gt')),
  ge: (args) => !isLess(...pair(args, 'ge')),
  html: (args) => printed(args).replace(/["'&<>\0]/g, (character) => HTML[character]!),
  index,
  js: (args) => escapeScript(printed(args)),
  len: length,
  not: (args) => !isTrue(args[0]),
  print: printed,
  printf: (args, charge) => {
    if (typeof args[0] !== 'string') throw new BuiltinError('printf needs a format text');
    return sprintf(args[0], args.slice(1).map(formatArgument), charge);
  },
  println: (args) => `${args.map(valueText).join(' ')}\n`,
  slice,
  urlquery: (args) => escapeQuery(printed(args)),
};

/** The names that templates may call. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), 'and', 'or']);

/** Calls a function by its name. Throws a BuiltinError that names it when its arguments are wrong. */
export function callFunction(name: string, args: readonly TemplateValue[], charge: Charge): TemplateValue {
  try {
    return FUNCTIONS[name]!(args, charge);
  } catch (error) {
    if (error instanceof BuiltinError) throw new BuiltinError(`error calling ${name}: ${error.message}`);
    throw error;
  }
}
