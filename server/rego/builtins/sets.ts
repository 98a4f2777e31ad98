/** Built-ins on sets, and the operators that stand for them. */
import { RegoSet, type Value } from '../values.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import { setOperand } from './operands.ts';
import type { Builtin } from './types.ts';

function setsOperand(args: readonly Value[]): readonly RegoSet[] {
  return setOperand(args, 0)
    .items()
    .map((_, index, members) => setOperand(members, index, 1));
}

function setsCost(args: readonly Value[]): number {
  return 2 * deepCost(args);
}

function onSets(signature: string, compute: (left: RegoSet, right: RegoSet) => RegoSet, infix: string): Builtin {
  return define(signature, (args) => compute(setOperand(args, 0), setOperand(args, 1)), { infix });
}

/** The set built-ins. */
export const sets: readonly Builtin[] = [
  onSets('and(set[any], set[any]) -> set[any]', (left, right) => left.intersect(right), '&'),
  onSets('or(set[any], set[any]) -> set[any]', (left, right) => left.union(right), '|'),
  define('set_diff(set[any], set[any]) -> set[any]', (args) => setOperand(args, 0).difference(setOperand(args, 1)), {
    deprecated: true,
  }),
  define(
    'intersection(set[set[any]]) -> set[any]',
    (args) => {
      const [first = RegoSet.empty, ...others] = setsOperand(args);
      return others.reduce((common, other) => common.intersect(other), first);
    },
    { cost: setsCost },
  ),
  define(
    'union(set[set[any]]) -> set[any]',
    (args) => RegoSet.from(setsOperand(args).flatMap((members) => members.items())),
    { cost: setsCost },
  ),
];
