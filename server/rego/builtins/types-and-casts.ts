/** Built-ins that ask for the type of a value or change it. */
import { BuiltinError } from '../errors.ts';
import { parseNumber, RegoSet, type TypeName, typeName, type Value } from '../values.ts';
import { quote } from './algorithms/quote.ts';
import { characterCost, constantCost, deepCost } from './cost.ts';
import { define } from './define.ts';
import { membersOf, operandTypeError } from './operands.ts';
import type { Builtin } from './types.ts';

function is(name: TypeName): Builtin {
  const call = (args: readonly Value[]) => typeName(args[0] as Value) === name;
  return define(`is_${name}(any) -> boolean`, call, { cost: constantCost(1) });
}

const NOT_FINITE = /^[+-]*(?:inf|infinity|nan)$/i;
const DECIMAL = /^[+-]?(?:\d+(?:_?\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function textToNumber(text: string): Value {
  if (NOT_FINITE.test(text)) throw operandTypeError(1, text, 'valid number string');
  if (!DECIMAL.test(text)) throw new BuiltinError(`strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
  if (!Number.isFinite(Number(text))) {
    throw new BuiltinError(`strconv.ParseFloat: parsing ${quote(text)}: value out of range`);
  }
  return parseNumber(normalized(text));
}

function normalized(text: string): string {
  if (JSON_NUMBER.test(text)) return text;
  const [, sign, whole, fraction, exponent] = /^([+-]?)0*(\d*)(\.\d+)?\.?(.*)$/.exec(text)!;
  return `${sign === '-' ? '-' : ''}${whole || '0'}${fraction ?? ''}${exponent}`;
}

function toNumber(args: readonly Value[]): Value {
  const value = args[0] as Value;
  switch (typeName(value)) {
    case 'null':
      return 0;
    case 'boolean':
      return value === true ? 1 : 0;
    case 'number':
      return value;
    case 'string':
      return textToNumber(value as string);
    default:
      throw operandTypeError(1, value, 'null', 'boolean', 'number', 'string');
  }
}

function cast(name: TypeName, result = name as string): Builtin {
  const call = (args: readonly Value[]) => {
    const value = args[0] as Value;
    if (typeName(value) === name) return value;
    throw operandTypeError(1, value, name);
  };
  return define(`cast_${name}(any) -> ${result}`, call, { cost: constantCost(1), deprecated: true });
}

function castMembers(args: readonly Value[]): readonly Value[] {
  const members = membersOf(args[0]);
  if (!members) throw operandTypeError(1, args[0] as Value, 'array', 'set');
  return members;
}

/** The type and cast built-ins. */
export const typesAndCasts: readonly Builtin[] = [
  ...(['array', 'boolean', 'null', 'number', 'object', 'set', 'string'] as const).map(is),
  define('type_name(any) -> string', (args) => typeName(args[0] as Value), { cost: constantCost(1) }),
  define('to_number(any<null, boolean, number, string>) -> number', toNumber, { cost: characterCost(0.5, 2) }),
  define('cast_array(any) -> array[any]', castMembers, { deprecated: true }),
  define('cast_set(any) -> set[any]', (args) => RegoSet.from(castMembers(args)), {
    deprecated: true,
    cost: deepCost,
  }),
  cast('boolean'),
  cast('null'),
  cast('object', 'object[any: any]'),
  cast('string'),
];
