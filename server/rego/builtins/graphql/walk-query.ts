import type { Schema } from './ast.ts';
import {
  type Argument,
  type ArgumentDefinition,
  type Definition,
  type Directive,
  type Field,
  type FieldDefinition,
  type FragmentDefinition,
  type FragmentSpread,
  type InlineFragment,
  innerName,
  type Operation,
  type QueryDocument,
  type Selection,
  VALUE_KIND,
  type ValueNode,
  type VariableDefinition,
} from './ast.ts';
import type { GraphqlError } from './error.ts';

/** What rules may look at and report to while a query is walked. */
export interface WalkContext {
  readonly schema: Schema;
  readonly document: QueryDocument;
  readonly operation: Operation | undefined;
  report(error: GraphqlError): void;
  /** Told of every comparison or visit, so that queries which multiply work end. */
  charge(): void;
}

/** A rule: what it does when the walk leaves a node. Every walk gets its own rule, which may remember what it saw. */
export interface QueryRule {
  readonly variable?: (node: VariableDefinition, context: WalkContext) => void;
  readonly directive?: (node: Directive, context: WalkContext) => void;
  readonly directives?: (nodes: readonly Directive[], context: WalkContext) => void;
  readonly value?: (node: ValueNode, context: WalkContext) => void;
  readonly field?: (node: Field, context: WalkContext) => void;
  readonly inlineFragment?: (node: InlineFragment, context: WalkContext) => void;
  readonly spread?: (node: FragmentSpread, context: WalkContext) => void;
  readonly operation?: (node: Operation, context: WalkContext) => void;
  readonly fragment?: (node: FragmentDefinition, context: WalkContext) => void;
}

const TYPE_NAME: FieldDefinition = { Name: '__typename', Type: { NamedType: 'String', NonNull: false } };

/** Walks a query, notes at every node what the schema says about it, and calls the rules in their order. */
export function walkQuery(
  schema: Schema,
  document: QueryDocument,
  rules: readonly QueryRule[],
  context: Pick<WalkContext, 'report' | 'charge'>,
): void {
  new Walker(schema, document, rules, context).walk();
}

class Walker implements WalkContext {
  readonly schema: Schema;
  readonly document: QueryDocument;
  operation: Operation | undefined;
  readonly #rules: readonly QueryRule[];
  readonly #context: Pick<WalkContext, 'report' | 'charge'>;
  #visitedSpreads = new Set<string>();

  constructor(
    schema: Schema,
    document: QueryDocument,
    rules: readonly QueryRule[],
    context: Pick<WalkContext, 'report' | 'charge'>,
  ) {
    this.schema = schema;
    this.document = document;
    this.#rules = rules;
    this.#context = context;
  }

  report(error: GraphqlError): void {
    this.#context.report(error);
  }

  charge(): void {
    this.#context.charge();
  }

