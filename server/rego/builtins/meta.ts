/** Built-ins on policies themselves. */
import { BuiltinError, RegoError, RegoErrors } from '../errors.ts';
import { parseModule } from '../syntax/parser.ts';
import type { Value } from '../values.ts';
import { moduleValue } from './algorithms/syntax-tree-json.ts';
import { define } from './define.ts';
import { capLength, stringOperand } from './operands.ts';
import type { Builtin } from './types.ts';

const MAXIMUM_SOURCE = 131_072;

function parse(args: readonly Value[]): Value {
  const [file, text] = [stringOperand(args, 0), stringOperand(args, 1)];
  capLength('module', text.length, MAXIMUM_SOURCE);
  if (text.trim() === '') throw new BuiltinError(`${file}:0: rego_parse_error: empty module`);
  const { module, errors } = parseModule(file, text);
  if (errors.length > 0 || !module) throw new BuiltinError(new RegoErrors(errors.map(withoutHint)).message);
  return moduleValue(module);
}

/** Policies may compare this text with what OPA gives, which has no hints. */
function withoutHint({ code, message, location }: RegoError): RegoError {
  return new RegoError(code, message, location);
}

/** The compiler puts the metadata of the place into the policy, so a call can only come from code that skipped it. */
function metadata(signature: string): Builtin {
  const { name } = define(signature, () => undefined);
  return define(signature, () => {
    throw new BuiltinError(`${name} is answered by the compiler and cannot be called`);
  });
}

/** Short lines are made into the most nodes for their text; metadata is read as YAML. */
function parseCost(args: readonly Value[]): number {
  const [, text] = args;
  if (typeof text !== 'string' || text.length > MAXIMUM_SOURCE) return 400;
  return 400 + 6 * text.length + (text.includes('METADATA') ? 1_500 + 30 * text.length : 0);
}

/** The policy built-ins. */
export const meta: readonly Builtin[] = [
  define('rego.parse_module(string, string) -> object[string: any]', parse, {
    cost: parseCost,
  }),
  metadata('rego.metadata.chain() -> array[any]'),
  metadata('rego.metadata.rule() -> any'),
];
