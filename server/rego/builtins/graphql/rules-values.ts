/** Rules about values and variables (GraphQL specification, sections 5.6 and 5.8). */
import { type Definition, typeText, VALUE_KIND, type ValueNode } from './ast.ts';
import { GraphqlError } from './error.ts';
import type { RuleFactory } from './rules-names.ts';
import { isCompatible } from './schema-rules.ts';
import { didYouMean, orList, similar } from './suggestion.ts';
import type { WalkContext } from './walk-query.ts';

/** A value as it would be written. */
function valueText(value: ValueNode): string {
  const children = value.Children ?? [];
  switch (value.Kind) {
    case VALUE_KIND.variable:
      return `$${value.Raw}`;
    case VALUE_KIND.string:
    case VALUE_KIND.block:
      return JSON.stringify(value.Raw);
    case VALUE_KIND.list:
      return `[${children.map((child) => valueText(child.Value)).join(',')}]`;
    case VALUE_KIND.object:
      return `{${children.map((child) => `${child.Name}:${valueText(child.Value)}`).join(',')}}`;
    default:
      return value.Raw;
  }
}

const SCALAR_MESSAGES: Readonly<Record<string, string>> = {
  String: 'String cannot represent a non string value',
  '[String]': 'String cannot represent a non string value',
  Boolean: 'Boolean cannot represent a non boolean value',
  Float: 'Float cannot represent non numeric value',
  ID: 'ID cannot represent a non-string and non-integer value',
};

function wrongTypeMessage(value: ValueNode, definition: Definition): string {
  const expected = typeText(value.expectedType!);
  const name = expected.startsWith('[') ? expected : expected.replace(/!$/, '');
  const shown = valueText(value);
  if (name === 'Int') {
    const isLargeInteger = /^-?\d+$/.test(value.Raw) && BigInt(value.Raw) !== BigInt.asIntN(32, BigInt(value.Raw));
    return `Int cannot represent non-${isLargeInteger ? '32-bit signed integer' : 'integer'} value: ${shown}`;
  }
  const scalar = Object.hasOwn(SCALAR_MESSAGES, name) ? SCALAR_MESSAGES[name] : undefined;
  if (scalar) return `${scalar}: ${shown}`;
  if (definition.Kind === 'ENUM') return `Enum "${expected}" cannot represent non-enum value: ${shown}.`;
  return `Expected value of type "${expected}", found ${shown}.`;
}

const BUILT_IN_SCALARS = ['Int', 'Float', 'String', 'Boolean', 'ID'];
/** The built-in types a literal of a kind may stand for. */
const LITERAL_TYPES: Readonly<Record<number, readonly string[]>> = {
  [VALUE_KIND.int]: ['Int', 'Float', 'ID'],
  [VALUE_KIND.float]: ['Float'],
  [VALUE_KIND.string]: ['String', 'ID'],
  [VALUE_KIND.block]: ['String', 'ID'],
  [VALUE_KIND.boolean]: ['Boolean'],
};

function checkEnum(value: ValueNode, definition: Definition, context: WalkContext): void {
  const known = (definition.EnumValues ?? []).map(({ Name: name }) => name);
  const expected = typeText(value.expectedType!);
  if (value.Kind === VALUE_KIND.enum) {
    if (definition.Kind !== 'ENUM') {
      const found = similar(value.Raw, known);
      const suggestion = found.length === 0 ? '' : ` Did you mean the enum value ${orList(found)}?`;
      context.report(new GraphqlError(wrongTypeMessage(value, definition) + suggestion, value.position));
    } else if (!known.includes(value.Raw)) {
      const message = `Value "${valueText(value)}" does not exist in "${expected}" enum.`;
      const suggestion = didYouMean(value.Raw, known, 'the enum value ');
      context.report(new GraphqlError(message + suggestion, value.position));
    }
    return;
  }
  const message = `Enum "${expected}" cannot represent non-enum value: ${valueText(value)}.`;
  context.report(new GraphqlError(message + didYouMean(value.Raw, known, 'the enum value '), value.position));
}

