/** Built-ins on YAML text. */
import { BuiltinError } from '../errors.ts';
import type { Value } from '../values.ts';
import { parseYaml } from './algorithms/parse-yaml.ts';
import { yamlText } from './algorithms/yaml-text.ts';
import { deepCost, flatCost } from './cost.ts';
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
const marshalCost = (args: readonly Value[]) => 8 * deepCost(args);

const cost = (args: readonly Value[]) => 50 + 16 * flatCost(args);

/** The YAML built-ins. */
export const yaml: readonly Builtin[] = [
  define('yaml.marshal(any) -> string', (args) => yamlText(args[0] as Value), { cost: marshalCost }),
  define('yaml.unmarshal(string) -> any', (args) => parseYaml(stringOperand(args, 0)), { cost }),
  define('yaml.is_valid(string) -> boolean', isValid, { cost }),
];
