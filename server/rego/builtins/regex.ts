/** Built-ins on regular expressions (RE2 syntax, linear time). */
import { BuiltinError } from '../errors.ts';
import type { Value } from '../values.ts';
import { patternsIntersect } from './algorithms/glob-intersection.ts';
import { quote } from './algorithms/quote.ts';
import {
  compilePattern,
  findMatches,
  MAXIMUM_PATTERN,
  MAXIMUM_TEXT,
  matches,
  quotePattern,
  replacePattern,
  splitByPattern,
} from './algorithms/regular-expression.ts';
import { textCost } from './cost.ts';
import { define } from './define.ts';
import { integerOperand, stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

/** Steps by the sizes of pattern and text; texts beyond the caps cost nothing, the call refuses them. */
function matchCost(pattern: Value | undefined, text: Value | undefined): number {
  const patternLength = typeof pattern === 'string' ? Math.min(pattern.length, MAXIMUM_PATTERN) : 0;
  const textLength = typeof text === 'string' ? Math.min(text.length, MAXIMUM_TEXT) : 0;
  return 2 + patternLength + Math.ceil((textLength * (4 + patternLength / 16)) / 16);
}

function onPattern(
  signature: string,
  compute: (pattern: string, text: string, args: readonly Value[]) => Value,
): Builtin {
  return define(signature, (args) => compute(stringOperand(args, 0), stringOperand(args, 1), args), {
    cost: (args) => matchCost(args[0], args[1]),
  });
}

function isValid(args: readonly Value[]): boolean {
  const pattern = args[0];
  if (typeof pattern !== 'string') return false;
  try {
    compilePattern(pattern);
    return true;
  } catch {
    return false;
  }
}

function replace(args: readonly Value[], ctx: BuiltinContext): Value {
  const [text, pattern, replacement] = [stringOperand(args, 0), stringOperand(args, 1), stringOperand(args, 2)];
  return replacePattern(compilePattern(pattern), text, replacement, (length) => ctx.limits.charge(textCost(length)));
}

function templateExpression(template: string, open: string, close: string): string {
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
        compilePattern(`^${part}$`);
        expression += `(${part})`;
        from = at + 1;
      }
    }
  }
  if (level !== 0) throw new BuiltinError(`unbalanced braces in ${quote(template)}`);
  return `${expression}${quotePattern(template.slice(from))}$`;
}

function templateMatch(args: readonly Value[]): Value {
  const [template, text, open, close] = [0, 1, 2, 3].map((index) => stringOperand(args, index)) as [
    string,
    string,
    string,
    string,
  ];
  for (const [name, delimiter] of Object.entries({ start: open, end: close })) {
    const length = Buffer.byteLength(delimiter);
    if (length !== 1)
      throw new BuiltinError(`${name} delimiter has to be exactly one character long but is ${length} long`);
  }
  return matches(compilePattern(templateExpression(template, open, close)), text);
}

/** The regular expression built-ins. */
export const regex: readonly Builtin[] = [
  onPattern('regex.match(string, string) -> boolean', (pattern, text) => matches(compilePattern(pattern), text)),
  define(
    're_match(string, string) -> boolean',
    (args) => matches(compilePattern(stringOperand(args, 0)), stringOperand(args, 1)),
    {
      cost: (args) => matchCost(args[0], args[1]),
      deprecated: true,
    },
  ),
  define('regex.is_valid(string) -> boolean', isValid, { cost: (args) => matchCost(args[0], '') }),
  onPattern('regex.split(string, string) -> array[string]', (pattern, text) =>
    splitByPattern(compilePattern(pattern), text),
  ),
  onPattern('regex.find_n(string, string, number) -> array[string]', (pattern, text, args) => {
    const limit = integerOperand(args, 2);
    return findMatches(compilePattern(pattern), text, limit).map((match) => match.groups[0]!);
  }),
  onPattern(
    'regex.find_all_string_submatch_n(string, string, number) -> array[array[string]]',
    (pattern, text, args) => {
      const limit = integerOperand(args, 2);
      return findMatches(compilePattern(pattern), text, limit).map((match) => match.groups.map((group) => group ?? ''));
    },
  ),
  define('regex.replace(string, string, string) -> string', replace, { cost: (args) => matchCost(args[1], args[0]) }),
  define('regex.template_match(string, string, string, string) -> boolean', templateMatch, {
    cost: (args) => 2 * matchCost(args[0], args[1]),
  }),
  define(
    'regex.globs_match(string, string) -> boolean',
    (args) => patternsIntersect(stringOperand(args, 0), stringOperand(args, 1)),
    {
      cost: globsCost,
    },
  ),
];

function globsCost(args: readonly Value[]): number {
  const [left, right] = args.map((arg) => (typeof arg === 'string' ? Math.min(arg.length, 500) : 0));
  return 1 + (left ?? 0) * (right ?? 0);
}