function checkObject(value: ValueNode, definition: Definition, context: WalkContext): void {
  const children = value.Children ?? [];
  const fields = definition.Fields ?? [];
  for (const field of fields) {
    if (!field.Type.NonNull || field.DefaultValue || children.some((child) => child.Name === field.Name)) continue;
    const subject = `Field "${definition.Name}.${field.Name}" of required type "${typeText(field.Type)}"`;
    context.report(new GraphqlError(`${subject} was not provided.`, value.position));
  }
  if (definition.Directives?.some(({ Name: name }) => name === 'oneOf')) checkOneOf(value, definition, context);
  const known = fields.map(({ Name: name }) => name);
  for (const child of children) {
    if (known.includes(child.Name)) continue;
    const message = `Field "${child.Name}" is not defined by type "${definition.Name}".`;
    context.report(new GraphqlError(message + didYouMean(child.Name, known), child.position));
  }
}

function checkOneOf(value: ValueNode, definition: Definition, context: WalkContext): void {
  const [only, ...others] = value.Children ?? [];
  if (!only || others.length > 0) {
    const message = `OneOf Input Object "${definition.Name}" must specify exactly one key.`;
    context.report(new GraphqlError(message, value.position));
  } else if (only.Value.Kind === VALUE_KIND.null) {
    const field = definition.Fields?.[0]?.Name ?? only.Name;
    context.report(new GraphqlError(`Field "${definition.Name}.${field}" must be non-null.`, only.Value.position));
  }
}

export const valuesOfCorrectType: RuleFactory = () => ({
  value(value, context) {
    const { definition, expectedType: expected, Kind: kind } = value;
    if (!definition || !expected) return;
    if (kind === VALUE_KIND.null) {
      if (!expected.NonNull) return;
      const message = `Expected value of type "${typeText(expected)}", found ${valueText(value)}.`;
      context.report(new GraphqlError(message, value.position));
      return;
    }
    if (kind === VALUE_KIND.variable) return;
    if (definition.Kind === 'SCALAR' && !BUILT_IN_SCALARS.includes(definition.Name)) return;
    const isText = kind === VALUE_KIND.string || kind === VALUE_KIND.block;
    if (kind === VALUE_KIND.enum || (isText && definition.Kind === 'ENUM')) checkEnum(value, definition, context);
    else if (kind === VALUE_KIND.object) checkObject(value, definition, context);
    else if (kind === VALUE_KIND.list ? !expected.Elem : !LITERAL_TYPES[kind]?.includes(definition.Name)) {
      context.report(new GraphqlError(wrongTypeMessage(value, definition), value.position));
    }
  },
});

export const variablesAreInputTypes: RuleFactory = () => ({
  operation({ VariableDefinitions: variables }, context) {
    for (const { Variable: name, Type: type, definition, position } of variables ?? []) {
      if (!definition || ['SCALAR', 'ENUM', 'INPUT_OBJECT'].includes(definition.Kind)) continue;
      context.report(new GraphqlError(`Variable "$${name}" cannot be non-input type "${typeText(type)}".`, position));
    }
  },
});

function checkPosition(value: ValueNode, context: WalkContext): void {
  const { variable, expectedType: expected } = value;
  if (value.Kind !== VALUE_KIND.variable || !variable || !expected || !context.operation) return;
  const fallback = variable.DefaultValue;
  const mayBeMissing = (fallback && fallback.Kind !== VALUE_KIND.null) || value.ExpectedTypeHasDefault;
  const wanted = mayBeMissing ? { ...expected, NonNull: false } : expected;
  if (isCompatible(variable.Type, wanted)) return;
  const use = `of type "${typeText(variable.Type)}" used in position expecting type "${typeText(expected)}".`;
  context.report(new GraphqlError(`Variable "$${value.Raw}" ${use}`, value.position));
}

function checkOneOfVariables(value: ValueNode, context: WalkContext): void {
  if (value.Kind !== VALUE_KIND.object || !value.definition?.Directives?.some(({ Name: name }) => name === 'oneOf'))
    return;
  for (const { Value: child } of value.Children ?? []) {
    if (child.Kind !== VALUE_KIND.variable || !child.variable || child.variable.Type.NonNull) continue;
    const need = `but must be non-nullable to be used for OneOf Input Object "${value.definition.Name}".`;
    const message = `Variable "$${child.Raw}" is of type "${typeText(child.variable.Type)}" ${need}`;
    context.report(new GraphqlError(message, child.variable.position));
  }
}

export const variablesInAllowedPosition: RuleFactory = () => ({
  value(value, context) {
    checkPosition(value, context);
    checkOneOfVariables(value, context);
  },
});
