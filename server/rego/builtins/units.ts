/** Built-ins that read amounts with SI and binary units. */
import { BuiltinError } from '../errors.ts';
import { fromBigInt, parseNumber, type Value } from '../values.ts';
import { extendedOfInteger, multiply, parseExtended, truncate } from './algorithms/extended-float.ts';
import { type Amount, fractionText, parseFraction, splitAmount } from './algorithms/quantity.ts';
import { characterCost } from './cost.ts';
import { define } from './define.ts';
import { capLength, stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

const MAXIMUM_LENGTH = 10_000;
/** A thousandth as the nearest double has it, which is what OPA multiplies with: its results keep their ten digits. */
const MILLI = { numerator: 1152921504606847n, denominator: 1n << 60n };
const DECIMAL_PREFIXES = ['k', 'm', 'g', 't', 'p', 'e'];

function factorOf(unit: string): bigint | undefined {
  const power = BigInt(DECIMAL_PREFIXES.indexOf(unit[0]!) + 1);
  if (power === 0n) return undefined;
  if (unit.length === 1) return 1000n ** power;
  return unit[1] === 'i' && unit.length === 2 ? 1024n ** power : undefined;
}

function amountOf(args: readonly Value[], name: string, missing: string, normalize: (text: string) => string): Amount {
  const text = normalize(stringOperand(args, 0).replaceAll('"', ''));
  capLength('amount', text.length, MAXIMUM_LENGTH);
  if (text.includes(' ')) throw new BuiltinError(`${name}: spaces not allowed in resource strings`);
  let amount: Amount;
  try {
    amount = splitAmount(text);
  } catch (error) {
    throw new BuiltinError(`${name}: ${(error as Error).message}`);
  }
  if (amount.number === '') throw new BuiltinError(`${name}: no ${missing} provided`);
  return amount;
}

function parse(args: readonly Value[]): Value {
  const { number, unit } = amountOf(args, 'units.parse', 'amount', (text) => text);
  const normalized = unit.length > 1 ? unit[0] + unit.slice(1).toLowerCase() : unit;
  const value = parseFraction(number);
  const factor = unitFactor(normalized);
  if (!factor) throw new BuiltinError(`units.parse: unit ${normalized} not recognized`);
  if (!value) throw new BuiltinError('units.parse: could not parse amount to a number');
  const product = {
    numerator: value.numerator * factor.numerator,
    denominator: value.denominator * factor.denominator,
  };
  return parseNumber(fractionText(product, 10));
}

/** One letter `m` is milli, `M` mega; everything else may be written in either case. */
function unitFactor(unit: string) {
  if (unit === '') return { numerator: 1n, denominator: 1n };
  if (unit === 'm') return MILLI;
  const factor = factorOf(unit.toLowerCase());
  return factor === undefined ? undefined : { numerator: factor, denominator: 1n };
}

function parseBytes(args: readonly Value[]): Value {
  const { number, unit } = amountOf(args, 'units.parse_bytes', 'byte amount', (text) => text.toLowerCase());
  const factor = unit === '' ? 1n : factorOf(unit.replace(/^(.i?)b$/, '$1'));
  if (factor === undefined) throw new BuiltinError(`units.parse_bytes: byte unit ${unit} not recognized`);
  const value = parseExtended(number);
  if (!value) throw new BuiltinError('units.parse_bytes: could not parse byte amount to a number');
  return fromBigInt(truncate(multiply(value, extendedOfInteger(factor))));
}

/** The exponent of an amount is bounded, so that its digits decide. */
const COST = characterCost(2, 120);

/** The unit built-ins. */
export const units: readonly Builtin[] = [
  define('units.parse(string) -> number', parse, { cost: COST }),
  define('units.parse_bytes(string) -> number', parseBytes, { cost: COST }),
];
