/** Built-ins on YAML text. */
import { BuiltinError } from '../errors.ts';
import type { Value } from '../values.ts';
import { MAXIMUM_LENGTH, parseYaml } from './algorithms/parse-yaml.ts';
import { yamlText } from './algorithms/yaml-text.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import { stringOperand } from './operands.ts';
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

// Text is laid out by a library that looks at every scalar several times.
const marshalCost = (args: readonly Value[]) => 100 + 16 * deepCost(args);

/** An alias stands for a whole node, and looking it up takes longer than reading a name. */
const STEPS_PER_ALIAS = 150;

function cost(args: readonly Value[]): number {
  const text = args[0];
  if (typeof text !== 'string' || text.length > MAXIMUM_LENGTH) return 1;
  let aliases = 0;
  for (let at = text.indexOf('*'); at >= 0; at = text.indexOf('*', at + 1)) aliases++;
  return 1_500 + 30 * text.length + aliases * STEPS_PER_ALIAS;
}

/** The YAML built-ins. */
export const yaml: readonly Builtin[] = [
  define('yaml.marshal(any) -> string', (args) => yamlText(args[0] as Value), { cost: marshalCost }),
  define('yaml.unmarshal(string) -> any', (args) => parseYaml(stringOperand(args, 0)), { cost }),
  define('yaml.is_valid(string) -> boolean', isValid, { cost }),
];
