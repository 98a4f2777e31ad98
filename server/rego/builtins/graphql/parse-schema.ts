import type {
  ArgumentDefinition,
  CommentGroup,
  Definition,
  DefinitionKind,
  DirectiveDefinition,
  EnumValueDefinition,
  FieldDefinition,
  OperationType,
  SchemaDefinition,
  SchemaDocument,
} from './ast.ts';
import { Parser } from './parser.ts';

/** Reads a type system document. Throws a GraphqlError at the first mistake. */
export function parseSchema(text: string): SchemaDocument {
  return new SchemaParser(text).document();
}

const KINDS: Readonly<Record<string, DefinitionKind>> = {
  scalar: 'SCALAR',
  type: 'OBJECT',
  interface: 'INTERFACE',
  union: 'UNION',
  enum: 'ENUM',
  input: 'INPUT_OBJECT',
};
const OPERATIONS = ['query', 'mutation', 'subscription'];

/** Where directives may stand. */
export const LOCATIONS = new Set([
  'QUERY',
  'MUTATION',
  'SUBSCRIPTION',
  'FIELD',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'VARIABLE_DEFINITION',
  'SCHEMA',
  'SCALAR',
  'OBJECT',
  'FIELD_DEFINITION',
  'ARGUMENT_DEFINITION',
  'INTERFACE',
  'UNION',
  'ENUM',
  'ENUM_VALUE',
  'INPUT_OBJECT',
  'INPUT_FIELD_DEFINITION',
]);

interface Description {
  readonly Description: string;
  readonly BeforeDescriptionComment?: CommentGroup | undefined;
}

class SchemaParser extends Parser {
  document(): SchemaDocument {
    const document = { Schema: [], SchemaExtension: [], Directives: [], Definitions: [], Extensions: [] } as Required<
      Omit<SchemaDocument, 'position' | 'Comment'>
    >;
    while (!this.isAt('<EOF>')) {
      const described = this.#description();
      const keyword = this.peek().value;
      if (!this.isAt('Name')) throw this.unexpected();
      if (keyword === 'schema') document.Schema.push(this.#schema(described, this.expectKeyword('schema')));
      else if (keyword === 'directive') document.Directives.push(this.#directive(described));
      else if (keyword === 'extend') this.#extension(described, document);
      else document.Definitions.push(this.#definition(described));
    }
    return { ...document, Comment: this.comment };
  }

  #description(): Description {
    if (!this.isAt('String') && !this.isAt('BlockString')) return { Description: '' };
    const BeforeDescriptionComment = this.comment;
    return { BeforeDescriptionComment, Description: this.next().value };
  }

  #schema(described: Description, comment: CommentGroup | undefined): SchemaDefinition {
    const definition: SchemaDefinition = { ...described, AfterDescriptionComment: comment, position: this.position() };
    definition.Directives = this.directives(true);
    const types: OperationType[] = [];
    definition.EndOfDefinitionComment = this.some('{', '}', () => types.push(this.#operationType()));
    return { ...definition, OperationTypes: types };
  }

  #operationType(): OperationType {
    const position = this.position();
    const Comment = this.comment;
    const token = this.next();
    if (!OPERATIONS.includes(token.value)) throw this.unexpected(token);
    this.expect(':');
    return { position, Comment, Operation: token.value, Type: this.name() };
  }

  #extension(described: Description, document: Required<Omit<SchemaDocument, 'position' | 'Comment'>>): void {
    if (described.Description !== '') throw this.unexpected(this.previous);
    const comment = this.expectKeyword('extend');
    if (this.isAt('Name', 'schema')) {
      this.expectKeyword('schema');
      const schema = this.#schema({ Description: '' }, comment);
      if (schema.Directives!.length === 0 && schema.OperationTypes!.length === 0) throw this.unexpected();
      document.SchemaExtension.push(schema);
      return;
    }
    const definition = this.#definition({ Description: '' }, comment);
    const { Interfaces = [], Directives = [], Fields = [], Types = [], EnumValues = [] } = definition;
    const parts = [Interfaces, Directives, Fields, Types, EnumValues];
    if (parts.every((part) => part.length === 0)) throw this.unexpected();
    document.Extensions.push(definition);
  }

  #definition(described: Description, extendComment?: CommentGroup): Definition {
    const keyword = this.peek().value;
    const kind = Object.hasOwn(KINDS, keyword) && this.isAt('Name') ? KINDS[keyword]! : undefined;
    if (!kind) throw this.unexpected();
    const comment = this.expectKeyword(keyword);
    const position = this.position();
    const definition: Definition = {
      ...described,
      AfterDescriptionComment: extendComment ?? comment,
      position,
      Kind: kind,
      Name: this.name(),
      BuiltIn: false,
    };
    if (kind === 'OBJECT' || kind === 'INTERFACE') definition.Interfaces = this.#interfaces();
    definition.Directives = this.directives(true);
    this.#body(definition);
    return definition;
  }

