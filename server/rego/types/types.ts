/** The types of the type checker: what a term can be at run time, as far as the source tells. */
import type { Value } from '../values.ts';

/** A property that a static object is known to have; the key is a constant. */
export interface StaticProperty {
  readonly key: Value;
  readonly value: Type;
}

/** Keys and values that an object may have besides its static properties. */
export interface DynamicProperty {
  readonly key: Type;
  readonly value: Type;
}

/** `any` without alternatives is anything; `any` with alternatives is one of them. */
export type Type =
  | { readonly kind: 'null' | 'boolean' | 'number' | 'string' }
  | { readonly kind: 'array'; readonly items: readonly Type[]; readonly rest?: Type | undefined }
  | {
      readonly kind: 'object';
      readonly properties: readonly StaticProperty[];
      readonly dynamic?: DynamicProperty | undefined;
    }
  /** A set without `of` is known to be empty. */
  | { readonly kind: 'set'; readonly of?: Type | undefined }
  | { readonly kind: 'any'; readonly of: readonly Type[] }
  | FunctionType;

/** The type of a function: its arguments, then its result (absent when the call has no value, as `print`). */
export interface FunctionType {
  readonly kind: 'function';
  readonly args: readonly Type[];
  /** Type of any further arguments. */
  readonly variadic?: Type | undefined;
  readonly result?: Type | undefined;
}

export const NULL: Type = { kind: 'null' };
export const BOOLEAN: Type = { kind: 'boolean' };
export const NUMBER: Type = { kind: 'number' };
export const STRING: Type = { kind: 'string' };
export const ANY: Type = { kind: 'any', of: [] };

/**
 * A type with more parts than this is taken for anything. A part counts as often as it occurs: a list that holds another list
 * twice, which holds another twice, soon has more parts than anybody could write down or compare.
 */
export const MOST_PARTS = 2_000;

const sizes = new WeakMap<Type, number>();

function withSize(type: Type, parts: readonly (Type | undefined)[]): Type {
  let size = 1;
  for (const part of parts) if (part !== undefined) size += sizes.get(part) ?? 1;
  if (size > MOST_PARTS) return ANY;
  sizes.set(type, size);
  return type;
}

/** An array: fixed items first, then any number of `rest`. */
export function arrayType(items: readonly Type[], rest?: Type): Type {
  return withSize({ kind: 'array', items, rest }, [...items, rest]);
}

/** A set of the given member type; without one, the empty set. */
export function setType(of?: Type): Type {
  return withSize({ kind: 'set', of }, [of]);
}

/** An object: known properties and, where given, others. */
export function objectType(properties: readonly StaticProperty[], dynamic?: DynamicProperty): Type {
  return withSize({ kind: 'object', properties, dynamic }, [
    ...properties.map(({ value }) => value),
    dynamic?.key,
    dynamic?.value,
  ]);
}

/** One of the given types; without any, anything. */
export function anyOf(...of: readonly Type[]): Type {
  return withSize({ kind: 'any', of }, of);
}

/** A function of the given arguments and result. */
export function functionType(args: readonly Type[], result?: Type, variadic?: Type): FunctionType {
  return { kind: 'function', args, result, variadic };
}
