/** Built-ins that check documents against JSON schemas. */
import { BuiltinError } from '../errors.ts';
import { RegoObject, type Value } from '../values.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import { unmarshalJson } from './encoding.ts';
import { compileSchema } from './json-schema/compile.ts';
import { validateDocument } from './json-schema/validate.ts';
import { isArray } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

function documentOf(value: Value): Value {
  if (value instanceof RegoObject || isArray(value)) return value;
  if (typeof value !== 'string') throw new BuiltinError('wrong type, expected string or object');
  try {
    return unmarshalJson(value);
  } catch (error) {
    throw error instanceof BuiltinError ? new BuiltinError('invalid JSON string') : error;
  }
}

function matchSchema(args: readonly Value[], ctx: BuiltinContext): Value {
  const document = documentOf(args[0] as Value);
  const charge = (steps: number) => ctx.limits.charge(steps);
  const schema = compileSchema(documentOf(args[1] as Value), charge);
  const errors = validateDocument(schema, document, charge);
  const shown = errors.map(({ type, field, description }) =>
    RegoObject.from(Object.entries({ error: `${field}: ${description}`, type, field, desc: description })),
  );
  return [errors.length === 0, shown];
}

function verifySchema(args: readonly Value[], ctx: BuiltinContext): Value {
  try {
    compileSchema(documentOf(args[0] as Value), (steps) => ctx.limits.charge(steps));
    return [true, null];
  } catch (error) {
    if (error instanceof BuiltinError) return [false, `jsonschema: ${error.message}`];
    throw error;
  }
}

const cost = (args: readonly Value[]) => 100 + 16 * deepCost(args);

/** The JSON schema built-ins. */
export const schemas: readonly Builtin[] = [
  define(
    'json.match_schema(any<string, object[any: any]>, any<string, object[any: any]>) -> array<boolean, array[object<desc: string, error: string, field: string, type: string>]>',
    matchSchema,
    { nondeterministic: true, cost },
  ),
  define('json.verify_schema(any<string, object[any: any]>) -> array<boolean, any<null, string>>', verifySchema, {
    nondeterministic: true,
    cost,
  }),
];
