/** Built-ins on YAML text. */
import { BuiltinError } from '../errors.ts';
import { RegoObject, RegoSet, type Value } from '../values.ts';
import { MAXIMUM_LENGTH, parseYaml } from './algorithms/parse-yaml.ts';
import { yamlText } from './algorithms/yaml-text.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import { isArray, stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

function isValid(args: readonly Value[]): boolean {
  if (typeof args[0] !== 'string') return false;
  try {
    parseYaml(args[0]);
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

/** Every level passes on the lines of those below it, so that a deep value is laid out in time with the square of its depth. */
function marshalCost([value = null]: readonly Value[]): number {
  const cost = deepCost([value]);
  return 100 + 16 * cost + Math.ceil((cost * depthOf(value, Math.min(cost, MAXIMUM_DEPTH))) / 2);
}

/** Values as deep as this are costly enough whatever is below. */
const MAXIMUM_DEPTH = 1_000;

function depthOf(value: Value, most: number): number {
  if (most <= 0 || typeof value !== 'object' || value === null) return 0;
  const parts = isArray(value)
    ? value
    : value instanceof RegoSet || value instanceof RegoObject
      ? value.unordered()
      : [];
  let deepest = 0;
  for (const part of parts) deepest = Math.max(deepest, depthOf(part, most - 1));
  return deepest + 1;
}

/** An alias stands for a whole node, and looking it up takes longer than reading a name. */
const STEPS_PER_ALIAS = 150;

/** A bracket that has no partner is an error with its place, and there may be as many as characters. */
const STEPS_PER_BRACKET = 80;

function countOf(text: string, characters: string): number {
  let count = 0;
  for (const character of characters) {
    for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
  }
  return count;
}

function cost(args: readonly Value[]): number {
  const text = args[0];
  if (typeof text !== 'string' || text.length > MAXIMUM_LENGTH) return 10;
  return 2_000 + 30 * text.length + countOf(text, '*') * STEPS_PER_ALIAS + countOf(text, '{[]}') * STEPS_PER_BRACKET;
}

/** The YAML built-ins. */
export const yaml: readonly Builtin[] = [
  define('yaml.marshal(any) -> string', (args) => yamlText(args[0] as Value), { cost: marshalCost }),
  define('yaml.unmarshal(string) -> any', (args) => parseYaml(stringOperand(args, 0)), { cost }),
  define('yaml.is_valid(string) -> boolean', isValid, { cost }),
];
