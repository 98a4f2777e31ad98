/** What calls cost in steps; a step is about the work of one simple expression. */
import { RegoObject, RegoSet, type Value } from '../values.ts';
import { isArray } from './operands.ts';

const CHARACTERS_PER_STEP = 32;

/** Steps for passing once over a text of this length. */
export function textCost(length: number): number {
  return 1 + Math.ceil(length / CHARACTERS_PER_STEP);
}

function ownSize(value: Value): number {
  if (typeof value === 'string') return textCost(value.length);
  if (isArray(value)) return 1 + value.length;
  if (value instanceof RegoSet || value instanceof RegoObject) return 1 + value.size;
  return 1;
}

/** Cost of work that passes once over each operand's own elements, without going deeper. */
export function flatCost(args: readonly Value[]): number {
  let cost = 0;
  for (const arg of args) cost += ownSize(arg);
  return cost;
}

/** Operands with more elements than this are beyond any budget; counting on would itself take too long. */
const MAXIMUM_COUNTED = 500_000;

/** Cost of work that visits every element of every operand, at all depths; more than any budget for huge operands. */
export function deepCost(args: readonly Value[]): number {
  let cost = 0;
  const pending: Value[] = [...args];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    cost += ownSize(value);
    if (cost > MAXIMUM_COUNTED) return Number.MAX_SAFE_INTEGER;
    if (isArray(value) || value instanceof RegoSet) for (const member of value) pending.push(member);
    else if (value instanceof RegoObject) for (const [key, member] of value.entries()) pending.push(key, member);
  }
  return cost;
}

/** Cost of work whose amount does not depend on its operands. */
export function constantCost(steps: number): (args: readonly Value[]) => number {
  return () => steps;
}
