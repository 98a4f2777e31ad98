import type { Definition, DirectiveDefinition, Schema, SchemaDocument, TypeReference } from './ast.ts';
import { GraphqlError } from './error.ts';
import { parseSchema } from './parse-schema.ts';
import { PRELUDE } from './prelude.ts';
import { checkDirectives, checkSchema } from './schema-rules.ts';

/** Directives that every schema has and that a document may declare again; the first declaration counts. */
const REDECLARABLE = new Set(['include', 'skip', 'deprecated', 'specifiedBy', 'defer', 'oneOf']);

/** Joins a document with the built-in types and checks it. Throws a GraphqlError at the first broken rule. */
export function buildSchema(document: SchemaDocument): Schema {
  const prelude = parseSchema(PRELUDE);
  for (const definition of prelude.Definitions!) definition.BuiltIn = true;
  const types = joinTypes([...prelude.Definitions!, ...(document.Definitions ?? [])], document.Extensions ?? []);
  const directives = joinDirectives([...prelude.Directives!, ...(document.Directives ?? [])]);
  const possible = possibleTypes(types);
  const roots = rootTypes(document, types);
  const schema: Schema = { types, directives, possible, ...roots };
  for (const definition of [...(document.Schema ?? []), ...(document.SchemaExtension ?? [])]) {
    checkDirectives(schema, definition.Directives, 'SCHEMA', undefined, true);
  }
  checkSchema(schema);
  if ((document.Schema ?? []).length > 0) return withIntrospection(schema);
  return withIntrospection({
    ...schema,
    query: roots.query ?? types.get('Query'),
    mutation: roots.mutation ?? types.get('Mutation'),
    subscription: roots.subscription ?? types.get('Subscription'),
  });
}

function joinTypes(definitions: readonly Definition[], extensions: readonly Definition[]): Map<string, Definition> {
  const types = new Map<string, Definition>();
  for (const definition of definitions) {
    if (types.has(definition.Name)) {
      throw new GraphqlError(`Cannot redeclare type ${definition.Name}.`, definition.position);
    }
    types.set(definition.Name, { ...definition });
  }
  for (const { Kind: kind, Name: name, position, ...extension } of extensions) {
    const base = types.get(name) ?? { Kind: kind, Name: name, position, BuiltIn: false };
    if (base.Kind !== kind) {
      const reason = `the base type is a ${base.Kind}, not ${kind}`;
      throw new GraphqlError(`Cannot extend type ${name} because ${reason}.`, position);
    }
    types.set(name, {
      ...base,
      Directives: [...(base.Directives ?? []), ...(extension.Directives ?? [])],
      Interfaces: [...(base.Interfaces ?? []), ...(extension.Interfaces ?? [])],
      Fields: [...(base.Fields ?? []), ...(extension.Fields ?? [])],
      Types: [...(base.Types ?? []), ...(extension.Types ?? [])],
      EnumValues: [...(base.EnumValues ?? []), ...(extension.EnumValues ?? [])],
    });
  }
  return types;
}

function joinDirectives(definitions: readonly DirectiveDefinition[]): Map<string, DirectiveDefinition> {
  const directives = new Map<string, DirectiveDefinition>();
  for (const definition of definitions) {
    if (directives.has(definition.Name) && !REDECLARABLE.has(definition.Name)) {
      throw new GraphqlError(`Cannot redeclare directive ${definition.Name}.`, definition.position);
    }
    directives.set(definition.Name, definition);
  }
  return directives;
}

function possibleTypes(types: ReadonlyMap<string, Definition>): Map<string, Definition[]> {
  const possible = new Map<string, Definition[]>();
  const add = (name: string, definition: Definition | undefined) => {
    if (definition) possible.set(name, [...(possible.get(name) ?? []), definition]);
  };
  for (const definition of types.values()) {
    if (definition.Kind === 'UNION') for (const name of definition.Types ?? []) add(definition.Name, types.get(name));
    else if (definition.Kind === 'OBJECT' || definition.Kind === 'INPUT_OBJECT' || definition.Kind === 'INTERFACE') {
      for (const name of definition.Interfaces ?? []) add(name, definition);
      if (definition.Kind !== 'INTERFACE') add(definition.Name, definition);
    }
  }
  return possible;
}

function rootTypes(document: SchemaDocument, types: ReadonlyMap<string, Definition>) {
  const second = document.Schema?.[1];
  if (second) {
    throw new GraphqlError(
      'Cannot have multiple schema entry points, consider schema extensions instead.',
      second.position,
    );
  }
  const roots = new Map<string, Definition>();
  for (const definition of [...(document.Schema ?? []), ...(document.SchemaExtension ?? [])]) {
    for (const { Operation: operation, Type: type, position } of definition.OperationTypes ?? []) {
      const root = types.get(type);
      if (!root) {
        throw new GraphqlError(`Schema root ${operation} refers to a type ${type} that does not exist.`, position);
      }
      roots.set(operation, root);
    }
  }
  return { query: roots.get('query'), mutation: roots.get('mutation'), subscription: roots.get('subscription') };
}

function reference(name: string, NonNull: boolean): TypeReference {
  return { NamedType: name, NonNull };
}

/** Queries can also ask for the schema itself. */
function withIntrospection(schema: Schema): Schema {
  if (!schema.query) return schema;
  const query: Definition = {
    ...schema.query,
    Fields: [
      ...(schema.query.Fields ?? []),
      { Name: '__schema', Type: reference('__Schema', true) },
      {
        Name: '__type',
        Type: reference('__Type', false),
        Arguments: [{ Name: 'name', Type: reference('String', true) }],
      },
    ],
  };
  return { ...schema, query, types: new Map([...schema.types, [query.Name, query]]) };
}
