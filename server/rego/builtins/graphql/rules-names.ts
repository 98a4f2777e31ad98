/** Rules about names: known, used, unique (GraphQL specification, section 5). */
import { type Argument, innerName, type Position, type Selection, VALUE_KIND } from './ast.ts';
import { GraphqlError } from './error.ts';
import { didYouMean } from './suggestion.ts';
import type { QueryRule, WalkContext } from './walk-query.ts';

/** A rule, made anew for every walk. */
export type RuleFactory = () => QueryRule;

export const knownArgumentNames: RuleFactory = () => ({
  field(field, context) {
    if (!field.definition || !field.parent) return;
    const known = (field.definition.Arguments ?? []).map(({ Name: name }) => name);
    for (const { Name: name } of field.Arguments ?? []) {
      if (known.includes(name)) continue;
      const message = `Unknown argument "${name}" on field "${field.parent.Name}.${field.Name}".`;
      context.report(new GraphqlError(message + didYouMean(name, known), field.position));
    }
  },
  directive(directive, context) {
    if (!directive.definition) return;
    const known = (directive.definition.Arguments ?? []).map(({ Name: name }) => name);
    for (const { Name: name } of directive.Arguments ?? []) {
      if (known.includes(name)) continue;
      const message = `Unknown argument "${name}" on directive "@${directive.Name}".`;
      context.report(new GraphqlError(message + didYouMean(name, known), directive.position));
    }
  },
});

export const knownDirectives: RuleFactory = () => {
  const reported = new Set<string>();
  return {
    directive({ Name: name, Location: location, definition, position }, context) {
      if (!definition) {
        context.report(new GraphqlError(`Unknown directive "@${name}".`, position));
        return;
      }
      const key = `${name}:${position?.line}:${position?.column}`;
      if (definition.Locations.includes(location) || reported.has(key)) return;
      reported.add(key);
      context.report(new GraphqlError(`Directive "@${name}" may not be used on ${location}.`, position));
    },
  };
};

export const knownFragmentNames: RuleFactory = () => ({
  spread({ Name: name, definition, position }, context) {
    if (!definition) context.report(new GraphqlError(`Unknown fragment "${name}".`, position));
  },
});

export const knownRootType: RuleFactory = () => ({
  operation({ Operation: operation, position }, context) {
    const kind = operation || 'query';
    const root = kind === 'query' || kind === 'mutation' || kind === 'subscription' ? context.schema[kind] : undefined;
    if (!root) context.report(new GraphqlError(`Schema does not support operation type "${operation}"`, position));
  },
});

export const knownTypeNames: RuleFactory = () => {
  const check = (name: string, position: Position | undefined, context: WalkContext, suggest: boolean) => {
    if (name === '' || context.schema.types.has(name)) return;
    const suggestion = suggest ? didYouMean(name, [...context.schema.types.keys()]) : '';
    context.report(new GraphqlError(`Unknown type "${name}".${suggestion}`, position));
  };
  return {
    variable: (variable, context) => check(innerName(variable.Type), variable.position, context, false),
    inlineFragment: (fragment, context) => check(fragment.TypeCondition, fragment.position, context, false),
    fragment: (fragment, context) => check(fragment.TypeCondition, fragment.position, context, true),
  };
};

export const loneAnonymousOperation: RuleFactory = () => ({
  operation({ Name: name, position }, context) {
    if (name !== '' || (context.document.Operations ?? []).length <= 1) return;
    context.report(new GraphqlError('This anonymous operation must be the only defined operation.', position));
  },
});

export const noUndefinedVariables: RuleFactory = () => ({
  value(value, context) {
    if (!context.operation || value.Kind !== VALUE_KIND.variable || value.variable) return;
    const { Name: name } = context.operation;
    const where = name === '' ? '' : ` by operation "${name}"`;
    context.report(new GraphqlError(`Variable "$${value.Raw}" is not defined${where}.`, value.position));
  },
});

export const noUnusedVariables: RuleFactory = () => ({
  operation({ Name: name, VariableDefinitions: variables }, context) {
    for (const variable of variables ?? []) {
      if (variable.Used) continue;
      const where = name === '' ? '' : ` in operation "${name}"`;
      const message = `Variable "$${variable.Variable}" is never used${where}.`;
      context.report(new GraphqlError(message, variable.position));
    }
  },
});

