/** Relations of types: whether two can hold the same value, what a step into one gives, the union of several. */
import { equal, isNumber, numberText, type RegoObject, RegoSet, toText, type Value } from '../values.ts';
import { ANY, anyOf, arrayType, BOOLEAN, NULL, NUMBER, objectType, STRING, setType, type Type } from './types.ts';

export { isVague } from './types.ts';

/** Is told how many types were looked at, and may end it by throwing. */
export interface Meter {
  charge(types: number): void;
}

/** Comparing keys takes little beside comparing types: an eighth; as a shift, so that work stays whole. */
const LOOKS_PER_KEY = 3;

/** Whether some value can be of both types. */
export function unifies(a: Type, b: Type, meter?: Meter): boolean {
  meter?.charge(1);
  if (a.kind === 'unknown' || b.kind === 'unknown') return false;
  if (a.kind === 'any') return a.of.length === 0 || a.of.some((part) => unifies(part, b, meter));
  if (b.kind === 'any') return unifies(b, a, meter);
  if (a.kind === 'array' && b.kind === 'array') return unifiesArrays(a, b, meter);
  if (a.kind === 'object' && b.kind === 'object') return unifiesObjects(a, b, meter);
  if (a.kind === 'set' && b.kind === 'set') return unifiesSets(a, b, meter);
  return a.kind === b.kind;
}

function unifiesSets(a: Type & { kind: 'set' }, b: Type & { kind: 'set' }, meter: Meter | undefined): boolean {
  return a.of === undefined || b.of === undefined || unifies(a.of, b.of, meter);
}

type ArrayType = Type & { kind: 'array' };
type ObjectType = Type & { kind: 'object' };

function unifiesArrays(a: ArrayType, b: ArrayType, meter: Meter | undefined): boolean {
  if (a.items.length > b.items.length) return unifiesArrays(b, a, meter);
  if (a.items.length < b.items.length && a.rest === undefined) return false;
  const common = b.items.every((item, index) => {
    const other = a.items[index] ?? a.rest;
    return other !== undefined && unifies(item, other, meter);
  });
  if (!common) return false;
  return (
    a.rest === undefined ||
    b.rest === undefined ||
    a.items.length > 0 ||
    b.items.length > 0 ||
    unifies(a.rest, b.rest, meter)
  );
}

function unifiesObjects(a: ObjectType, b: ObjectType, meter: Meter | undefined): boolean {
  if (a.dynamic === undefined && b.dynamic === undefined && a.properties.length !== b.properties.length) return false;
  if (a.dynamic !== undefined && b.dynamic !== undefined) {
    return unifies(a.dynamic.value, b.dynamic.value, meter) && fits(a, b, meter) && fits(b, a, meter);
  }
  return b.dynamic === undefined && a.dynamic !== undefined ? fits(b, a, meter) : fits(a, b, meter);
}

/** Whether the other object can have every known property of the first. */
function fits(a: ObjectType, b: ObjectType, meter: Meter | undefined): boolean {
  meter?.charge((a.properties.length * b.properties.length) >> LOOKS_PER_KEY);
  return a.properties.every(({ key, value }) => {
    const other = propertyOf(b, key);
    if (other !== undefined) return unifies(value, other, meter);
    if (b.dynamic === undefined) return false;
    // A key that the other's keys cannot equal is let pass, as OPA does.
    return !unifies(constantType(key), b.dynamic.key, meter) || unifies(value, b.dynamic.value, meter);
  });
}

function propertyOf(object: ObjectType, key: Value): Type | undefined {
  return object.properties.find((property) => equal(property.key, key))?.value;
}

/** The type of a constant. */
export function constantType(value: Value): Type {
  if (typeof value === 'string') return STRING;
  if (value === null) return NULL;
  if (typeof value === 'boolean') return BOOLEAN;
  if (isNumber(value)) return NUMBER;
  if (Array.isArray(value)) return arrayType((value as readonly Value[]).map(constantType));
  if (value instanceof RegoSet) return setType(union(value.items().map(constantType)));
  return objectType([...(value as RegoObject).entries()].map(([key, item]) => ({ key, value: constantType(item) })));
}

/**
 * The type of a document that several rules make: sets and objects whose keys are not known grow together; of other
 * types it is one.
 */
export function mergeDocuments(a: Type, b: Type): Type {
  if (a.kind === 'set' && b.kind === 'set') return setType(union([a.of, b.of]));
  if (a.kind === 'object' && b.kind === 'object' && a.dynamic !== undefined && b.dynamic !== undefined) {
    if (a.properties.length === 0 && b.properties.length === 0) {
      const key = union([a.dynamic.key, b.dynamic.key])!;
      return objectType([], { key, value: mergeDocuments(a.dynamic.value, b.dynamic.value) });
    }
  }
  return union([a, b])!;
}

