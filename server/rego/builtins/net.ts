/** Built-ins on IP addresses and networks. */
import { BuiltinError } from '../errors.ts';
import { RegoObject, RegoSet, type Value } from '../values.ts';
import {
  addressText,
  containsAddress,
  containsNetwork,
  lastOf,
  mergeNetworks,
  type Network,
  networkText,
  parseAddress,
  parseNetwork,
} from './algorithms/cidr.ts';
import { characterCost, flatCost } from './cost.ts';
import { define } from './define.ts';
import { isArray, membersOf, stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (!network) throw new BuiltinError(`invalid CIDR address: ${text}`);
  return network;
}

function networkOperand(args: readonly Value[], index: number): Network {
  return networkOf(stringOperand(args, index, 1));
}

function containsText(network: Network, text: string): boolean {
  const address = parseAddress(text);
  if (address) return containsAddress(network, address);
  const inner = parseNetwork(text);
  if (inner) return containsNetwork(network, inner);
  throw new BuiltinError(`not a valid textual representation of an IP address or CIDR: ${text}`);
}

function contains(args: readonly Value[]): Value {
  const network = networkOperand(args, 0);
  return containsText(network, stringOperand(args, 1, 1));
}

function intersects(args: readonly Value[]): Value {
  const [left, right] = [networkOperand(args, 0), networkOperand(args, 1)];
  return containsAddress(left, right) || containsAddress(right, left);
}

/** A network or address, or an array that begins with one, and the key it is known by in the operand. */
type Keyed = readonly [element: Value, key: Value];

function textOf(value: Value, operand: number): Value {
  if (typeof value === 'string') return value;
  if (isArray(value) && value.length > 0) return value[0]!;
  throw new BuiltinError(`operand ${operand}: element must be string or non-empty array`);
}

function keyedOperand(args: readonly Value[], index: number): readonly Keyed[] {
  const value = args[index] as Value;
  if (typeof value === 'string') return [[value, value]];
  if (isArray(value)) return value.map((item, key) => [item, key]);
  if (value instanceof RegoSet) return value.items().map((item) => [item, item]);
  return value instanceof RegoObject ? [...value.entries()].map(([key, item]) => [item, key]) : [];
}

function containsMatches(args: readonly Value[]): Value {
  const found: Value[] = [];
  const inner = keyedOperand(args, 1);
  // Nothing is read that is not compared.
  for (const [element, key] of keyedOperand(args, 0)) {
    const text = textOf(element, 1);
    let network: Network | undefined;
    for (const [other, otherKey] of inner) {
      const otherText = textOf(other, 2);
      network ??= networkOf(stringOperand([text], 0));
      if (containsText(network, stringOperand([otherText], 0))) found.push([key, otherKey]);
    }
  }
  return RegoSet.from(found);
}

function matchesCost(args: readonly Value[]): number {
  const size = (value: Value | undefined) => membersOf(value)?.length ?? (value instanceof RegoObject ? value.size : 1);
  return flatCost(args) + 40 * (size(args[0]) + size(args[1])) + 30 * size(args[0]) * size(args[1]);
}

const MAXIMUM_EXPANSION = 1n << 16n;

function expansion(value: Value | undefined): bigint {
  const network = typeof value === 'string' ? parseNetwork(value) : undefined;
  return network ? lastOf(network) - network.value + 1n : 0n;
}

function expandCost(args: readonly Value[]): number {
  const size = expansion(args[0]);
  return ADDRESS_COST(args) + (size > MAXIMUM_EXPANSION ? 0 : 20 * Number(size));
}

function expand(args: readonly Value[]): Value {
  const network = networkOperand(args, 0);
  const size = expansion(args[0]);
  if (size > MAXIMUM_EXPANSION) {
    throw new BuiltinError(`${networkText(network)} has ${size} addresses, at most ${MAXIMUM_EXPANSION} are expanded`);
  }
  const texts = Array.from({ length: Number(size) }, (_, index) =>
    addressText({ bits: network.bits, value: network.value + BigInt(index) }),
  );
  return RegoSet.from(texts);
}

/** The prefix that classes A, B and C had, which is what an address without one gets. */
function classPrefix(value: bigint): number {
  const first = Number(value >> 24n);
  return first < 128 ? 8 : first < 192 ? 16 : first < 224 ? 24 : 32;
}

function mergeElement(value: Value): Network {
  if (typeof value !== 'string') throw new BuiltinError('element must be string');
  const address = parseAddress(value);
  if (!address) return networkOf(value);
  if (address.bits === 128) throw new BuiltinError('IPv6 invalid: needs prefix length');
  return { ...address, prefix: classPrefix(address.value) };
}

function merge(args: readonly Value[]): Value {
  const members = membersOf(args[0]);
  if (!members) throw new BuiltinError('operand must be an array');
  return RegoSet.from(mergeNetworks(members.map(mergeElement)).map(networkText));
}

function isValid(args: readonly Value[]): boolean {
  return typeof args[0] === 'string' && parseNetwork(args[0]) !== undefined;
}

function lookUp(args: readonly Value[], ctx: BuiltinContext): Value {
  const name = stringOperand(args, 0);
  if (!ctx.lookupAddress) {
    throw new BuiltinError(`name look-ups are not allowed here, so ${name} was not looked up`);
  }
  return RegoSet.from(ctx.lookupAddress(name));
}

const MATCHED =
  'any<string, array[any<string, array[any]>], object[string: any<string, array[any]>], set[any<string, array[any]>]>';

/** Reading an address with its groups of digits. */
const ADDRESS_COST = characterCost(0.5, 30);

/** The network built-ins. */
export const net: readonly Builtin[] = [
  define('net.cidr_contains(string, string) -> boolean', contains, { cost: ADDRESS_COST }),
  define('net.cidr_overlap(string, string) -> boolean', contains, { deprecated: true, cost: ADDRESS_COST }),
  define('net.cidr_intersects(string, string) -> boolean', intersects, { cost: ADDRESS_COST }),
  define(`net.cidr_contains_matches(${MATCHED}, ${MATCHED}) -> set[array<any, any>]`, containsMatches, {
    cost: matchesCost,
  }),
  define('net.cidr_expand(string) -> set[string]', expand, { cost: expandCost }),
  define('net.cidr_is_valid(string) -> boolean', isValid, { cost: ADDRESS_COST }),
  define('net.cidr_merge(any<array[any<string>], set[string]>) -> set[string]', merge, {
    cost: (args) => 40 + 50 * flatCost(args),
  }),
  define('net.lookup_ip_addr(string) -> set[string]', lookUp, { nondeterministic: true }),
];
