/** The types of the type checker: what a term can be at run time, as far as the source tells. */
import type { RegoNumber } from '../values.ts';

/** A property that a static object is known to have; the key is a constant scalar. */
export interface StaticProperty {
  readonly key: null | boolean | string | RegoNumber;
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

/** An array: fixed items first, then any number of `rest`. */
export function arrayType(items: readonly Type[], rest?: Type): Type {
  return { kind: 'array', items, rest };
}

/** A set of the given member type; without one, the empty set. */
export function setType(of?: Type): Type {
  return { kind: 'set', of };
}

/** An object: known properties and, where given, others. */
export function objectType(properties: readonly StaticProperty[], dynamic?: DynamicProperty): Type {
  return { kind: 'object', properties, dynamic };
}

/** One of the given types; without any, anything. */
export function anyOf(...of: readonly Type[]): Type {
  return { kind: 'any', of };
}

/** A function of the given arguments and result. */
export function functionType(args: readonly Type[], result?: Type, variadic?: Type): FunctionType {
  return { kind: 'function', args, result, variadic };
}
