/** The values that templates compute with: those of Go, in which OPA's templates are written. */
import { BuiltinError } from '../../errors.ts';
import { compareStrings, isNumber, numberText, RegoObject, toText, type Value } from '../../values.ts';
import { general } from '../algorithms/float-format.ts';
import { jsonMistake } from '../algorithms/json-mistake.ts';
import { isArray } from '../operands.ts';

/** A number from the data (`json.Number`): kept as its digits, and a text where kinds matter. */
export class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A byte of a text (`uint8`). */
export class Byte {
  readonly value: bigint;

  constructor(value: number) {
    this.value = BigInt(value);
  }
}

/** A complex constant. */
export class Complex {
  readonly real: number;
  readonly imaginary: number;

  constructor(real: number, imaginary: number) {
    this.real = real;
    this.imaginary = imaginary;
  }
}

/** A window on items. Like Go's slices it can be widened again, up to its capacity; what no item fills is nil. */
export class List {
  readonly length: number;
  readonly capacity: number;
  readonly #backing: readonly (Plain | undefined)[];
  readonly #start: number;

  constructor(backing: readonly (Plain | undefined)[], length: number, capacity: number, start = 0) {
    this.#backing = backing;
    this.length = length;
    this.capacity = capacity;
    this.#start = start;
  }

  at(position: number): Plain | undefined {
    return this.#backing[this.#start + position];
  }

  items(): readonly (Plain | undefined)[] {
    return Array.from({ length: this.length }, (_, position) => this.at(position));
  }

  window(from: number, to: number, limit: number): List {
    return new List(this.#backing, to - from, limit - from, this.#start + from);
  }
}

/** `bigint` is a whole number of the template, `number` a fractional one; members that are undefined are nil. */
export type Plain =
  | boolean
  | string
  | number
  | bigint
  | Digits
  | Byte
  | Complex
  | List
  | ReadonlyMap<string, Plain | undefined>;

/** A value taken from a list or map, nil (undefined) among them. Its type is told as `interface {}`. */
export class Held {
  readonly value: Plain | undefined;

  constructor(value: Plain | undefined) {
    this.value = value;
  }
}

/** `undefined` is no value at all: a key that is missing, or a nil that came out of a pipeline. */
export type Reflected = undefined | Plain | Held;

/** What is held, or the value itself. */
export function released(value: Reflected): Plain | undefined {
  return value instanceof Held ? value.value : value;
}

/** The room that a list has after items were added one by one: it doubles, up to the sizes that templates handle. */
function capacityOf(length: number): number {
  return length <= 1 || length > 512 ? length : 2 ** Math.ceil(Math.log2(length));
}

/** A value in the types that Go's JSON reader gives. */
function plainValue(value: Value): Plain | undefined {
  if (value === null) return undefined;
  if (isNumber(value)) return new Digits(numberText(value));
  if (isArray(value)) return new List(value.map(plainValue), value.length, capacityOf(value.length));
  return value instanceof RegoObject ? plainMembers(value) : (value as boolean | string);
}

function plainMembers(object: RegoObject): ReadonlyMap<string, Plain | undefined> {
  return new Map([...object.entries()].map(([key, member]) => [key as string, plainValue(member)]));
}

/**
 * The data of a template. OPA reads its text as JSON, so what only Rego can write there (sets, keys that are no strings,
 * escapes like `\x00`) is a mistake in the words of a JSON reader: a BuiltinError.
 */
export function templateData(data: RegoObject): ReadonlyMap<string, Plain | undefined> {
  const text = toText(data);
  try {
    JSON.parse(text);
  } catch (error) {
    throw new BuiltinError(jsonMistake(text) ?? String(error));
  }
  return plainMembers(data);
}

/** The entries of a map in the order of their keys. */
export function sortedEntries(
  map: ReadonlyMap<string, Plain | undefined>,
): readonly (readonly [string, Plain | undefined])[] {
  return [...map.entries()].sort(([left], [right]) => compareStrings(left, right));
}

/** Whether a condition holds: everything but false, zero, missing and empty values. */
export function isTrue(reflected: Reflected): boolean {
  const value = released(reflected);
  if (value instanceof Digits) return true;
  if (value instanceof Byte) return value.value !== 0n;
  if (value instanceof Complex) return value.real !== 0 || value.imaginary !== 0;
  if (value instanceof List) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

const NAMES: Readonly<Record<string, string>> = {
  bigint: 'int',
  number: 'float64',
  boolean: 'bool',
  string: 'string',
  object: 'map[string]interface {}',
};

/** The name of a value's type, for messages. */
export function typeNameOf(value: Plain | Held): string {
  if (value instanceof Held) return 'interface {}';
  if (value instanceof Digits) return 'json.Number';
  if (value instanceof Byte) return 'uint8';
  if (value instanceof Complex) return 'complex128';
  if (value instanceof List) return '[]interface {}';
  return NAMES[typeof value]!;
}

const SHORTEST = { marker: 'e', shortestLimit: 6, keepZeros: false } as const;

/** How a value is printed; nil as `<nil>`. */
export function valueText(value: Plain | undefined): string {
  if (value === undefined) return '<nil>';
  if (value instanceof Digits) return value.text;
  if (value instanceof Byte) return String(value.value);
  if (value instanceof List) return `[${value.items().map(valueText).join(' ')}]`;
  if (value instanceof Map) {
    return `map[${sortedEntries(value)
      .map(([key, member]) => `${key}:${valueText(member)}`)
      .join(' ')}]`;
  }
  if (value instanceof Complex) {
    const imaginary = general(value.imaginary, undefined, SHORTEST);
    return `(${general(value.real, undefined, SHORTEST)}${imaginary.startsWith('-') ? '' : '+'}${imaginary}i)`;
  }
  return typeof value === 'number' ? general(value, undefined, SHORTEST) : String(value);
}
