/** Reads the cases that tests run: calls with the results that the reference implementation gave. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseNumber, RegoObject, RegoSet, type Value } from '../values.ts';

/** A call and what comes of it: the result as JSON text, the message of its error (`true` for any), or undefined. */
export interface BuiltinCase {
  readonly name: string;
  /** JSON with `{"$set": […]}`, `{"$object": [[key, value], …]}` and `{"$number": "1.50"}` for what JSON has not. */
  readonly args: readonly unknown[];
  readonly want?: string;
  readonly error?: string | true;
}

const FOLDER = new URL('./cases/', import.meta.url);

/** All cases by group. */
export function readCases(): readonly (readonly [group: string, cases: readonly BuiltinCase[]])[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => [file.slice(0, -'.json'.length), JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))]);
}

/** The value of an argument of a case. */
export function caseValue(argument: unknown): Value {
  if (Array.isArray(argument)) return argument.map(caseValue);
  if (typeof argument === 'number') return parseNumber(String(argument));
  if (typeof argument !== 'object' || argument === null) return argument as Value;
  if ('$set' in argument) return RegoSet.from((argument.$set as unknown[]).map(caseValue));
  if ('$number' in argument) return parseNumber(argument.$number as string);
  if ('$object' in argument) {
    const entries = argument.$object as readonly [unknown, unknown][];
    return RegoObject.from(entries.map(([key, member]) => [caseValue(key), caseValue(member)]));
  }
  return RegoObject.from(Object.entries(argument).map(([key, member]) => [key, caseValue(member)]));
}
