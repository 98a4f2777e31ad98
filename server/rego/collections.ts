/** The collections that JavaScript lacks: sets and objects whose members and keys are values of any kind. */
import { keyOf, sortStrings, sortValues, type Value, type ValueKey } from './values.ts';

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

/** Objects with at most this many entries, all by plain names, keep them in a list: quicker to make and to search than a map. */
const MOST_LISTED = 8;

/** An immutable object with keys of any type; iterates in the order of {@link compare} of its keys. */
export class RegoObject {
  static readonly empty = new RegoObject([], new Map(), undefined);

  /** Names and values by turns, in an object with few entries; else undefined. */
  readonly #listed: readonly Value[] | undefined;
  /** The values by hash key, where they are not listed. */
  readonly #values: Map<ValueKey, Value>;
  /** The keys themselves; absent while every key is a string that is its own hash key. */
  readonly #keys: Map<ValueKey, Value> | undefined;
  #sorted: readonly Value[] | undefined;

  private constructor(
    listed: readonly Value[] | undefined,
    values: Map<ValueKey, Value>,
    keys: Map<ValueKey, Value> | undefined,
  ) {
    this.#listed = listed;
    this.#values = values;
    this.#keys = keys;
  }

  /** The object of the given entries; of equal keys the last value stays. */
  static from(entries: Iterable<readonly [Value, Value]>): RegoObject {
    const builder = new ObjectBuilder();
    for (const [key, value] of entries) builder.put(key, value);
    return builder.finish();
  }

  /** For {@link ObjectBuilder}, whose maps and lists become the object's. */
  static ofParts(
    listed: readonly Value[] | undefined,
    values: Map<ValueKey, Value>,
    keys: Map<ValueKey, Value> | undefined,
  ): RegoObject {
    return new RegoObject(listed, values, keys);
  }

  /** The object of names and their values by turns; the names must differ, and the list must not change afterwards. */
  static fromList(list: readonly Value[]): RegoObject {
    if (list.length > 2 * MOST_LISTED) return RegoObject.fromStringMap(mapOf(list) as Map<string, Value>);
    for (let index = 0; index < list.length; index += 2) if (!isName(list[index]!)) return RegoObject.from(pairs(list));
    return list.length === 0 ? RegoObject.empty : new RegoObject(list, NOTHING, undefined);
  }

  /** Takes over a map whose keys are strings; the map must not change afterwards. */
  static fromStringMap(values: Map<string, Value>): RegoObject {
    if (values.size <= MOST_LISTED) return RegoObject.from(values);
    for (const key of values.keys()) if (!isName(key)) return RegoObject.from(values);
    return new RegoObject(undefined, values, undefined);
  }

  get size(): number {
    return this.#listed === undefined ? this.#values.size : this.#listed.length / 2;
  }

