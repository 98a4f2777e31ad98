/**
 * The values of Rego: what policies compute with and built-ins receive and return.
 *
 * `null`, booleans and strings are JavaScript's own, arrays are plain read-only arrays; numbers, sets and objects have
 * types of their own because JavaScript's lose digits and know only string keys. Rego's undefined is `undefined`.
 */
import { canonicalNumberText, compareNumbers, exactDouble, isNumber, type RegoNumber } from './number.ts';

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

/** An immutable set; iterates in the order of {@link compare}. */
export class RegoSet {
  static readonly empty = new RegoSet(new Map());

  readonly #items: Map<ValueKey, Value>;
  #sorted: readonly Value[] | undefined;

  private constructor(items: Map<ValueKey, Value>) {
    this.#items = items;
  }

  /** The set of the given members; of equal ones the first stays. */
  static from(values: Iterable<Value>): RegoSet {
    const items = new Map<ValueKey, Value>();
    for (const value of values) {
      const key = keyOf(value);
      if (!items.has(key)) items.set(key, value);
    }
    return items.size === 0 ? RegoSet.empty : new RegoSet(items);
  }

  get size(): number {
    return this.#items.size;
  }

  has(value: Value): boolean {
    return this.#items.has(keyOf(value));
  }

  /** The member that equals the value, as it was put in, or undefined. */
  get(value: Value): Value | undefined {
    return this.#items.get(keyOf(value));
  }

  /** The members in order. The array belongs to the set: do not change it. */
  items(): readonly Value[] {
    this.#sorted ??= sortValues([...this.#items.values()]);
    return this.#sorted;
  }

  [Symbol.iterator](): Iterator<Value> {
    return this.items()[Symbol.iterator]();
  }

  /** The members in no particular order, for work that does not depend on it. */
  unordered(): Iterable<Value> {
    return this.#items.values();
  }

  union(other: RegoSet): RegoSet {
    if (other.size === 0) return this;
    if (this.size === 0) return other;
    const items = new Map(this.#items);
    for (const [key, value] of other.#items) if (!items.has(key)) items.set(key, value);
    return new RegoSet(items);
  }

  intersect(other: RegoSet): RegoSet {
    const [small, large] = this.size <= other.size ? [this, other] : [other, this];
    const items = new Map<ValueKey, Value>();
    for (const [key, value] of small.#items) if (large.#items.has(key)) items.set(key, value);
    return new RegoSet(items);
  }

  difference(other: RegoSet): RegoSet {
    const items = new Map<ValueKey, Value>();
    for (const [key, value] of this.#items) if (!other.#items.has(key)) items.set(key, value);
    return new RegoSet(items);
  }

  /** Whether every member is one of the other set's. */
  isSubsetOf(other: RegoSet): boolean {
    if (this.size > other.size) return false;
    for (const key of this.#items.keys()) if (!other.#items.has(key)) return false;
    return true;
  }
}

/** An immutable object with keys of any type; iterates in the order of {@link compare} of its keys. */
export class RegoObject {
  static readonly empty = new RegoObject(new Map(), undefined);

  readonly #values: Map<ValueKey, Value>;
  /** The keys themselves; absent while every key is a string that is its own hash key. */
  readonly #keys: Map<ValueKey, Value> | undefined;
  #sorted: readonly Value[] | undefined;

  private constructor(values: Map<ValueKey, Value>, keys: Map<ValueKey, Value> | undefined) {
    this.#values = values;
    this.#keys = keys;
  }

  /** The object of the given entries; of equal keys the last value stays. */
  static from(entries: Iterable<readonly [Value, Value]>): RegoObject {
    const values = new Map<ValueKey, Value>();
    let keys: Map<ValueKey, Value> | undefined;
    for (const [key, value] of entries) {
      const hash = keyOf(key);
      if (keys === undefined && (hash !== key || typeof key !== 'string')) {
        keys = new Map([...values.keys()].map((known) => [known, known as Value]));
      }
      if (keys !== undefined && !keys.has(hash)) keys.set(hash, key);
      values.set(hash, value);
    }
    return values.size === 0 ? RegoObject.empty : new RegoObject(values, keys);
  }

  /** Wraps a map whose keys are strings; the map must not change afterwards. */
  static fromStringMap(values: Map<string, Value>): RegoObject {
    for (const key of values.keys()) if (key.charCodeAt(0) === 0) return RegoObject.from(values);
    return new RegoObject(values, undefined);
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: Value): Value | undefined {
    return this.#values.get(keyOf(key));
  }

  has(key: Value): boolean {
    return this.#values.has(keyOf(key));
  }

  /** The value of a name that does not begin with NUL; quicker than {@link get}. */
  property(name: string): Value | undefined {
    return this.#values.get(name);
  }

  /** The keys in order. The array belongs to the object: do not change it. */
  keys(): readonly Value[] {
    if (this.#sorted === undefined) {
      this.#sorted =
        this.#keys === undefined
          ? sortStrings([...this.#values.keys()] as string[])
          : sortValues([...this.#keys.values()]);
    }
    return this.#sorted;
  }

  /** The values in the order of their keys. */
  *values(): IterableIterator<Value> {
    for (const key of this.keys()) yield this.#values.get(keyOf(key)) as Value;
  }

  /** The entries in the order of their keys. */
  *entries(): IterableIterator<[Value, Value]> {
    for (const key of this.keys()) yield [key, this.#values.get(keyOf(key)) as Value];
  }

  [Symbol.iterator](): IterableIterator<[Value, Value]> {
    return this.entries();
  }

  /** The keys, then the values, in no particular order, for work that does not depend on it. */
  *unordered(): IterableIterator<Value> {
    if (this.#keys === undefined) yield* this.#values.keys() as Iterable<string>;
    else yield* this.#keys.values();
    yield* this.#values.values();
  }
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
function sortStrings(texts: string[]): string[] {
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
    for (const key of a.keys()) {
      const other = b.get(key);
      if (other === undefined || !equal(a.get(key)!, other)) return false;
    }
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equal(item as Value, b[index] as Value));
  }
  return compare(a, b) === 0;
}