/** The part of a type at a constant key, or undefined when no value can have one. */
export function select(type: Type, key: Value): Type | undefined {
  switch (type.kind) {
    case 'any':
      return type.of.length === 0 ? ANY : union(type.of.map((part) => select(part, key)));
    case 'array': {
      if (!isNumber(key)) return undefined;
      const text = numberText(key);
      return /^\d+$/.test(text) ? known(type.items[Number(text)] ?? type.rest) : undefined;
    }
    case 'object': {
      const property = propertyOf(type, key);
      if (property !== undefined) return known(property);
      return type.dynamic !== undefined && unifies(constantType(key), type.dynamic.key)
        ? known(type.dynamic.value)
        : undefined;
    }
    case 'set':
      return type.of !== undefined && unifies(constantType(key), type.of) ? constantType(key) : undefined;
    default:
      return undefined;
  }
}

function known(type: Type | undefined): Type | undefined {
  return type?.kind === 'unknown' ? undefined : type;
}

/** The type of all keys (for sets: members), or undefined when no value can have parts. */
export function keysOf(type: Type): Type | undefined {
  switch (type.kind) {
    case 'any':
      return type.of.length === 0 ? ANY : union(type.of.map(keysOf));
    case 'array':
      return type.items.length === 0 && type.rest === undefined ? undefined : { kind: 'number' };
    case 'object':
      return union([...type.properties.map(({ key }) => constantType(key)), type.dynamic?.key]);
    case 'set':
      return type.of;
    default:
      return undefined;
  }
}

/** The type of all parts, or undefined when no value can have any. */
export function partsOf(type: Type): Type | undefined {
  switch (type.kind) {
    case 'any':
      return type.of.length === 0 ? ANY : union(type.of.map(partsOf));
    case 'array':
      return union([...type.items, type.rest]);
    case 'object':
      return union([...type.properties.map(({ value }) => value), type.dynamic?.value]);
    case 'set':
      return type.of;
    default:
      return undefined;
  }
}

/** One of the given types; undefined and unknown ones do not count, and without any the union is undefined. */
export function union(types: readonly (Type | undefined)[]): Type | undefined {
  // Mostly all are the same, and the texts of types are long.
  const first = types.find((type) => type !== undefined && type.kind !== 'unknown');
  if (first === undefined) return undefined;
  if (first.kind !== 'any' && types.every((type) => type === undefined || type === first)) return first;
  const distinct: Type[] = [];
  const texts = new Set<string>();
  for (const type of types) {
    if (type === undefined || type.kind === 'unknown') continue;
    if (type.kind === 'any' && type.of.length === 0) return ANY;
    for (const part of type.kind === 'any' ? type.of : [type]) {
      const text = typeText(part);
      if (texts.has(text)) continue;
      texts.add(text);
      distinct.push(part);
    }
  }
  if (distinct.length > MAX_ALTERNATIVES) return ANY;
  return distinct.length <= 1 ? distinct[0] : anyOf(...distinct);
}

/** Unions of more types than this are taken for anything. */
const MAX_ALTERNATIVES = 64;

/** The type as error messages show it: `array<number, string>`, `any<number, set[any]>`. */
export function typeText(type: Type | undefined): string {
  if (type === undefined) return '???';
  switch (type.kind) {
    case 'array': {
      const fixed = type.items.length > 0 || type.rest === undefined ? `<${type.items.map(typeText).join(', ')}>` : '';
      return `array${fixed}${type.rest === undefined ? '' : `[${typeText(type.rest)}]`}`;
    }
    case 'object': {
      const known = type.properties.map(({ key, value }) => `${keyText(key)}: ${typeText(value)}`).join(', ');
      const fixed = known !== '' || type.dynamic === undefined ? `<${known}>` : '';
      const { dynamic } = type;
      return `object${fixed}${dynamic === undefined ? '' : `[${typeText(dynamic.key)}: ${typeText(dynamic.value)}]`}`;
    }
    case 'set':
      return `set[${type.of === undefined ? '' : typeText(type.of)}]`;
    case 'any':
      return type.of.length === 0 ? 'any' : `any<${type.of.map(typeText).sort().join(', ')}>`;
    case 'unknown':
      return '???';
    case 'function':
      return `(${type.args.map(typeText).join(', ')}) => ${typeText(type.result)}`;
    default:
      return type.kind;
  }
}

function keyText(key: Value): string {
  return typeof key === 'string' ? key : toText(key);
}
