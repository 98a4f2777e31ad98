/** Built-ins that reach outside the evaluation: only as far as the caller allows. */
import { BuiltinError } from '../errors.ts';
import { RegoObject, type Value } from '../values.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import { requestOperand } from './http-request.ts';
import { stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

function httpSend(args: readonly Value[], ctx: BuiltinContext): Value {
  const request = requestOperand(args, 0);
  if (ctx.httpSend) return ctx.httpSend(request);
  throw new BuiltinError('HTTP requests are not allowed here: put what the policy needs into input or data');
}

function trace(args: readonly Value[], ctx: BuiltinContext): Value {
  ctx.trace?.(stringOperand(args, 0));
  return true;
}

/** Reports a case to the test runner; for the evaluation the report is always true. */
function testCase(args: readonly Value[], ctx: BuiltinContext): Value {
  if (Array.isArray(args[0])) ctx.testCase?.(args[0]);
  return true;
}

/** The environment built-ins. */
export const environment: readonly Builtin[] = [
  define('http.send(object[string: any]) -> object[any: any]', httpSend, { nondeterministic: true, cost: deepCost }),
  define('opa.runtime() -> object[string: any]', (_args, ctx) => ctx.runtime ?? RegoObject.empty, {
    nondeterministic: true,
  }),
  define('trace(string) -> boolean', trace),
  define('internal.test_case(array[any])', testCase),
];
