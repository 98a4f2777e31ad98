/**
 * The syntax tree of GraphQL documents. Its fields carry the names under which policies see them, so that a tree becomes a
 * Rego object field by field; `position` and what validation adds begin in lower case and are never shown.
 */
import { fromJson, isNumber, RegoObject, toDouble, type Value } from '../../values.ts';
import { isArray } from '../operands.ts';

/** Line and column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Comment lines before an element. */
export interface CommentGroup {
  readonly List: readonly { readonly Value: string }[];
}

interface Node {
  position?: Position | undefined;
  Comment?: CommentGroup | undefined;
}

interface Described extends Node {
  Description?: string;
  BeforeDescriptionComment?: CommentGroup | undefined;
  AfterDescriptionComment?: CommentGroup | undefined;
  EndOfDefinitionComment?: CommentGroup | undefined;
}

/** A reference to a type: named, or a list of `Elem`. */
export interface TypeReference extends Node {
  NamedType: string;
  Elem?: TypeReference;
  NonNull: boolean;
}

/** The kinds of values, by the numbers policies see. */
export const VALUE_KIND = {
  variable: 0,
  int: 1,
  float: 2,
  string: 3,
  block: 4,
  boolean: 5,
  null: 6,
  enum: 7,
  list: 8,
  object: 9,
} as const;

/** A value literal or a variable. */
export interface ValueNode extends Node {
  Raw: string;
  Children?: ChildValue[];
  Kind: number;
  ExpectedTypeHasDefault: boolean;
  expectedType?: TypeReference | undefined;
  definition?: Definition | undefined;
  variable?: VariableDefinition | undefined;
}

export interface ChildValue extends Node {
  Name: string;
  Value: ValueNode;
}

export interface Argument extends Node {
  Name: string;
  Value: ValueNode;
}

export interface Directive extends Node {
  Name: string;
  Arguments?: Argument[];
  Location: string;
  definition?: DirectiveDefinition | undefined;
}

export interface VariableDefinition extends Node {
  Variable: string;
  Type: TypeReference;
  DefaultValue?: ValueNode;
  Directives?: Directive[];
  Used: boolean;
  definition?: Definition | undefined;
}

export interface Field extends Node {
  kind: 'field';
  Alias: string;
  Name: string;
  Arguments?: Argument[];
  Directives?: Directive[];
  SelectionSet?: Selection[];
  definition?: FieldDefinition | undefined;
  parent?: Definition | undefined;
}

export interface InlineFragment extends Node {
  kind: 'inline';
  TypeCondition: string;
  Directives?: Directive[];
  SelectionSet?: Selection[];
  parent?: Definition | undefined;
}

export interface FragmentSpread extends Node {
  kind: 'spread';
  Name: string;
  Directives?: Directive[];
  definition?: FragmentDefinition | undefined;
  parent?: Definition | undefined;
}

export type Selection = Field | InlineFragment | FragmentSpread;

export interface Operation extends Node {
  Operation: string;
  Name: string;
  VariableDefinitions?: VariableDefinition[];
  Directives?: Directive[];
  SelectionSet?: Selection[];
}

export interface FragmentDefinition extends Node {
  Name: string;
  VariableDefinition?: VariableDefinition[];
  TypeCondition: string;
  Directives?: Directive[];
  SelectionSet?: Selection[];
  definition?: Definition | undefined;
}

export interface QueryDocument extends Node {
  Operations?: Operation[];
  Fragments?: FragmentDefinition[];
}

export interface OperationType extends Node {
  Operation: string;
  Type: string;
}

export interface SchemaDefinition extends Described {
  Directives?: Directive[];
  OperationTypes?: OperationType[];
}

export interface ArgumentDefinition extends Described {
  Name: string;
  DefaultValue?: ValueNode;
  Type: TypeReference;
  Directives?: Directive[];
}

export interface FieldDefinition extends ArgumentDefinition {
  Arguments?: ArgumentDefinition[];
}

export interface EnumValueDefinition extends Described {
  Name: string;
  Directives?: Directive[];
}

export type DefinitionKind = 'SCALAR' | 'OBJECT' | 'INTERFACE' | 'UNION' | 'ENUM' | 'INPUT_OBJECT';

export interface Definition extends Described {
  Kind: DefinitionKind;
  Name: string;
  Directives?: Directive[];
  Interfaces?: string[];
  Fields?: FieldDefinition[];
  Types?: string[];
  EnumValues?: EnumValueDefinition[];
  BuiltIn: boolean;
}

export interface DirectiveDefinition extends Described {
  Name: string;
  Arguments?: ArgumentDefinition[];
  Locations: string[];
  IsRepeatable: boolean;
}

export interface SchemaDocument extends Node {
  Schema?: SchemaDefinition[];
  SchemaExtension?: SchemaDefinition[];
  Directives?: DirectiveDefinition[];
  Definitions?: Definition[];
  Extensions?: Definition[];
}

/** Text of a type reference: `[Int!]!`. */
export function typeText(type: TypeReference): string {
  const text = type.Elem ? `[${typeText(type.Elem)}]` : type.NamedType;
  return type.NonNull ? `${text}!` : text;
}

/** The name of the type inside all lists. */
export function innerName(type: TypeReference): string {
  return type.Elem ? innerName(type.Elem) : type.NamedType;
}

/** A tree as a Rego value, without what is empty. */
export function treeValue(node: unknown): Value {
  if (node === null || typeof node !== 'object') return fromJson(node);
  if (Array.isArray(node)) return node.map(treeValue).filter(isShown);
  const entries = Object.entries(node)
    .filter(([key, value]) => /^[A-Z]/.test(key) && value !== undefined)
    .map(([key, value]) => [key, treeValue(value)] as const);
  return RegoObject.from(entries.filter(([, value]) => isShown(value)));
}

function isShown(value: Value): boolean {
  if (isArray(value)) return value.length > 0;
  return value !== null && !(value instanceof RegoObject && value.size === 0);
}

/** The tree of a Rego value that was shown before; selections are recognised by their fields. */
export function treeOf(value: Value): unknown {
  if (isArray(value)) return value.map(treeOf);
  if (isNumber(value)) return toDouble(value);
  if (!(value instanceof RegoObject)) return value;
  const node: Record<string, unknown> = {};
  for (const [key, member] of value.entries()) if (typeof key === 'string') node[key] = treeOf(member);
  if (Array.isArray(node['SelectionSet'])) node['SelectionSet'] = node['SelectionSet'].map(withKind);
  return node;
}

function withKind(selection: unknown): unknown {
  const node = selection as Record<string, unknown>;
  const kind = 'Alias' in node ? 'field' : 'TypeCondition' in node || 'SelectionSet' in node ? 'inline' : 'spread';
  return { ...node, kind };
}

/** A schema that queries can be checked against. */
export interface Schema {
  readonly types: ReadonlyMap<string, Definition>;
  readonly directives: ReadonlyMap<string, DirectiveDefinition>;
  /** The object types that a type can stand for, by its name. */
  readonly possible: ReadonlyMap<string, readonly Definition[]>;
  readonly query: Definition | undefined;
  readonly mutation: Definition | undefined;
  readonly subscription: Definition | undefined;
}
