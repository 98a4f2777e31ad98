/** The rules that type definitions must keep (GraphQL specification, section 3). */
import type { Schema } from './ast.ts';
import {
  type ArgumentDefinition,
  type Definition,
  type DefinitionKind,
  type Directive,
  type DirectiveDefinition,
  type FieldDefinition,
  innerName,
  type Position,
  type TypeReference,
  typeText,
  VALUE_KIND,
} from './ast.ts';
import { GraphqlError } from './error.ts';

const OUTPUT_KINDS: readonly DefinitionKind[] = ['SCALAR', 'OBJECT', 'INTERFACE', 'UNION', 'ENUM'];
const INPUT_KINDS: readonly DefinitionKind[] = ['SCALAR', 'ENUM', 'INPUT_OBJECT'];

/** Checks all types and directives. Throws a GraphqlError at the first broken rule. */
export function checkSchema(schema: Schema): void {
  const byName = <Item extends { Name: string }>(items: ReadonlyMap<string, Item>) =>
    [...items.values()].sort((left, right) => (left.Name < right.Name ? -1 : 1));
  for (const definition of byName(schema.types)) checkDefinition(schema, definition);
  checkInputCycles(schema);
  for (const directive of byName(schema.directives)) {
    checkName(directive.Name, directive.position);
    checkArguments(schema, directive.Arguments, directive);
  }
}

function checkName(name: string, position: Position | undefined): void {
  if (!name.startsWith('__')) return;
  throw new GraphqlError(
    `Name "${name}" must not begin with "__", which is reserved by GraphQL introspection.`,
    position,
  );
}

function checkReference(schema: Schema, type: TypeReference): void {
  if (schema.types.has(innerName(type))) return;
  throw new GraphqlError(`Undefined type ${innerName(type)}.`, type.position);
}

function checkDefinition(schema: Schema, definition: Definition): void {
  const { Kind: kind, Name: name, position } = definition;
  const fields = definition.Fields ?? [];
  for (const field of fields) {
    checkName(field.Name, field.position);
    checkReference(schema, field.Type);
    checkArguments(schema, field.Arguments, undefined);
    const location = kind === 'INPUT_OBJECT' ? 'INPUT_FIELD_DEFINITION' : 'FIELD_DEFINITION';
    checkDirectives(schema, field.Directives, location, undefined, true);
  }
  for (const member of definition.Types ?? []) {
    const type = schema.types.get(member);
    if (!type) throw new GraphqlError(`Undefined type "${member}".`, position);
    if (type.Kind !== 'OBJECT') throw new GraphqlError(`${kind} type "${member}" must be OBJECT.`, position);
  }
  for (const interfaceName of definition.Interfaces ?? []) checkImplements(schema, definition, interfaceName);
  checkContents(schema, definition);
  checkUnique(fields, (field) => `Field ${name}.${field} can only be defined once.`);
  checkUnique(definition.EnumValues ?? [], (value) => `Enum value ${name}.${value} can only be defined once.`);
  const members = (definition.Types ?? []).map((Name) => ({ Name, position }));
  checkUnique(members, (member) => `Union type ${name} can only include type ${member} once.`);
  if (!definition.BuiltIn) checkName(name, position);
  checkDirectives(schema, definition.Directives, kind, undefined, false);
}

function checkUnique(
  items: readonly { readonly Name: string; readonly position?: Position | undefined }[],
  message: (name: string) => string,
): void {
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(item.Name)) throw new GraphqlError(message(item.Name), item.position);
    seen.add(item.Name);
  }
}