  #body(definition: Definition): void {
    const { Kind: kind } = definition;
    if (kind === 'UNION') {
      definition.Types = this.#unionTypes();
    } else if (kind === 'ENUM') {
      const values: EnumValueDefinition[] = [];
      definition.EndOfDefinitionComment = this.some('{', '}', () => values.push(this.#enumValue()));
      definition.EnumValues = values;
    } else if (kind !== 'SCALAR') {
      const fields: FieldDefinition[] = [];
      const read = kind === 'INPUT_OBJECT' ? () => this.#input() : () => this.#field();
      definition.EndOfDefinitionComment = this.some('{', '}', () => fields.push(read()));
      definition.Fields = fields;
    }
  }

  #interfaces(): string[] {
    if (!this.skip('Name', 'implements')) return [];
    this.skip('&');
    const names = [this.name()];
    while (this.skip('&')) names.push(this.name());
    return names;
  }

  #unionTypes(): string[] {
    if (!this.skip('=')) return [];
    this.skip('|');
    const names = [this.name()];
    while (this.skip('|')) names.push(this.name());
    return names;
  }

  #element() {
    const described = this.#description();
    const position = this.position();
    return { ...described, AfterDescriptionComment: this.comment, position, Name: this.name() };
  }

  #enumValue(): EnumValueDefinition {
    return { ...this.#element(), Directives: this.directives(true) };
  }

  #input(): ArgumentDefinition {
    const element = this.#element();
    this.expect(':');
    const definition: ArgumentDefinition = { ...element, Type: this.typeReference() };
    if (this.skip('=')) definition.DefaultValue = this.value(true);
    definition.Directives = this.directives(true);
    return definition;
  }

  #field(): FieldDefinition {
    const element = this.#element();
    const Arguments = this.#argumentDefinitions();
    this.expect(':');
    return { ...element, Arguments, Type: this.typeReference(), Directives: this.directives(true) };
  }

  #argumentDefinitions(): ArgumentDefinition[] {
    const found: ArgumentDefinition[] = [];
    this.some('(', ')', () => found.push(this.#input()));
    return found;
  }

  #directive(described: Description): DirectiveDefinition {
    const AfterDescriptionComment = this.expectKeyword('directive');
    this.expect('@');
    const position = this.position();
    const Name = this.name();
    const Arguments = this.#argumentDefinitions();
    const IsRepeatable = this.skip('Name', 'repeatable');
    this.expectKeyword('on');
    this.skip('|');
    const Locations = [this.#location()];
    while (this.skip('|')) Locations.push(this.#location());
    return { ...described, AfterDescriptionComment, position, Name, Arguments, IsRepeatable, Locations };
  }

  #location(): string {
    const token = this.expect('Name');
    if (!LOCATIONS.has(token.value)) throw this.unexpected(token);
    return token.value;
  }
}
