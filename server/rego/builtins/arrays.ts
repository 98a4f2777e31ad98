/** Built-ins on arrays. */
import type { Value } from '../values.ts';
import { flatCost } from './cost.ts';
import { define } from './define.ts';
import { arrayOperand, integerOperand, isArray } from './operands.ts';
import type { Builtin } from './types.ts';

function slice(args: readonly Value[]): Value {
  const items = arrayOperand(args, 0);
  const start = integerOperand(args, 1);
  const stop = Math.min(Math.max(integerOperand(args, 2), 0), items.length);
  return items.slice(Math.min(Math.max(start, 0), stop), stop);
}

function flattenCost(args: readonly Value[]): number {
  return flatCost(args) + (isArray(args[0]) ? flatCost(args[0]) : 0);
}

/** The array built-ins. */
export const arrays: readonly Builtin[] = [
  define('array.concat(array[any], array[any]) -> array[any]', (args) => [
    ...arrayOperand(args, 0),
    ...arrayOperand(args, 1),
  ]),
  define('array.flatten(array[any]) -> array[any]', (args) => (arrayOperand(args, 0) as Value[]).flat() as Value[], {
    cost: flattenCost,
  }),
  define('array.reverse(array[any]) -> array[any]', (args) => [...arrayOperand(args, 0)].reverse()),
  define('array.slice(array[any], number, number) -> array[any]', slice),
];