export const noUnusedFragments: RuleFactory = () => {
  const used = new Set<string>();
  let inFragments = false;
  return {
    spread({ Name: name }) {
      if (!inFragments) used.add(name);
    },
    fragment({ Name: name, position }, context) {
      inFragments = true;
      if (!used.has(name)) context.report(new GraphqlError(`Fragment "${name}" is never used.`, position));
    },
  };
};

function spreadsIn(selections: readonly Selection[] | undefined): { Name: string; position?: Position | undefined }[] {
  return (selections ?? []).flatMap((selection) =>
    selection.kind === 'spread' ? [selection] : spreadsIn(selection.SelectionSet),
  );
}

export const noFragmentCycles: RuleFactory = () => {
  const visited = new Set<string>();
  return {
    fragment(start, context) {
      const path: string[] = [];
      const indexOf = new Map<string, number>();
      const visit = (name: string, selections: readonly Selection[] | undefined) => {
        if (visited.has(name)) return;
        visited.add(name);
        indexOf.set(name, path.length);
        for (const spread of spreadsIn(selections)) {
          context.charge();
          const cycleStart = indexOf.get(spread.Name);
          if (cycleStart === undefined) {
            path.push(spread.Name);
            const next = context.document.Fragments?.find((fragment) => fragment.Name === spread.Name);
            if (next) visit(next.Name, next.SelectionSet);
            path.pop();
          } else {
            const names = path.slice(cycleStart).map((step) => `"${step}"`);
            const via = names.length === 0 ? '' : ` via ${names.join(', ')}`;
            context.report(
              new GraphqlError(`Cannot spread fragment "${spread.Name}" within itself${via}.`, spread.position),
            );
          }
        }
        indexOf.delete(name);
      };
      visit(start.Name, start.SelectionSet);
    },
  };
};

function reportRepeated(
  items: readonly { readonly Name: string; readonly position?: Position | undefined }[],
  message: (name: string) => string,
  context: WalkContext,
): void {
  const counts = new Map<string, number>();
  for (const { Name: name, position } of items) {
    const count = counts.get(name) ?? 0;
    if (count === 1) context.report(new GraphqlError(message(name), position));
    counts.set(name, count + 1);
  }
}

const repeatedArgument = (name: string) => `There can be only one argument named "${name}".`;

export const uniqueArgumentNames: RuleFactory = () => {
  const check = ({ Arguments: given }: { Arguments?: Argument[] }, context: WalkContext) =>
    reportRepeated(given ?? [], repeatedArgument, context);
  return { field: check, directive: check };
};

export const uniqueDirectivesPerLocation: RuleFactory = () => ({
  directives(directives, context) {
    const seen = new Set<string>();
    for (const { Name: name, definition, position } of directives) {
      if (seen.has(name) && !definition?.IsRepeatable) {
        context.report(new GraphqlError(`The directive "@${name}" can only be used once at this location.`, position));
      }
      seen.add(name);
    }
  },
});

function uniqueOver<Kind extends 'operation' | 'fragment'>(kind: Kind): RuleFactory {
  return () => {
    const seen = new Set<string>();
    return {
      [kind]({ Name: name, position }: { Name: string; position?: Position }, context: WalkContext) {
        if (seen.has(name)) {
          context.report(new GraphqlError(`There can be only one ${kind} named "${name}".`, position));
        }
        seen.add(name);
      },
    };
  };
}

export const uniqueFragmentNames = uniqueOver('fragment');
export const uniqueOperationNames = uniqueOver('operation');

export const uniqueInputFieldNames: RuleFactory = () => ({
  value({ Kind: kind, Children: children }, context) {
    if (kind !== VALUE_KIND.object) return;
    reportRepeated(children ?? [], (name) => `There can be only one input field named "${name}".`, context);
  },
});

export const uniqueVariableNames: RuleFactory = () => ({
  operation({ VariableDefinitions: variables }, context) {
    const named = (variables ?? []).map(({ Variable: Name, position }) => ({ Name, position }));
    reportRepeated(named, (name) => `There can be only one variable named "$${name}".`, context);
  },
});
