/** What the tests of built-ins share: calling one by name with JSON-like arguments and a budget. */
import { BuiltinError } from '../errors.ts';
import { BigNumber, fromJson, RegoObject, RegoSet, toJson, type Value } from '../values.ts';
import { lookup } from './registry.ts';
import type { BuiltinContext } from './types.ts';

/** Thrown when a call spends more than its budget. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';
}

/** A context with a budget of steps; the clock stands at 2023-11-14T22:13:20Z. */
export function contextWith(steps: number, more: Partial<BuiltinContext> = {}): BuiltinContext {
  let left = steps;
  const charge = (amount: number) => {
    left -= amount;
    if (left < 0) throw new LimitReached('the budget is gone');
  };
  return {
    limits: { charge },
    clockNs: 1_700_000_000_000_000_000n,
    cache: new Map(),
    location: undefined,
    ...more,
  };
}

/** A set for an argument, since JSON has none. */
export function setOf(...members: readonly unknown[]): RegoSet {
  return RegoSet.from(members.map(value));
}

/** An object with keys of any kind. */
export function objectOf(...entries: readonly (readonly [unknown, unknown])[]): RegoObject {
  return RegoObject.from(entries.map(([key, member]) => [value(key), value(member)] as const));
}

function value(argument: unknown): Value {
  if (argument instanceof RegoSet || argument instanceof RegoObject || argument instanceof BigNumber) return argument;
  return Array.isArray(argument) ? argument.map(value) : fromJson(argument);
}

/** Arguments as the values that a built-in gets. */
export function valuesOf(args: readonly unknown[]): readonly Value[] {
  return args.map(value);
}

/** Calls a built-in as the evaluator does: the cost first, then the work. */
export function callWith(ctx: BuiltinContext, name: string, values: readonly Value[]): Value | undefined {
  const builtin = lookup(name);
  if (!builtin) throw new Error(`there is no built-in ${name}`);
  ctx.limits.charge(builtin.cost(values));
  return builtin.call(values, ctx);
}

const AMPLE = 100_000_000;

/** The result of a call as JSON, sets as sorted arrays. */
export function call(name: string, ...args: readonly unknown[]): unknown {
  const result = callWith(contextWith(AMPLE), name, valuesOf(args));
  return result === undefined ? undefined : toJson(result);
}

/** The message of the error that a call ends with. Throws when it ends without one. */
export function errorOf(name: string, ...args: readonly unknown[]): string {
  try {
    callWith(contextWith(AMPLE), name, valuesOf(args));
  } catch (error) {
    if (error instanceof BuiltinError) return error.message;
    throw error;
  }
  throw new Error(`${name} did not fail`);
}
