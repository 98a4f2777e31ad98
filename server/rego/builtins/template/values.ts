/** The values that templates compute with. */
import { compareStrings, isNumber, numberText, RegoObject, RegoSet, type Value } from '../../values.ts';
import { general } from '../algorithms/float-format.ts';
import { isArray } from '../operands.ts';

/** A number from the data: kept as its digits, which is also how it compares. */
export class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `undefined` is a missing value, `bigint` a whole number of the template, `number` a fractional one. */
export type TemplateValue =
  | undefined
  | null
  | boolean
  | string
  | number
  | bigint
  | Digits
  | readonly TemplateValue[]
  | ReadonlyMap<string, TemplateValue>;

/** A Rego value for a template; sets become arrays, keys that are no strings their text. */
export function templateValue(value: Value): TemplateValue {
  if (isNumber(value)) return new Digits(numberText(value));
  if (isArray(value)) return value.map(templateValue);
  if (value instanceof RegoSet) return value.items().map(templateValue);
  if (!(value instanceof RegoObject)) return value;
  return new Map(
    [...value.entries()].map(([key, member]) => [typeof key === 'string' ? key : String(key), templateValue(member)]),
  );
}

export function isList(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

/** The entries of a map in the order of their keys. */
export function sortedEntries(map: ReadonlyMap<string, TemplateValue>): readonly (readonly [string, TemplateValue])[] {
  return [...map.entries()].sort(([left], [right]) => compareStrings(left, right));
}

/** Whether a condition holds: everything but false, zero, missing and empty values. */
export function isTrue(value: TemplateValue): boolean {
  if (value instanceof Digits) return true;
  if (isList(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

/** The name of a value's type, for messages. */
export function typeNameOf(value: TemplateValue): string {
  if (value instanceof Digits) return 'json.Number';
  if (value === undefined || value === null) return 'nil';
  if (isList(value)) return '[]interface {}';
  if (value instanceof Map) return 'map[string]interface {}';
  const names = { bigint: 'int', number: 'float64', boolean: 'bool', string: 'string' } as Record<string, string>;
  return names[typeof value]!;
}

/** How a value is printed. */
export function valueText(value: TemplateValue): string {
  if (value instanceof Digits) return value.text;
  if (isList(value)) return `[${value.map(innerText).join(' ')}]`;
  if (value instanceof Map) {
    return `map[${sortedEntries(value)
      .map(([key, member]) => `${key}:${innerText(member)}`)
      .join(' ')}]`;
  }
  if (value === undefined || value === null) return '<no value>';
  if (typeof value === 'number') return general(value, undefined, { marker: 'e', shortestLimit: 6, keepZeros: false });
  return String(value);
}

function innerText(value: TemplateValue): string {
  return value === undefined || value === null ? '<nil>' : valueText(value);
}
