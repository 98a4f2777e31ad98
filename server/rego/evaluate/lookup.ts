/** Finds and lists the parts of values. */
import { BigNumber, exactDouble, isNumber, numberText } from '../number.ts';
import { RegoObject, RegoSet, type Value } from '../values.ts';

/** The part of a value at a key: a property, an item, or a member itself; undefined when there is none. */
export function lookup(value: Value, key: Value): Value | undefined {
  if (value instanceof RegoObject) return value.get(key);
  if (Array.isArray(value)) {
    if (typeof key === 'number') return value[key] as Value | undefined;
    if (!(key instanceof BigNumber)) return undefined;
    const index = exactDouble(key);
    return index === undefined ? undefined : (value[index] as Value | undefined);
  }
  if (value instanceof RegoSet) return value.get(key);
  return undefined;
}

/** The part of a value at a name that does not begin with NUL. */
export function property(value: Value, name: string): Value | undefined {
  return value instanceof RegoObject ? value.property(name) : lookup(value, name);
}

/**
 * The part of the base document at a key. Base documents are addressed like paths of text, so `data.list["0"]` and
 * `data.object[2]` (for the key `"2"`) find what `lookup` would not.
 */
export function lookupBase(value: Value, key: Value): Value | undefined {
  const found = lookup(value, key);
  if (found !== undefined) return found;
  if (isNumber(key) && value instanceof RegoObject) return value.get(numberText(key));
  return typeof key === 'string' && Array.isArray(value) && /^\d+$/.test(key)
    ? (value[Number(key)] as Value)
    : undefined;
}

/** The part of a value at a path of names. */
export function lookupPath(value: Value | undefined, path: readonly string[]): Value | undefined {
  let found = value;
  for (const step of path) {
    if (!(found instanceof RegoObject)) return undefined;
    found = found.get(step);
    if (found === undefined) return undefined;
  }
  return found;
}

/**
 * Calls `each` with every key and part of a collection, in order, until it returns true; gives what it returned last.
 * Scalars have no parts.
 */
export function forEachPart(value: Value, each: (key: Value, part: Value) => boolean): boolean {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (each(index, value[index] as Value)) return true;
    return false;
  }
  if (value instanceof RegoObject) {
    for (const key of value.keys()) if (each(key, value.get(key) as Value)) return true;
    return false;
  }
  if (value instanceof RegoSet) {
    for (const member of value.items()) if (each(member, member)) return true;
  }
  return false;
}

/** Told of each object that is made anew, with its size. */
type OnCopy = (size: number) => void;

/** The value with a part replaced or added at a path of keys; what is no object on the way becomes one. */
export function withPath(value: Value | undefined, path: readonly Value[], part: Value, onCopy?: OnCopy): Value {
  const above: RegoObject[] = [];
  let at = value;
  for (const key of path) {
    const object = at instanceof RegoObject ? at : RegoObject.empty;
    above.push(object);
    at = object.get(key);
  }
  return above.reduceRight<Value>((inner, object, depth) => {
    onCopy?.(object.size);
    return object.with(path[depth]!, inner);
  }, part);
}

/** Two documents in one: objects are merged key by key, elsewhere `over` wins. */
export function mergeDocuments(under: Value | undefined, over: Value | undefined, onCopy?: OnCopy): Value | undefined {
  if (under === undefined) return over;
  if (over === undefined) return under;
  if (!(under instanceof RegoObject) || !(over instanceof RegoObject)) return over;
  onCopy?.(under.size + over.size);
  const entries: [Value, Value][] = [...under.entries()];
  for (const [key, value] of over.entries())
    entries.push([key, mergeDocuments(under.get(key), value, onCopy) as Value]);
  return RegoObject.from(entries);
}