  walk(): void {
    for (const operation of this.document.Operations ?? []) {
      this.#visitedSpreads = new Set();
      this.#operation(operation);
    }
    for (const fragment of this.document.Fragments ?? []) {
      this.#visitedSpreads = new Set();
      fragment.definition = this.schema.types.get(fragment.TypeCondition);
      this.#directives(fragment.Directives, 'FRAGMENT_DEFINITION');
      this.#selections(fragment.definition, fragment.SelectionSet);
      for (const rule of this.#rules) rule.fragment?.(fragment, this);
    }
  }

  #operation(operation: Operation): void {
    this.operation = operation;
    const variables = operation.VariableDefinitions ?? [];
    for (const variable of variables) {
      variable.Used = false;
      variable.definition = this.schema.types.get(innerName(variable.Type));
      for (const rule of this.#rules) rule.variable?.(variable, this);
    }
    for (const variable of variables) {
      if (variable.DefaultValue) {
        this.#value(variable.DefaultValue, variable.Type, variable.definition, false);
      }
      this.#directives(variable.Directives, 'VARIABLE_DEFINITION');
    }
    const kind = operation.Operation || 'query';
    const root = kind === 'query' || kind === 'mutation' || kind === 'subscription' ? this.schema[kind] : undefined;
    this.#directives(operation.Directives, kind.toUpperCase());
    this.#selections(root, operation.SelectionSet);
    for (const rule of this.#rules) rule.operation?.(operation, this);
    this.operation = undefined;
  }

  #directives(directives: readonly Directive[] | undefined, location: string): void {
    for (const directive of directives ?? []) {
      directive.definition = this.schema.directives.get(directive.Name);
      directive.Location = location;
      this.#arguments(directive.Arguments, directive.definition?.Arguments);
      for (const rule of this.#rules) rule.directive?.(directive, this);
    }
    for (const rule of this.#rules) rule.directives?.(directives ?? [], this);
  }

  #arguments(given: readonly Argument[] | undefined, known: readonly ArgumentDefinition[] | undefined): void {
    for (const argument of given ?? []) {
      const definition = known?.find(({ Name: name }) => name === argument.Name);
      this.#input(argument.Value, definition);
    }
  }

  #input(value: ValueNode, definition: ArgumentDefinition | undefined): void {
    if (!definition) {
      this.#value(value, value.expectedType, value.definition, value.ExpectedTypeHasDefault);
      return;
    }
    const fallback = definition.DefaultValue;
    const type = this.schema.types.get(innerName(definition.Type));
    this.#value(value, definition.Type, type, fallback !== undefined && fallback.Kind !== VALUE_KIND.null);
  }

  #value(
    value: ValueNode,
    expected: ValueNode['expectedType'],
    definition: Definition | undefined,
    hasDefault: boolean,
  ): void {
    this.charge();
    value.expectedType = expected;
    value.definition = definition;
    value.ExpectedTypeHasDefault = hasDefault;
    if (value.Kind === VALUE_KIND.variable) {
      value.variable = this.operation?.VariableDefinitions?.find(({ Variable: name }) => name === value.Raw);
      if (value.variable) value.variable.Used = true;
    }
    for (const child of value.Children ?? []) {
      if (value.Kind === VALUE_KIND.object) {
        this.#input(
          child.Value,
          definition?.Fields?.find(({ Name: name }) => name === child.Name),
        );
      } else {
        this.#value(child.Value, expected?.Elem, expected?.Elem && definition, false);
      }
    }
    for (const rule of this.#rules) rule.value?.(value, this);
  }

  #selections(parent: Definition | undefined, selections: readonly Selection[] | undefined): void {
    for (const selection of selections ?? []) {
      this.charge();
      selection.parent = parent;
      if (selection.kind === 'field') this.#field(parent, selection);
      else if (selection.kind === 'inline') this.#inlineFragment(parent, selection);
      else this.#spread(selection);
    }
  }

  #field(parent: Definition | undefined, field: Field): void {
    const known = parent?.Fields?.find(({ Name: name }) => name === field.Name);
    field.definition = field.Name === '__typename' ? TYPE_NAME : known;
    const next = field.definition && this.schema.types.get(innerName(field.definition.Type));
    this.#arguments(field.Arguments, field.definition?.Arguments);
    this.#directives(field.Directives, 'FIELD');
    this.#selections(next, field.SelectionSet);
    for (const rule of this.#rules) rule.field?.(field, this);
  }

  #inlineFragment(parent: Definition | undefined, fragment: InlineFragment): void {
    const next = fragment.TypeCondition === '' ? parent : this.schema.types.get(fragment.TypeCondition);
    this.#directives(fragment.Directives, 'INLINE_FRAGMENT');
    this.#selections(next, fragment.SelectionSet);
    for (const rule of this.#rules) rule.inlineFragment?.(fragment, this);
  }

  #spread(spread: FragmentSpread): void {
    const definition = this.document.Fragments?.find(({ Name: name }) => name === spread.Name);
    spread.definition = definition;
    this.#directives(spread.Directives, 'FRAGMENT_SPREAD');
    if (definition && !this.#visitedSpreads.has(definition.Name)) {
      this.#visitedSpreads.add(definition.Name);
      this.#directives(definition.Directives, 'FRAGMENT_DEFINITION');
      this.#selections(this.schema.types.get(definition.TypeCondition), definition.SelectionSet);
    }
    for (const rule of this.#rules) rule.spread?.(spread, this);
  }
}
