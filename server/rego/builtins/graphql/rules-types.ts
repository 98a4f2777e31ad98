/** Rules about fields and fragments on types (GraphQL specification, sections 5.2 to 5.5). */
import {
  type Argument,
  type ArgumentDefinition,
  type Definition,
  type Field,
  innerName,
  type Position,
  type Selection,
  typeText,
} from './ast.ts';
import { GraphqlError } from './error.ts';
import type { RuleFactory } from './rules-names.ts';
import { didYouMean, orList } from './suggestion.ts';
import type { WalkContext } from './walk-query.ts';

function isComposite({ Kind: kind }: Definition): boolean {
  return kind === 'OBJECT' || kind === 'INTERFACE' || kind === 'UNION';
}

function isLeaf({ Kind: kind }: Definition): boolean {
  return kind === 'SCALAR' || kind === 'ENUM';
}

/** Types behind an abstract one that have the field, interfaces that most of them share first. */
function typesWithField(parent: Definition, name: string, context: WalkContext): readonly string[] {
  if (parent.Kind !== 'INTERFACE' && parent.Kind !== 'UNION') return [];
  const hasField = (definition: Definition | undefined) => definition?.Fields?.some((field) => field.Name === name);
  const objects = (context.schema.possible.get(parent.Name) ?? []).filter(hasField);
  const uses = new Map<string, number>();
  for (const shared of objects.flatMap((object) => object.Interfaces ?? [])) {
    if (hasField(context.schema.types.get(shared))) uses.set(shared, (uses.get(shared) ?? 0) + 1);
  }
  const names = [...uses.keys(), ...objects.map((object) => object.Name)];
  return names.sort((left, right) => (uses.get(right) ?? 0) - (uses.get(left) ?? 0) || (left < right ? -1 : 1));
}

export const fieldsOnCorrectType: RuleFactory = () => ({
  field(field, context) {
    const { parent, Name: name } = field;
    if (!parent || field.definition) return;
    const types = typesWithField(parent, name, context);
    const known = parent.Kind === 'OBJECT' || parent.Kind === 'INTERFACE' ? (parent.Fields ?? []) : [];
    const suggestion =
      types.length > 0
        ? ` Did you mean to use an inline fragment on ${orList(types.map((type) => `"${type}"`))}?`
        : didYouMean(
            name,
            known.map((candidate) => candidate.Name),
          );
    const message = `Cannot query field "${name}" on type "${parent.Name}".${suggestion}`;
    context.report(new GraphqlError(message, field.position));
  },
});

export const fragmentsOnCompositeTypes: RuleFactory = () => ({
  inlineFragment({ TypeCondition: condition, position }, context) {
    const type = context.schema.types.get(condition);
    if (!type || isComposite(type)) return;
    context.report(new GraphqlError(`Fragment cannot condition on non composite type "${condition}".`, position));
  },
  fragment({ Name: name, TypeCondition: condition, definition, position }, context) {
    if (!definition || condition === '' || isComposite(definition)) return;
    const message = `Fragment "${name}" cannot condition on non composite type "${condition}".`;
    context.report(new GraphqlError(message, position));
  },
});

const NESTING_FIELDS = ['fields', 'interfaces', 'possibleTypes', 'inputFields'];
const MAXIMUM_INTROSPECTION_DEPTH = 3;

function exceedsDepth(
  selections: readonly Selection[] | undefined,
  depth: number,
  visited: ReadonlySet<string>,
  context: WalkContext,
): boolean {
  return (selections ?? []).some((selection) => {
    context.charge();
    if (selection.kind === 'field') {
      const deeper = NESTING_FIELDS.includes(selection.Name) ? depth + 1 : depth;
      if (deeper > depth && deeper >= MAXIMUM_INTROSPECTION_DEPTH) return true;
      return exceedsDepth(selection.SelectionSet, deeper, visited, context);
    }
    if (selection.kind === 'inline') return exceedsDepth(selection.SelectionSet, depth, visited, context);
    if (visited.has(selection.Name) || !selection.definition) return false;
    return exceedsDepth(selection.definition.SelectionSet, depth, new Set([...visited, selection.Name]), context);
  });
}

export const maxIntrospectionDepth: RuleFactory = () => ({
  field({ Name: name, SelectionSet: selections, position }, context) {
    if (name !== '__schema' && name !== '__type') return;
    if (!exceedsDepth(selections, 0, new Set(), context)) return;
    context.report(new GraphqlError('Maximum introspection depth exceeded', position));
  },
});

