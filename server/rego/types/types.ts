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
  | (Composite & { readonly kind: 'array'; readonly items: readonly Type[]; readonly rest?: Type | undefined })
  | (Composite & {
      readonly kind: 'object';
      readonly properties: readonly StaticProperty[];
      readonly dynamic?: DynamicProperty | undefined;
    })
  /** A set without `of` is known to be empty. */
  | (Composite & { readonly kind: 'set'; readonly of?: Type | undefined })
  | (Composite & { readonly kind: 'any'; readonly of: readonly Type[] })
  /** A part of which nothing is known yet, not even that it can be anything. */
  | { readonly kind: 'unknown' }
  | FunctionType;

interface Composite {
  /** How many types it is made of, itself among them; see {@link MOST_PARTS}. */
  readonly parts: number;
  /** See {@link isVague}; kept, because large types are asked again and again. */
  readonly vague: boolean;
}

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
export const ANY: Type = { kind: 'any', of: [], parts: 1, vague: false };
export const UNKNOWN: Type = { kind: 'unknown' };

/**
 * A type with more parts than this is taken for anything. A part counts as often as it occurs: a list that holds another list
 * twice, which holds another twice, soon has more parts than anybody could write down or compare.
 */
export const MOST_PARTS = 2_000;

/** How many types a type is made of, itself among them. */
export function sizeOf(type: Type | undefined): number {
  if (type === undefined) return 0;
  return 'parts' in type ? type.parts : 1;
}

/** Whether some part of the type is unknown or a set that is known to be empty; such a type says nothing of what it can equal. */
export function isVague(type: Type): boolean {
  return type.kind === 'unknown' || ('vague' in type && type.vague);
}

function sizeOfAll(types: readonly Type[]): number {
  let parts = 0;
  for (const type of types) parts += sizeOf(type);
  return parts;
}

function isVagueOr(type: Type | undefined, absent: boolean): boolean {
  return type === undefined ? absent : isVague(type);
}

/** An array: fixed items first, then any number of `rest`. */
export function arrayType(items: readonly Type[], rest?: Type): Type {
  const parts = 1 + sizeOfAll(items) + sizeOf(rest);
  return parts > MOST_PARTS
    ? ANY
    : { kind: 'array', items, rest, parts, vague: items.some(isVague) || isVagueOr(rest, false) };
}

/** A set of the given member type; without one, the empty set. */
export function setType(of?: Type): Type {
  const parts = 1 + sizeOf(of);
  return parts > MOST_PARTS ? ANY : { kind: 'set', of, parts, vague: isVagueOr(of, true) };
}

/** An object: known properties and, where given, others. */
export function objectType(properties: readonly StaticProperty[], dynamic?: DynamicProperty): Type {
  let parts = 1 + sizeOf(dynamic?.key) + sizeOf(dynamic?.value);
  for (const { value } of properties) parts += sizeOf(value);
  if (parts > MOST_PARTS) return ANY;
  const vague =
    properties.some(({ value }) => isVague(value)) ||
    isVagueOr(dynamic?.value, false) ||
    isVagueOr(dynamic?.key, false);
  return { kind: 'object', properties, dynamic, parts, vague };
}

/** One of the given types; without any, anything. */
export function anyOf(...of: readonly Type[]): Type {
  const parts = 1 + sizeOfAll(of);
  return parts > MOST_PARTS ? ANY : { kind: 'any', of, parts, vague: false };
}

/** A function of the given arguments and result. */
export function functionType(args: readonly Type[], result?: Type, variadic?: Type): FunctionType {
  return { kind: 'function', args, result, variadic };
}