function checkContents(schema: Schema, definition: Definition): void {
  const { Kind: kind, Name: name, position } = definition;
  const fields = definition.Fields ?? [];
  if (kind === 'OBJECT' || kind === 'INTERFACE') {
    if (fields.length === 0) throw new GraphqlError(`${kind} ${name}: must define one or more fields.`, position);
    checkFieldKinds(schema, fields, OUTPUT_KINDS, () => `${kind} ${name}`);
  } else if (kind === 'INPUT_OBJECT') {
    if (fields.length === 0) throw new GraphqlError(`${kind} ${name}: must define one or more input fields.`, position);
    checkFieldKinds(schema, fields, INPUT_KINDS, (field, type) => `${type.Kind} ${field.Name}`);
  } else if (kind === 'ENUM') {
    const values = definition.EnumValues ?? [];
    if (values.length === 0) {
      throw new GraphqlError(`${kind} ${name}: must define one or more unique enum values.`, position);
    }
    for (const value of values) {
      if (['true', 'false', 'null'].includes(value.Name)) {
        throw new GraphqlError(`${kind} ${name}: non-enum value ${value.Name}.`, position);
      }
      checkDirectives(schema, value.Directives, 'ENUM_VALUE', undefined, true);
    }
  }
}

function checkFieldKinds(
  schema: Schema,
  fields: readonly FieldDefinition[],
  allowed: readonly DefinitionKind[],
  subject: (field: FieldDefinition, type: Definition) => string,
): void {
  for (const field of fields) {
    const type = schema.types.get(innerName(field.Type));
    if (!type || allowed.includes(type.Kind)) continue;
    throw new GraphqlError(`${subject(field, type)}: field must be one of ${allowed.join(', ')}.`, field.position);
  }
}

function checkArguments(
  schema: Schema,
  definitions: readonly ArgumentDefinition[] | undefined,
  directive: DirectiveDefinition | undefined,
): void {
  for (const argument of definitions ?? []) {
    checkName(argument.Name, argument.position);
    checkReference(schema, argument.Type);
    const { Kind: kind } = schema.types.get(innerName(argument.Type))!;
    if (!INPUT_KINDS.includes(kind)) {
      const use = `cannot use ${typeText(argument.Type)} as argument ${argument.Name}`;
      throw new GraphqlError(`${use} because ${kind} is not a valid input type`, argument.position);
    }
    checkDirectives(schema, argument.Directives, 'ARGUMENT_DEFINITION', directive, true);
  }
}

/**
 * Checks directives on a definition: known, allowed at the location, given the right arguments and, where they stand at one
 * place of the text, not repeated. Throws a GraphqlError at the first that is not.
 */
export function checkDirectives(
  schema: Schema,
  directives: readonly Directive[] | undefined,
  location: string,
  within: DirectiveDefinition | undefined,
  isOnePlace: boolean,
): void {
  const seen = new Set<string>();
  for (const directive of directives ?? []) {
    const { Name: name, position } = directive;
    checkName(name, position);
    if (within?.Name === name) throw new GraphqlError(`Directive ${name} cannot refer to itself.`, position);
    const definition = schema.directives.get(name);
    if (!definition) throw new GraphqlError(`Undefined directive ${name}.`, position);
    if (isOnePlace && seen.has(name) && !definition.IsRepeatable) {
      throw new GraphqlError(`The directive ${name} can only be used once at this location.`, position);
    }
    seen.add(name);
    if (!definition.Locations.includes(location)) {
      throw new GraphqlError(`Directive ${name} is not applicable on ${location}.`, position);
    }
    checkDirectiveArguments(directive, definition);
  }
}

function checkDirectiveArguments(directive: Directive, definition: DirectiveDefinition): void {
  const given = directive.Arguments ?? [];
  const known = definition.Arguments ?? [];
  for (const argument of given) {
    if (known.some(({ Name: name }) => name === argument.Name)) continue;
    throw new GraphqlError(`Undefined argument ${argument.Name} for directive ${directive.Name}.`, argument.position);
  }
  for (const { Name: name, Type: type, DefaultValue: fallback } of known) {
    if (!type.NonNull || fallback) continue;
    const argument = given.find((candidate) => candidate.Name === name);
    if (argument && argument.Value.Kind !== VALUE_KIND.null) continue;
    throw new GraphqlError(`Argument ${name} for directive ${directive.Name} cannot be null.`, directive.position);
  }
}