  get(key: Value): Value | undefined {
    if (this.#listed === undefined) return this.#values.get(keyOf(key));
    return typeof key === 'string' ? this.property(key) : undefined;
  }

  has(key: Value): boolean {
    return this.get(key) !== undefined;
  }

  /** The value of a name that does not begin with NUL; quicker than {@link get}. */
  property(name: string): Value | undefined {
    const listed = this.#listed;
    if (listed === undefined) return this.#values.get(name);
    for (let index = 0; index < listed.length; index += 2) if (listed[index] === name) return listed[index + 1];
    return undefined;
  }

  /** The object with the value of a key replaced or added. */
  with(key: Value, value: Value): RegoObject {
    if (this.#listed !== undefined || (this.#keys === undefined && !isName(key))) {
      return RegoObject.from([...this.entries(), [key, value]]);
    }
    const hash = keyOf(key);
    const keys = this.#keys === undefined || this.#keys.has(hash) ? this.#keys : new Map(this.#keys).set(hash, key);
    return new RegoObject(undefined, new Map(this.#values).set(hash, value), keys);
  }

  /** The keys in order. The array belongs to the object: do not change it. */
  keys(): readonly Value[] {
    this.#sorted ??= this.#sort();
    return this.#sorted;
  }

  #sort(): readonly Value[] {
    if (this.#keys !== undefined) return sortValues([...this.#keys.values()]);
    const names = this.#listed === undefined ? [...this.#values.keys()] : evenItems(this.#listed);
    return sortStrings(names as string[]);
  }

  /** The values in the order of their keys. */
  *values(): IterableIterator<Value> {
    for (const key of this.keys()) yield this.get(key) as Value;
  }

  /** The entries in the order of their keys. */
  *entries(): IterableIterator<[Value, Value]> {
    for (const key of this.keys()) yield [key, this.get(key) as Value];
  }

  [Symbol.iterator](): IterableIterator<[Value, Value]> {
    return this.entries();
  }

  /** Whether the test holds for every entry, asked in no particular order. */
  every(test: (key: Value, value: Value) => boolean): boolean {
    if (this.#listed !== undefined) {
      for (let at = 0; at < this.#listed.length; at += 2) {
        if (!test(this.#listed[at]!, this.#listed[at + 1]!)) return false;
      }
      return true;
    }
    for (const [hash, value] of this.#values) {
      if (!test(this.#keys === undefined ? (hash as string) : this.#keys.get(hash)!, value)) return false;
    }
    return true;
  }

  /** The keys and the values in no particular order, for work that does not depend on it. */
  *unordered(): IterableIterator<Value> {
    if (this.#listed !== undefined) {
      yield* this.#listed;
      return;
    }
    yield* (this.#keys === undefined ? this.#values.keys() : this.#keys.values()) as Iterable<Value>;
    yield* this.#values.values();
  }
}

/** Shared by all objects that list their entries. */
const NOTHING: Map<ValueKey, Value> = new Map();

/** Whether the key is a string that is its own hash key. */
function isName(key: Value): key is string {
  return typeof key === 'string' && key.charCodeAt(0) !== 0;
}

/** An object under construction. */
export class ObjectBuilder {
  #listed: Value[] | undefined = [];
  #values = NOTHING;
  #keys: Map<ValueKey, Value> | undefined;

  /** Adds an entry, or replaces the value of an equal key. */
  put(key: Value, value: Value): void {
    const at = this.#place(key);
    if (at >= 0) this.#listed![at] = value;
    else if (!this.#list(key, value)) this.#map(key, keyOf(key), value);
  }

  /** Adds an entry where there is none with an equal key; gives the value of the one that is there. */
  add(key: Value, value: Value): Value | undefined {
    const at = this.#place(key);
    if (at >= 0) return this.#listed![at];
    if (this.#list(key, value)) return undefined;
    const hash = keyOf(key);
    const before = this.#values.get(hash);
    if (before === undefined) this.#map(key, hash, value);
    return before;
  }

  /** The object; the builder must not be used afterwards. */
  finish(): RegoObject {
    return this.#listed?.length === 0 ? RegoObject.empty : RegoObject.ofParts(this.#listed, this.#values, this.#keys);
  }

  /** Where the value of a listed name is; -1 for others. */
  #place(key: Value): number {
    const listed = this.#listed;
    if (listed === undefined) return -1;
    for (let index = 0; index < listed.length; index += 2) if (listed[index] === key) return index + 1;
    return -1;
  }

  /** Lists an entry that is not there yet; false when it has to be mapped, as then all are. */
  #list(key: Value, value: Value): boolean {
    if (this.#listed === undefined) return false;
    if (isName(key) && this.#listed.length < 2 * MOST_LISTED) {
      this.#listed.push(key, value);
      return true;
    }
    this.#values = mapOf(this.#listed);
    this.#listed = undefined;
    return false;
  }

  #map(key: Value, hash: ValueKey, value: Value): void {
    if (this.#keys === undefined && (hash !== key || typeof key !== 'string')) {
      this.#keys = new Map([...this.#values.keys()].map((known) => [known, known as Value]));
    }
    if (this.#keys !== undefined && !this.#keys.has(hash)) this.#keys.set(hash, key);
    this.#values.set(hash, value);
  }
}

function pairs(list: readonly Value[]): [Value, Value][] {
  const entries: [Value, Value][] = [];
  for (let index = 0; index < list.length; index += 2) entries.push([list[index]!, list[index + 1]!]);
  return entries;
}

function mapOf(list: readonly Value[]): Map<ValueKey, Value> {
  const map = new Map<ValueKey, Value>();
  for (let index = 0; index < list.length; index += 2) map.set(list[index] as string, list[index + 1]!);
  return map;
}

function evenItems(list: readonly Value[]): Value[] {
  return list.filter((_, index) => index % 2 === 0);
}