function canSpread(parent: Definition | undefined, condition: string, context: WalkContext): boolean {
  const type = context.schema.types.get(condition);
  if (!parent || !isComposite(parent) || !type || !isComposite(type)) return true;
  const possible = (definition: Definition) => context.schema.possible.get(definition.Name) ?? [];
  const parents = new Set((parent.Kind === 'OBJECT' ? [parent] : possible(parent)).map(({ Name: name }) => name));
  return possible(type).some(({ Name: name }) => parents.has(name));
}

export const possibleFragmentSpreads: RuleFactory = () => {
  const reason = (parent: string, condition: string) =>
    `cannot be spread here as objects of type "${parent}" can never be of type "${condition}".`;
  return {
    inlineFragment({ parent, TypeCondition: condition, position }, context) {
      if (canSpread(parent, condition, context)) return;
      context.report(new GraphqlError(`Fragment ${reason(parent!.Name, condition)}`, position));
    },
    spread({ Name: name, parent, definition, position }, context) {
      if (!definition || canSpread(parent, definition.TypeCondition, context)) return;
      const message = `Fragment "${name}" ${reason(parent!.Name, definition.TypeCondition)}`;
      context.report(new GraphqlError(message, position));
    },
  };
};

function missingArguments(
  given: readonly Argument[] | undefined,
  known: readonly ArgumentDefinition[] | undefined,
): readonly ArgumentDefinition[] {
  return (known ?? []).filter(
    ({ Name: name, Type: type, DefaultValue: fallback }) =>
      type.NonNull && !fallback && !given?.some((argument) => argument.Name === name),
  );
}

export const providedRequiredArguments: RuleFactory = () => {
  const report = (
    subject: string,
    missing: ArgumentDefinition,
    position: Position | undefined,
    context: WalkContext,
  ) => {
    const argument = `argument "${missing.Name}" of type "${typeText(missing.Type)}"`;
    context.report(new GraphqlError(`${subject} ${argument} is required, but it was not provided.`, position));
  };
  return {
    field(field, context) {
      for (const missing of missingArguments(field.Arguments, field.definition?.Arguments)) {
        report(`Field "${field.Name}"`, missing, field.position, context);
      }
    },
    directive(directive, context) {
      for (const missing of missingArguments(directive.Arguments, directive.definition?.Arguments)) {
        report(`Directive "@${directive.Name}"`, missing, directive.position, context);
      }
    },
  };
};

export const scalarLeafs: RuleFactory = () => ({
  field(field, context) {
    const type = field.definition && context.schema.types.get(innerName(field.definition.Type));
    if (!type || !field.definition) return;
    const { Name: name, position } = field;
    const hasSelection = (field.SelectionSet ?? []).length > 0;
    if (isLeaf(type) && hasSelection) {
      const message = `Field "${name}" must not have a selection since type "${type.Name}" has no subfields.`;
      context.report(new GraphqlError(message, position));
    }
    if (!isLeaf(type) && !hasSelection) {
      const wanted = `of type "${typeText(field.definition.Type)}" must have a selection of subfields.`;
      context.report(new GraphqlError(`Field "${name}" ${wanted} Did you mean "${name} { ... }"?`, position));
    }
  },
});

function topFields(
  selections: readonly Selection[] | undefined,
  visited: Set<string>,
  found: Map<string, Field>,
): void {
  for (const selection of selections ?? []) {
    if (selection.kind === 'field') {
      if (!found.has(selection.Name)) found.set(selection.Name, selection);
    } else if (selection.kind === 'inline') {
      topFields(selection.SelectionSet, visited, found);
    } else if (selection.definition && !visited.has(selection.Name)) {
      visited.add(selection.Name);
      topFields(selection.definition.SelectionSet, visited, found);
    }
  }
}

export const singleFieldSubscriptions: RuleFactory = () => ({
  operation(operation, context) {
    if (!context.schema.subscription || operation.Operation !== 'subscription') return;
    const found = new Map<string, Field>();
    topFields(operation.SelectionSet, new Set(), found);
    const subject = operation.Name === '' ? 'Anonymous Subscription' : `Subscription "${operation.Name}"`;
    const second = [...found.values()][1];
    if (second) context.report(new GraphqlError(`${subject} must select only one top level field.`, second.position));
    for (const field of found.values()) {
      if (!field.Name.startsWith('__')) continue;
      const message = `${subject} must not select an introspection top level field.`;
      context.report(new GraphqlError(message, field.position));
    }
  },
});