function checkImplements(schema: Schema, definition: Definition, interfaceName: string): void {
  const contract = schema.types.get(interfaceName);
  const { Name: name, position } = definition;
  if (!contract) throw new GraphqlError(`Undefined type "${interfaceName}".`, position);
  if (contract.Kind !== 'INTERFACE') {
    throw new GraphqlError(`"${interfaceName}" is a non interface type ${contract.Kind}.`, position);
  }
  const purpose = `For ${name} to implement ${interfaceName}`;
  for (const required of contract.Fields ?? []) {
    const field = definition.Fields?.find((candidate) => candidate.Name === required.Name);
    if (!field) throw new GraphqlError(`${purpose} it must have a field called ${required.Name}.`, position);
    if (!isCovariant(schema, required.Type, field.Type)) {
      throw new GraphqlError(
        `${purpose} the field ${required.Name} must have type ${typeText(required.Type)}.`,
        field.position,
      );
    }
    checkImplementedArguments(purpose, required, field);
  }
  for (const ancestor of contract.Interfaces ?? []) {
    if (definition.Interfaces?.includes(ancestor)) continue;
    if (ancestor === name) {
      throw new GraphqlError(
        `Type ${name} cannot implement ${interfaceName} because it would create a circular reference.`,
        position,
      );
    }
    throw new GraphqlError(
      `Type ${name} must implement ${ancestor} because it is implemented by ${interfaceName}.`,
      position,
    );
  }
}

function checkImplementedArguments(purpose: string, required: FieldDefinition, field: FieldDefinition): void {
  for (const argument of required.Arguments ?? []) {
    const same = `${purpose} the field ${required.Name} must have the same arguments but`;
    const found = field.Arguments?.find((candidate) => candidate.Name === argument.Name);
    if (!found) throw new GraphqlError(`${same} it is missing ${argument.Name}.`, field.position);
    if (!isCompatible(argument.Type, found.Type)) {
      throw new GraphqlError(`${same} ${argument.Name} has the wrong type.`, found.position);
    }
  }
  for (const argument of field.Arguments ?? []) {
    const isKnown = required.Arguments?.some((candidate) => candidate.Name === argument.Name);
    if (isKnown || !argument.Type.NonNull || argument.DefaultValue) continue;
    throw new GraphqlError(
      `${purpose} any additional arguments on ${field.Name} must be optional or have a default value but ${argument.Name} is required.`,
      argument.position,
    );
  }
}

/** Whether a value of the first type may stand where the second is expected. */
export function isCompatible(type: TypeReference, expected: TypeReference): boolean {
  if (type.NamedType !== expected.NamedType) return false;
  if (type.Elem && (!expected.Elem || !isCompatible(type.Elem, expected.Elem))) return false;
  return !expected.NonNull || type.NonNull;
}

function isCovariant(schema: Schema, required: TypeReference, actual: TypeReference): boolean {
  if (required.NonNull && !actual.NonNull) return false;
  if (required.Elem) return actual.Elem !== undefined && isCovariant(schema, required.Elem, actual.Elem);
  if (required.NamedType === actual.NamedType) return true;
  return (schema.possible.get(required.NamedType) ?? []).some(({ Name: name }) => name === actual.NamedType);
}

/** An input object that needs itself could never be given. */
function checkInputCycles(schema: Schema): void {
  const visited = new Set<string>();
  const path: FieldDefinition[] = [];
  const indexOf = new Map<string, number>();
  const visit = (definition: Definition): void => {
    if (visited.has(definition.Name)) return;
    visited.add(definition.Name);
    indexOf.set(definition.Name, path.length);
    for (const field of definition.Fields ?? []) {
      const type = field.Type.NonNull ? schema.types.get(field.Type.NamedType) : undefined;
      if (type?.Kind !== 'INPUT_OBJECT') continue;
      path.push(field);
      const start = indexOf.get(type.Name);
      if (start !== undefined) {
        const names = path.slice(start).map((step) => step.Name);
        throw new GraphqlError(
          `Cannot reference Input Object "${type.Name}" within itself through a series of non-null fields: "${names.join('.')}".`,
          path[start]!.position,
        );
      }
      visit(type);
      path.pop();
    }
    indexOf.delete(definition.Name);
  };
  for (const definition of schema.types.values()) if (definition.Kind === 'INPUT_OBJECT') visit(definition);
}
