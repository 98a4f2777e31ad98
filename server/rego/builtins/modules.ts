/** The built-in that reads policy sources. */
import { BuiltinError, RegoErrors } from '../errors.ts';
import { moduleValue } from '../syntax/ast-json.ts';
import { parseModule } from '../syntax/parser.ts';
import type { Value } from '../values.ts';
import { define } from './define.ts';
import { stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

function parse(args: readonly Value[]): Value {
  const { module, errors } = parseModule(stringOperand(args, 0), stringOperand(args, 1));
  if (module === undefined || errors.length > 0) throw new BuiltinError(new RegoErrors(errors).message);
  return moduleValue(module);
}

/** The built-ins over policy modules. */
export const modules: readonly Builtin[] = [
  define('rego.parse_module(string, string) -> object[string: any]', parse, {
    cost: (args) => String(args[1]).length,
  }),
];
