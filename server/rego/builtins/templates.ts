/** The built-in that renders text templates. */
import type { Value } from '../values.ts';
import { deepCost, textCost } from './cost.ts';
import { define } from './define.ts';
import { capLength, objectOperand, stringOperand } from './operands.ts';
import { executeTemplate } from './template/execute.ts';
import { parseTemplate } from './template/parse.ts';
import { templateData } from './template/values.ts';
import type { Builtin, BuiltinContext } from './types.ts';

const MAXIMUM_TEMPLATE = 65_536;

function render(args: readonly Value[], ctx: BuiltinContext): Value {
  const text = stringOperand(args, 0);
  const data = objectOperand(args, 1);
  capLength('template', text.length, MAXIMUM_TEMPLATE);
  const values = templateData(data);
  const charge = (length: number) => ctx.limits.charge(textCost(length));
  return executeTemplate(parseTemplate(text, charge), values, charge).replaceAll('<no value>', '<undefined>');
}

/** The template built-ins. */
export const templates: readonly Builtin[] = [
  define('strings.render_template(string, object[string: any]) -> string', render, {
    cost: (args) => 400 + 16 * deepCost(args),
  }),
];
