/** The functions of templates that look into texts, lists and maps. */
import { BuiltinError } from '../../errors.ts';
import { Byte, Digits, Held, List, type Plain, type Reflected, released, typeNameOf } from './values.ts';

/** Texts are taken by their bytes. */
function bytesOf(value: Plain): Buffer | undefined {
  if (value instanceof Digits) return Buffer.from(value.text);
  return typeof value === 'string' ? Buffer.from(value) : undefined;
}

function positionOf(found: Reflected, limit: number): number {
  const value = released(found);
  if (value === undefined) throw new BuiltinError('cannot index slice/array with nil');
  const position = value instanceof Byte ? value.value : value;
  if (typeof position !== 'bigint') throw new BuiltinError(`cannot index slice/array with type ${typeNameOf(value)}`);
  if (position < 0n || position > BigInt(limit)) throw new BuiltinError(`index out of range: ${position}`);
  return Number(position);
}

/** The item of a collection at each of the positions and keys in turn; a key that a map has not gives nil. */
export function index([first, ...keys]: readonly Reflected[]): Reflected {
  const collection = released(first);
  if (collection === undefined) throw new BuiltinError('index of untyped nil');
  let found: Reflected = collection;
  for (const key of keys) {
    const current = released(found);
    if (current === undefined) throw new BuiltinError('index of nil pointer');
    found = itemAt(current, key);
  }
  return found;
}

function itemAt(collection: Plain, key: Reflected): Reflected {
  const bytes = bytesOf(collection);
  if (bytes) {
    const position = positionOf(key, bytes.length);
    if (position === bytes.length) throw new BuiltinError('reflect: string index out of range');
    return new Byte(bytes[position]!);
  }
  if (collection instanceof List) {
    const position = positionOf(key, collection.length);
    if (position === collection.length) throw new BuiltinError('reflect: slice index out of range');
    return new Held(collection.at(position));
  }
  if (!(collection instanceof Map)) throw new BuiltinError(`can't index item of type ${typeNameOf(collection)}`);
  const name = released(key);
  if (name === undefined) throw new BuiltinError('value is nil; should be of type string');
  if (typeof name !== 'string') throw new BuiltinError(`value has type ${typeNameOf(name)}; should be string`);
  return new Held(collection.get(name));
}

/** A part of a text or list: from the first position up to the second one; the third one limits its capacity. */
export function slice([first, ...positions]: readonly Reflected[]): Reflected {
  const value = released(first);
  if (value === undefined) throw new BuiltinError('slice of untyped nil');
  if (positions.length > 3) throw new BuiltinError(`too many slice indexes: ${positions.length}`);
  const bytes = bytesOf(value);
  if (bytes && positions.length === 3) throw new BuiltinError('cannot 3-index slice a string');
  if (!bytes && !(value instanceof List)) throw new BuiltinError(`can't slice item of type ${typeNameOf(value)}`);
  const { length } = bytes ?? (value as List);
  const capacity = value instanceof List ? value.capacity : length;
  const given = positions.map((position) => positionOf(position, capacity));
  const [from = 0, to = length, limit = capacity] = given;
  if (from > to) throw new BuiltinError(`invalid slice index: ${from} > ${to}`);
  if (to > limit) throw new BuiltinError(`invalid slice index: ${to} > ${limit}`);
  if (!bytes) return (value as List).window(from, to, limit);
  const part = bytes.subarray(from, to).toString();
  return value instanceof Digits ? new Digits(part) : part;
}

/** How many bytes, items or entries there are. */
export function length([found]: readonly Reflected[]): bigint {
  if (found === undefined) throw new BuiltinError('reflect: call of reflect.Value.Type on zero Value');
  const value = released(found);
  if (value === undefined) throw new BuiltinError('len of nil pointer');
  const bytes = bytesOf(value);
  if (bytes) return BigInt(bytes.length);
  if (value instanceof List) return BigInt(value.length);
  if (value instanceof Map) return BigInt(value.size);
  throw new BuiltinError(`len of type ${typeNameOf(value)}`);
}
