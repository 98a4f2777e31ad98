/** Built-ins on glob patterns. */
import type { Value } from '../values.ts';
import { globExpression, quoteGlob } from './algorithms/glob-pattern.ts';
import { compilePattern, MAXIMUM_PATTERN, matches } from './algorithms/regular-expression.ts';
import { characterCost, flatCost } from './cost.ts';
import { define } from './define.ts';
import { capLength, isArray, operandElementError, operandTypeError, stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

function separatorsOperand(args: readonly Value[]): readonly string[] {
  const value = args[1] as Value;
  if (value === null) return [];
  if (!isArray(value)) throw operandTypeError(2, value, 'array', 'null');
  if (value.length === 0) return ['.'];
  for (const item of value) {
    if (typeof item !== 'string') throw operandElementError(2, value, item, 'string');
    if (item.length > 2 || [...item].length !== 1) throw operandElementError(2, value, item, 'rune');
  }
  return value as readonly string[];
}

function match(args: readonly Value[], ctx: BuiltinContext): Value {
  const charge = (steps: number) => ctx.limits.charge(steps);
  const pattern = stringOperand(args, 0);
  const separators = separatorsOperand(args);
  const text = stringOperand(args, 2);
  capLength('glob pattern', pattern.length, MAXIMUM_PATTERN);
  return matches(compilePattern(globExpression(pattern, separators), charge, true), text, charge);
}

/** The pattern is read again for every call. */
const STEPS_PER_CHARACTER = 1.2;

function matchCost(args: readonly Value[]): number {
  const pattern = typeof args[0] === 'string' ? Math.min(args[0].length, MAXIMUM_PATTERN) : 0;
  return 20 + Math.ceil(pattern * STEPS_PER_CHARACTER) + 4 * flatCost(args.slice(1));
}

/** The glob built-ins. */
export const glob: readonly Builtin[] = [
  define('glob.match(string, any<null, array[string]>, string) -> boolean', match, {
    cost: matchCost,
  }),
  define('glob.quote_meta(string) -> string', (args) => quoteGlob(stringOperand(args, 0)), {
    cost: characterCost(0.6),
  }),
];
