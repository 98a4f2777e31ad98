/**
 * The values of Rego: what policies compute with and built-ins receive and return.
 *
 * `null`, booleans and strings are JavaScript's own, arrays are plain read-only arrays; numbers, sets and objects have
 * types of their own because JavaScript's lose digits and know only string keys. Rego's undefined is `undefined`.
 */
import { RegoObject, RegoSet } from './collections.ts';
import { canonicalNumberText, compareNumbers, exactDouble, isNumber, type RegoNumber } from './number.ts';

export { ObjectBuilder, RegoObject, RegoSet } from './collections.ts';
export { fromJson, fromJsonText, toJson, toJsonText } from './json.ts';
export {
  BigNumber,
  compareNumbers,
  fromBigInt,
  fromDouble,
  isInteger,
  isNumber,
  numberText,
  parseNumber,
  type RegoNumber,
  toBigInt,
  toDouble,
} from './number.ts';
export { toText } from './text.ts';

/** Any defined value of Rego. */
export type Value = null | boolean | string | RegoNumber | readonly Value[] | RegoSet | RegoObject;

/** The names that `type_name` gives. */
export type TypeName = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'set';

/** A primitive that two values share exactly when they are equal; the key of every hash in here. */
export type ValueKey = string | number | boolean | null;

/**
 * The hash key of a value: equal values (also `1` and `1.0`, also nested) have the same key, unequal ones never.
 * Strings, doubles, booleans and null are their own keys; the others get a text that starts with NUL.
 */
export function keyOf(value: Value): ValueKey {
  if (typeof value === 'string') return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
  if (value === null || typeof value !== 'object') return value;
  if (isNumber(value)) return exactDouble(value) ?? `\0n${canonicalNumberText(value)}`;
  return `\0${compositeKey(value)}`;
}

function compositeKey(value: Value): string {
  if (typeof value === 'string') return `${value.length}"${value}`;
  if (value === null) return '~';
  if (value === true) return 't';
  if (value === false) return 'f';
  if (isNumber(value)) {
    const key = typeof value === 'number' ? value : exactDouble(value);
    return key === undefined ? `n${canonicalNumberText(value)};` : `${key};`;
  }
  if (Array.isArray(value)) {
    let text = '[';
    for (const item of value as readonly Value[]) text += compositeKey(item);
    return `${text}]`;
  }
  if (value instanceof RegoSet) {
    let text = '<';
    for (const item of value) text += compositeKey(item);
    return `${text}>`;
  }
  let text = '{';
  for (const [key, item] of (value as RegoObject).entries()) text += `${compositeKey(key)}:${compositeKey(item)}`;
  return `${text}}`;
}

/** The name of the value's type. */
export function typeName(value: Value): TypeName {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
    case 'number':
      return 'number';
    default:
      if (Array.isArray(value)) return 'array';
      if (value instanceof RegoSet) return 'set';
      return value instanceof RegoObject ? 'object' : 'number';
  }
}

const TYPE_ORDER: Readonly<Record<TypeName, number>> = {
  null: 0,
  boolean: 1,
  number: 2,
  string: 3,
  array: 4,
  object: 5,
  set: 6,
};

/** Orders two strings by code point, as UTF-8 bytes order (JavaScript's `<` orders by UTF-16 unit). */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const leftSurrogate = left >= 0xd800 && left <= 0xdfff;
    const rightSurrogate = right >= 0xd800 && right <= 0xdfff;
    if (leftSurrogate !== rightSurrogate) {
      return leftSurrogate ? 1 : -1;
    }
    return left - right;
  }
  return a.length - b.length;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Sorts in place; without surrogates the platform's own order is the order of code points. */
export function sortStrings(texts: string[]): string[] {
  return texts.some((text) => SURROGATE.test(text)) ? texts.sort(compareStrings) : texts.sort();
}

/** Sorts in place by {@link compare}, quicker where all are texts or all are doubles. */
export function sortValues(values: Value[]): Value[] {
  if (values.every((value) => typeof value === 'string')) return sortStrings(values);
  if (values.every((value) => typeof value === 'number')) return Array.from(Float64Array.from(values).sort());
  return values.sort(compare);
}

/** Rego's total order of values: null < booleans < numbers < strings < arrays < objects < sets. */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  const leftType = typeName(a);
  const rightType = typeName(b);
  if (leftType !== rightType) return TYPE_ORDER[leftType] - TYPE_ORDER[rightType];
  switch (leftType) {
    case 'boolean':
      return a === true ? 1 : -1;
    case 'number':
      return compareNumbers(a as RegoNumber, b as RegoNumber);
    case 'array':
      return compareLists(a as readonly Value[], b as readonly Value[]);
    case 'set':
      return compareLists((a as RegoSet).items(), (b as RegoSet).items());
    default:
      return compareObjects(a as RegoObject, b as RegoObject);
  }
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const order = compare(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: RegoObject, b: RegoObject): number {
  const left = a.keys();
  const right = b.keys();
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const order = compare(left[index]!, right[index]!) || compare(a.get(left[index]!)!, b.get(right[index]!)!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Whether two values are equal; `1` equals `1.0`. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (typeof a !== 'object' && typeof b !== 'object') return false;
  if (a instanceof RegoSet && b instanceof RegoSet) return a.size === b.size && a.isSubsetOf(b);
  if (a instanceof RegoObject && b instanceof RegoObject) {
    if (a.size !== b.size) return false;
    return a.every((key, value) => {
      const other = b.get(key);
      return other !== undefined && equal(value, other);
    });
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) if (!equal(a[index] as Value, b[index] as Value)) return false;
    return true;
  }
  return compare(a, b) === 0;
}
