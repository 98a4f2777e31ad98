/** Reading the operands of built-ins, with the wording that OPA gives operand errors. */
import { BuiltinError, BuiltinTypeError } from '../errors.ts';
import { isNumber, type RegoNumber, RegoObject, RegoSet, toBigInt, typeName, type Value } from '../values.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const INT64_DIGITS = 19;
/** With zeros behind the point; a longer text is not looked through. */
const LONGEST_INTEGER = 1_000;

/** An error about operand `position` (from 1): `operand 2 <text>`. */
export function operandError(position: number, text: string): BuiltinTypeError {
  return new BuiltinTypeError(`operand ${position} ${text}`);
}

/** The operand is of none of the expected types. */
export function operandTypeError(position: number, got: Value, ...expected: readonly string[]): BuiltinTypeError {
  const wanted = expected.length === 1 ? expected[0] : `one of {${expected.join(', ')}}`;
  return operandError(position, `must be ${wanted} but got ${typeName(got)}`);
}

/** An element of a composite operand is of none of the expected types. */
export function operandElementError(
  position: number,
  composite: Value,
  got: Value,
  ...expected: readonly string[]
): BuiltinTypeError {
  const container = typeName(composite);
  const wanted = expected.length === 1 ? `${expected[0]}s` : `(any of) {${expected.join(', ')}}`;
  return operandError(position, `must be ${container} of ${wanted} but got ${container} containing ${typeName(got)}`);
}

/** Whether the value is an array. */
export function isArray(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** The string at `index`; a type error otherwise. `position` is what the error names, by default `index + 1`. */
export function stringOperand(args: readonly Value[], index: number, position = index + 1): string {
  const value = args[index] as Value;
  if (typeof value === 'string') return value;
  throw operandTypeError(position, value, 'string');
}

/** The number at `index`; a type error otherwise. */
export function numberOperand(args: readonly Value[], index: number, position = index + 1): RegoNumber {
  const value = args[index] as Value;
  if (isNumber(value)) return value;
  throw operandTypeError(position, value, 'number');
}

/** The integer of any size at `index`; a type error for other types and for fractions. */
export function bigIntegerOperand(args: readonly Value[], index: number): bigint {
  const value = args[index] as Value;
  if (!isNumber(value)) throw operandTypeError(index + 1, value, 'integer');
  const integer = toBigInt(value);
  if (integer === undefined) throw floatingPoint(index + 1);
  return integer;
}

/**
 * The integer of at most 64 bits at `index`, clamped to JavaScript's safe integers; a type error otherwise, also for numbers
 * written with an exponent.
 */
export function integerOperand(args: readonly Value[], index: number): number {
  const value = numberOperand(args, index);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  const isPlain =
    typeof value !== 'number' &&
    value.magnitude <= INT64_DIGITS &&
    value.text.length <= LONGEST_INTEGER &&
    !/[eE]/.test(value.text);
  const integer = isPlain ? toBigInt(value) : undefined;
  if (integer === undefined || integer < INT64_MIN || integer > INT64_MAX) throw floatingPoint(index + 1);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(integer)));
}

function floatingPoint(position: number): BuiltinTypeError {
  return operandError(position, 'must be integer number but got floating-point number');
}

/** The array at `index`; a type error otherwise. */
export function arrayOperand(args: readonly Value[], index: number): readonly Value[] {
  const value = args[index];
  if (isArray(value)) return value;
  throw operandTypeError(index + 1, value as Value, 'array');
}

/** The set at `index`; a type error otherwise. */
export function setOperand(args: readonly Value[], index: number, position = index + 1): RegoSet {
  const value = args[index] as Value;
  if (value instanceof RegoSet) return value;
  throw operandTypeError(position, value, 'set');
}

/** The object at `index`; a type error otherwise. */
export function objectOperand(args: readonly Value[], index: number): RegoObject {
  const value = args[index] as Value;
  if (value instanceof RegoObject) return value;
  throw operandTypeError(index + 1, value, 'object');
}

/** The members of an array or set; undefined for other values. */
export function membersOf(value: Value | undefined): readonly Value[] | undefined {
  if (isArray(value)) return value;
  return value instanceof RegoSet ? value.items() : undefined;
}

/** The strings of an array or set at `index`; a type error that names what else was found. */
export function stringsOperand(args: readonly Value[], index: number): readonly string[] {
  const value = args[index] as Value;
  const members = membersOf(value);
  if (!members) throw operandTypeError(index + 1, value, 'array', 'set');
  for (const member of members) {
    if (typeof member !== 'string') throw operandElementError(index + 1, value, member, 'string');
  }
  return members as readonly string[];
}

/** Throws when an input is larger than a built-in may work on without holding up everybody else. */
export function capLength(what: string, length: number, limit: number): void {
  if (length <= limit) return;
  throw new BuiltinError(`${what} is too large: ${length} characters, at most ${limit} are allowed`);
}
