/** The functions that templates can call. `and` and `or` decide themselves which of their arguments are looked at. */
import { BuiltinError } from '../../errors.ts';
import { escapeQuery } from '../algorithms/query.ts';
import { sprintf } from '../algorithms/sprintf.ts';
import { areEqual, equalsAny, isLess } from './compare.ts';
import { escapeHtml, escapeScript } from './escapes.ts';
import { printfArgument } from './format.ts';
import { index, length, slice } from './items.ts';
import { Digits, isTrue, type Plain, type Reflected, released, typeNameOf, valueText } from './values.ts';

/** What a function may tell of the work it does. */
type Charge = (length: number) => void;

/**
 * A function: its parameters are values as they were found, texts, or anything with nil for what is missing. The last
 * parameter of a variadic one stands for any number of arguments.
 */
export interface TemplateFunction {
  readonly parameters: readonly ('found' | 'text' | 'any')[];
  readonly variadic: boolean;
  readonly run: (args: readonly Reflected[], charge: Charge) => Reflected;
}

/** Arguments as text, with spaces between neighbours that are both no strings. */
function printed(args: readonly (Plain | undefined)[]): string {
  const isText = (value: Plain | undefined) => typeof value === 'string' || value instanceof Digits;
  return args
    .map((arg, position) => (position > 0 && !isText(arg) && !isText(args[position - 1]) ? ' ' : '') + valueText(arg))
    .join('');
}

/** The text that is escaped: what is missing shows as in the output. */
function escapable(args: readonly (Plain | undefined)[]): string {
  return printed(args.map((arg) => arg ?? '<no value>'));
}

function ofFound(count: number, run: TemplateFunction['run']): TemplateFunction {
  return { parameters: Array<'found'>(count).fill('found'), variadic: false, run };
}

function ofMany(run: TemplateFunction['run'], first?: 'found'): TemplateFunction {
  return { parameters: first ? [first, 'found'] : ['found'], variadic: true, run };
}

/** A function that prints its arguments, which costs more than passing over the text. */
function ofAny(print: (args: readonly (Plain | undefined)[]) => string): TemplateFunction {
  const run = (args: readonly Reflected[], charge: Charge) => {
    const text = print(args as readonly (Plain | undefined)[]);
    charge(8 * text.length);
    return text;
  };
  return { parameters: ['any'], variadic: true, run };
}

function unreachable(): never {
  throw new BuiltinError('and and or are run by the execution');
}

const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map([
  ['and', ofMany(unreachable, 'found')],
  ['call', ofMany(unreachable, 'found')],
  ['eq', ofMany(equalsAny, 'found')],
  ['ge', ofFound(2, ([left, right]) => !isLess(left, right))],
  ['gt', ofFound(2, ([left, right]) => !isLess(left, right) && !areEqual(left, right))],
  ['html', ofAny((args) => escapeHtml(escapable(args)))],
  ['index', ofMany(index, 'found')],
  ['js', ofAny((args) => escapeScript(escapable(args)))],
  ['le', ofFound(2, ([left, right]) => isLess(left, right) || areEqual(left, right))],
  ['len', ofFound(1, length)],
  ['lt', ofFound(2, ([left, right]) => isLess(left, right))],
  ['ne', ofFound(2, ([left, right]) => !areEqual(left, right))],
  ['not', ofFound(1, ([value]) => !isTrue(value))],
  ['or', ofMany(unreachable, 'found')],
  ['print', ofAny(printed)],
  [
    'printf',
    {
      parameters: ['text', 'any'],
      variadic: true,
      run: ([format, ...args], charge) => {
        const values = args.map((arg) => printfArgument(released(arg), charge));
        return sprintf(format as string, values, charge);
      },
    },
  ],
  ['println', ofAny((args) => `${args.map(valueText).join(' ')}\n`)],
  ['slice', ofMany(slice, 'found')],
  ['urlquery', ofAny((args) => escapeQuery(escapable(args)))],
]);

/** The names that templates may call. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set(FUNCTIONS.keys());

/** The function of a name that is one of FUNCTION_NAMES. */
export function functionOf(name: string): TemplateFunction {
  return FUNCTIONS.get(name)!;
}

/** Data holds no functions: calling a value is always a mistake. */
export function callValue(value: Reflected, name: string): BuiltinError {
  const callee = released(value);
  if (callee === undefined) return new BuiltinError('call of nil');
  return new BuiltinError(`non-function ${name} of type ${typeNameOf(callee)}`);
}
