/**
 * What calls cost in steps. A step is about the work of one simple expression, at most 130 ns on the processors that the
 * costs were measured on, so that 300,000 steps take at most 40 ms whatever a policy spends them on.
 */
import { BigNumber, RegoObject, RegoSet, type Value } from '../values.ts';
import { isArray } from './operands.ts';

const CHARACTERS_PER_STEP = 32;

/** Steps for passing once over a text of this length. */
export function textCost(length: number): number {
  return 1 + Math.ceil(length / CHARACTERS_PER_STEP);
}

function ownSize(value: Value): number {
  if (typeof value === 'string') return textCost(value.length);
  if (value instanceof BigNumber) return textCost(value.text.length);
  if (isArray(value)) return 1 + value.length;
  if (value instanceof RegoSet || value instanceof RegoObject) return 1 + value.size;
  return 1;
}

/**
 * Cost of work that looks at every character of texts, and every digit of long numbers, on its own: so many steps for
 * each, and one for each element of collections.
 */
export function characterCost(stepsPerCharacter: number, base = 1): (args: readonly Value[]) => number {
  return (args) => {
    let cost = base;
    for (const arg of args) {
      if (typeof arg === 'string') cost += Math.ceil(arg.length * stepsPerCharacter);
      else cost += ownSize(arg);
    }
    return cost;
  };
}

/** Exponents beyond this are nowhere written out: what would have to is refused. */
const MAXIMUM_EXPONENT = 100_000;

/** How many digits a number has when it is written out, in whole or behind the point; 1 for what is no number. */
export function digitCount(value: Value | undefined): number {
  if (typeof value === 'number') return Number.isInteger(value) ? 1 + Math.floor(Math.log10(Math.abs(value) + 1)) : 20;
  if (!(value instanceof BigNumber)) return 1;
  const zeros = Math.abs(value.magnitude);
  return Math.max(value.text.length, zeros > MAXIMUM_EXPONENT ? 0 : zeros);
}

/** Cost of reading or writing so many digits of a long number, which takes more than time by their count. */
export function stepsForDigits(count: number): number {
  return Math.ceil(count * 0.3 + (count * count) / 10_000);
}

/** Cost of reading and writing the digits of a long number; nothing for others. */
export function digitsCost(value: Value | undefined): number {
  return value instanceof BigNumber ? stepsForDigits(digitCount(value)) : 0;
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
    if (isArray(value)) for (const member of value) pending.push(member);
    else if (value instanceof RegoSet || value instanceof RegoObject) {
      for (const part of value.unordered()) pending.push(part);
    }
  }
  return cost;
}

/** Cost of work whose amount does not depend on its operands. */
export function constantCost(steps: number): (args: readonly Value[]) => number {
  return () => steps;
}
