/** Built-ins that give the same random value for the same key during one evaluation, and UUID parsing. */
import { randomBytes } from 'node:crypto';
import { fromBigInt, keyOf, RegoObject, type Value } from '../values.ts';
import { parseUuid, randomUuid } from './algorithms/uuid.ts';
import { characterCost, deepCost } from './cost.ts';
import { define } from './define.ts';
import { integerOperand, stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

function remembered(ctx: BuiltinContext, key: string, make: () => Value): Value {
  const known = ctx.cache.get(key) as Value | undefined;
  if (known !== undefined) return known;
  const value = make();
  ctx.cache.set(key, value);
  return value;
}

function random(ctx: BuiltinContext, length: number): Uint8Array {
  return ctx.randomBytes?.(length) ?? randomBytes(length);
}

function newUuid(args: readonly Value[], ctx: BuiltinContext): Value {
  const key = `uuid.rfc4122:${String(keyOf(args[0] as Value))}`;
  return remembered(ctx, key, () => randomUuid(random(ctx, 16)));
}

function parse(args: readonly Value[]): Value | undefined {
  const uuid = parseUuid(stringOperand(args, 0));
  if (!uuid) return undefined;
  const fields: [string, Value][] = [
    ['version', uuid.version],
    ['variant', uuid.variant],
  ];
  if (uuid.timeBased) {
    const { time, node, nodeKind, clockSequence } = uuid.timeBased;
    fields.push(['time', fromBigInt(time)], ['nodeid', node], ['macvariables', nodeKind]);
    fields.push(['clocksequence', clockSequence]);
  }
  if (uuid.security) fields.push(['id', uuid.security.id], ['domain', uuid.security.domain]);
  return RegoObject.from(fields);
}

/** A number below `limit`, every one equally likely: numbers that would favour small remainders are drawn again. */
function randomBelow(ctx: BuiltinContext, limit: bigint): bigint {
  const range = 1n << 64n;
  const fair = range - (range % limit);
  for (;;) {
    const drawn = Buffer.from(random(ctx, 8)).readBigUInt64BE(0);
    if (drawn < fair) return drawn % limit;
  }
}

function randomInteger(args: readonly Value[], ctx: BuiltinContext): Value {
  const key = stringOperand(args, 0);
  const limit = Math.abs(integerOperand(args, 1));
  if (limit === 0) return 0;
  return remembered(ctx, `rand.intn:${limit}:${key}`, () => fromBigInt(randomBelow(ctx, BigInt(limit))));
}

/** The UUID and random number built-ins. */
export const uuid: readonly Builtin[] = [
  define('uuid.rfc4122(string) -> string', newUuid, {
    nondeterministic: true,
    cost: (args) => 20 + deepCost(args),
  }),
  define('uuid.parse(string) -> object[string: any]', parse, { cost: characterCost(0.1, 45) }),
  define('rand.intn(string, number) -> number', randomInteger, {
    nondeterministic: true,
    cost: characterCost(0.1, 20),
  }),
];
