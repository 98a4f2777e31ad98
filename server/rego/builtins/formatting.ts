/** Built-ins that turn values into text for people. */
import { isNumber, numberText, RegoSet, toDouble, toText, type Value } from '../values.ts';
import { type FormatArgument, sprintf } from './algorithms/sprintf.ts';
import { deepCost, digitsCost, textCost } from './cost.ts';
import { define } from './define.ts';
import { arrayOperand, isArray, stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The digits decide: a number written with a point or an exponent is a float, whatever its value. */
function formatArgument(value: Value): FormatArgument {
  if (typeof value === 'string') return { kind: 'string', value };
  if (!isNumber(value)) return { kind: 'string', value: toText(value) };
  const text = numberText(value);
  if (/[.eE]/.test(text)) {
    const double = toDouble(value);
    return Number.isFinite(double) ? { kind: 'float64', value: double } : { kind: 'string', value: text };
  }
  const integer = BigInt(text);
  const isSmall = integer >= INT64_MIN && integer <= INT64_MAX;
  return { kind: isSmall ? 'int64' : 'big.Int', value: integer };
}

function format(args: readonly Value[], ctx: BuiltinContext): Value {
  const text = stringOperand(args, 0);
  const values = arrayOperand(args, 1);
  return sprintf(text, values.map(formatArgument), (length) => ctx.limits.charge(textCost(length)));
}

function bareText(value: Value): string {
  return typeof value === 'string' ? value : toText(value);
}

/** A part is a set with the value of its expression, empty where that was undefined, or a constant. */
function partTexts(part: Value): readonly string[] {
  if (!(part instanceof RegoSet)) return [bareText(part)];
  return part.size === 0 ? ['<undefined>'] : part.items().map(bareText);
}

function templateString(args: readonly Value[]): Value {
  return arrayOperand(args, 0)
    .map((part) => partTexts(part)[0])
    .join('');
}

/** Prints one line for every combination of the values that the operands can have. */
function print(args: readonly Value[], ctx: BuiltinContext): Value {
  if (!ctx.print) return true;
  let lines: readonly string[] = [''];
  for (const [index, operand] of arrayOperand(args, 0).entries()) {
    const texts = partTexts(operand);
    ctx.limits.charge(3 * lines.length * texts.length);
    lines = lines.flatMap((line) => texts.map((text) => (index === 0 ? text : `${line} ${text}`)));
  }
  for (const line of lines) ctx.print(line, ctx.location);
  return true;
}

/** Reading and following one verb. */
const STEPS_PER_VERB = 30;

function formatCost(args: readonly Value[]): number {
  const text = typeof args[0] === 'string' ? args[0] : '';
  let verbs = 1;
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) verbs++;
  const perCharacter = BY_CHARACTER.test(text) ? STEPS_PER_QUOTED : 0;
  let cost = STEPS_PER_VERB * verbs + 2 * deepCost(args);
  for (const value of isArray(args[1]) ? args[1] : []) {
    if (typeof value === 'string') cost += Math.ceil(value.length * perCharacter);
    else cost += 2 * digitsCost(value);
  }
  return cost;
}

function printCost(args: readonly Value[]): number {
  return 4 + 2 * deepCost(args);
}

/** Verbs that write a text character by character, and whole arrays where the text has them. */
const BY_CHARACTER = /%[^a-zA-Z%]*[qxXUc]|%[^a-zA-Z%]*[#.]/;
const STEPS_PER_QUOTED = 0.7;

/** The formatting built-ins. */
export const formatting: readonly Builtin[] = [
  define('sprintf(string, array[any]) -> string', format, { cost: formatCost }),
  define('internal.template_string(array[any]) -> string', templateString, { cost: printCost }),
  define('internal.print(array[set[any]])', print, { cost: printCost }),
  define('print(any...)', (args, ctx) => print([args.map((arg) => RegoSet.from([arg]))], ctx), {
    cost: printCost,
  }),
];
