/** Built-ins on regular expressions (RE2 syntax, linear time). */
import type { RE2JS } from 're2js';
import { BuiltinError } from '../errors.ts';
import type { Value } from '../values.ts';
import type { Charge } from './algorithms/counted-text.ts';
import { patternsIntersect } from './algorithms/glob-intersection.ts';
import { quote } from './algorithms/quote.ts';
import {
  compilePattern,
  findMatches,
  MAXIMUM_PATTERN,
  matches,
  quotePattern,
  replacePattern,
  splitByPattern,
} from './algorithms/regular-expression.ts';
import { characterCost, textCost } from './cost.ts';
import { type BuiltinOptions, define } from './define.ts';
import { integerOperand, stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

/** What a look at the pattern costs; compiling and matching charge for themselves, when the size of the program is known. */
function patternCost(args: readonly Value[]): number {
  return 2 + (typeof args[0] === 'string' ? textCost(Math.min(args[0].length, MAXIMUM_PATTERN)) : 0);
}

function charging(ctx: BuiltinContext): Charge {
  return (steps) => ctx.limits.charge(steps);
}

function onPattern(
  signature: string,
  compute: (expression: RE2JS, text: string, charge: Charge, args: readonly Value[]) => Value,
  options: BuiltinOptions = {},
): Builtin {
  const call = (args: readonly Value[], ctx: BuiltinContext) => {
    const [pattern, text, charge] = [stringOperand(args, 0), stringOperand(args, 1), charging(ctx)];
    return compute(compilePattern(pattern, charge), text, charge, args);
  };
  return define(signature, call, { cost: patternCost, ...options });
}

function isValid(args: readonly Value[], ctx: BuiltinContext): boolean {
  const pattern = args[0];
  if (typeof pattern !== 'string') return false;
  try {
    compilePattern(pattern, charging(ctx));
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

function replace(args: readonly Value[], ctx: BuiltinContext): Value {
  const [text, pattern, replacement] = [stringOperand(args, 0), stringOperand(args, 1), stringOperand(args, 2)];
  const charge = charging(ctx);
  return replacePattern(compilePattern(pattern, charge), text, replacement, charge);
}

function templateExpression(template: string, open: string, close: string, charge: Charge): string {
  let expression = '^';
  let level = 0;
  let from = 0;
  for (const [at, character] of [...template.split('')].entries()) {
    if (character === open) {
      level += 1;
      if (level === 1) {
        expression += quotePattern(template.slice(from, at));
        from = at + 1;
      }
    } else if (character === close) {
      level -= 1;
      if (level < 0) break;
      if (level === 0) {
        const part = template.slice(from, at);
        compilePattern(`^${part}$`, charge);
        expression += `(${part})`;
        from = at + 1;
      }
    }
  }
  if (level !== 0) throw new BuiltinError(`unbalanced braces in ${quote(template)}`);
  return `${expression}${quotePattern(template.slice(from))}$`;
}

function templateMatch(args: readonly Value[], ctx: BuiltinContext): Value {
  const charge = charging(ctx);
  const [template, text, open, close] = [0, 1, 2, 3].map((index) => stringOperand(args, index)) as [
    string,
    string,
    string,
    string,
  ];
  // Of both the length of the first is told.
  const length = Buffer.byteLength(open);
  for (const [name, delimiter] of Object.entries({ start: open, end: close })) {
    if (Buffer.byteLength(delimiter) !== 1)
      throw new BuiltinError(`${name} delimiter has to be exactly one character long but is ${length} long`);
  }
  return matches(compilePattern(templateExpression(template, open, close, charge), charge), text, charge);
}

/** The regular expression built-ins. */
export const regex: readonly Builtin[] = [
  onPattern('regex.match(string, string) -> boolean', matches),
  onPattern('re_match(string, string) -> boolean', matches, { deprecated: true }),
  define('regex.is_valid(string) -> boolean', isValid, { cost: (args) => 80 + patternCost(args) }),
  onPattern('regex.split(string, string) -> array[string]', splitByPattern),
  onPattern('regex.find_n(string, string, number) -> array[string]', (expression, text, charge, args) =>
    findMatches(expression, text, integerOperand(args, 2), charge).map((match) => match.groups[0]!),
  ),
  onPattern(
    'regex.find_all_string_submatch_n(string, string, number) -> array[array[string]]',
    (expression, text, charge, args) =>
      findMatches(expression, text, integerOperand(args, 2), charge).map(({ groups }) =>
        groups.map((group) => group ?? ''),
      ),
  ),
  define('regex.replace(string, string, string) -> string', replace, { cost: (args) => patternCost(args.slice(1)) }),
  define('regex.template_match(string, string, string, string) -> boolean', templateMatch, {
    cost: characterCost(1, 20),
  }),
  define(
    'regex.globs_match(string, string) -> boolean',
    (args) => patternsIntersect(stringOperand(args, 0), stringOperand(args, 1)),
    {
      cost: globsCost,
    },
  ),
];

/** Every character of a range like `[a-z]` is put into a set. */
function rangeSteps(pattern: Value | undefined): number {
  if (typeof pattern !== 'string' || pattern.length > MAXIMUM_PATTERN) return 0;
  let steps = pattern.length;
  for (let at = pattern.indexOf('-', 1); at >= 0; at = pattern.indexOf('-', at + 1)) {
    steps += Math.max(0, (pattern.charCodeAt(at + 1) || 0) - pattern.charCodeAt(at - 1));
  }
  return steps;
}

function globsCost(args: readonly Value[]): number {
  const [left, right] = args.map((arg) => (typeof arg === 'string' ? Math.min(arg.length, 500) : 0));
  return 20 + (left ?? 0) * (right ?? 0) + rangeSteps(args[0]) + rangeSteps(args[1]);
}
