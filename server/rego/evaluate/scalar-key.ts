/** How values are told apart by indexes. */
import { BigNumber, keyOf, type Value, type ValueKey } from '../values.ts';

/** Longer texts and numbers are left to the rule itself, so that looking one up never takes long. */
export const LONGEST_KEY = 200;

/** The hash key of a scalar, by which it is looked up; undefined for collections and for very long texts and numbers. */
export function scalarKey(value: Value): ValueKey | undefined {
  if (typeof value === 'string') return value.length <= LONGEST_KEY ? keyOf(value) : undefined;
  if (value === null || typeof value !== 'object') return value;
  return value instanceof BigNumber && value.text.length <= LONGEST_KEY ? keyOf(value) : undefined;
}

/** Whether the value is an array, a set or an object. */
export function isCollection(value: Value): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof BigNumber);
}
