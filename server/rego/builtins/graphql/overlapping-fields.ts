/** The rule that fields of one response name must be mergeable (GraphQL specification, section 5.3.2). */
import {
  type Argument,
  type Field,
  type FragmentSpread,
  type Position,
  type Selection,
  type TypeReference,
  typeText,
  VALUE_KIND,
  type ValueNode,
} from './ast.ts';
import { GraphqlError } from './error.ts';
import type { RuleFactory } from './rules-names.ts';
import type { WalkContext } from './walk-query.ts';

interface Conflict {
  readonly name: string;
  readonly reason: string;
  readonly position: Position | undefined;
}

interface Collected {
  readonly fields: ReadonlyMap<string, readonly Field[]>;
  readonly spreads: readonly FragmentSpread[];
}

function responseName(field: Field): string {
  return field.Alias || field.Name;
}

function collect(selections: readonly Selection[] | undefined): Collected {
  const fields = new Map<string, Field[]>();
  const spreads: FragmentSpread[] = [];
  const visit = (list: readonly Selection[] | undefined) => {
    for (const selection of list ?? []) {
      if (selection.kind === 'spread') {
        spreads.push(selection);
      } else if (selection.kind === 'inline') {
        visit(selection.SelectionSet);
      } else {
        const known = fields.get(responseName(selection));
        if (known) known.push(selection);
        else fields.set(responseName(selection), [selection]);
      }
    }
  };
  visit(selections);
  return { fields, spreads };
}

function sameValue(left: ValueNode, right: ValueNode): boolean {
  const [a, b] = [left.Children ?? [], right.Children ?? []];
  if (left.Kind !== right.Kind || left.Raw !== right.Raw || a.length !== b.length) return false;
  if (left.Kind === VALUE_KIND.object) {
    return a.every((child) => b.some((other) => other.Name === child.Name && sameValue(child.Value, other.Value)));
  }
  return a.every((child, index) => sameValue(child.Value, b[index]!.Value));
}

function sameArguments(left: readonly Argument[] = [], right: readonly Argument[] = []): boolean {
  if (left.length !== right.length) return false;
  return left.every((one) => right.some((other) => other.Name === one.Name && sameValue(one.Value, other.Value)));
}

class Merger {
  readonly #context: WalkContext;
  /** Pairs of fragments that were compared, and whether only as mutually exclusive ones. */
  readonly #comparedPairs: Map<string, boolean>;

  constructor(context: WalkContext, comparedPairs: Map<string, boolean>) {
    this.#context = context;
    this.#comparedPairs = comparedPairs;
  }

  within(selections: readonly Selection[] | undefined): readonly Conflict[] {
    const { fields, spreads } = collect(selections);
    const conflicts: Conflict[] = [];
    for (const list of fields.values()) {
      for (const [index, left] of list.entries()) {
        for (const right of list.slice(index + 1)) conflicts.push(...this.#between(false, left, right));
      }
    }
    const compared = new Set<string>();
    for (const [index, spread] of spreads.entries()) {
      conflicts.push(...this.#fieldsAndFragment(false, fields, spread, compared));
      for (const other of spreads.slice(index + 1)) conflicts.push(...this.#fragments(false, spread, other));
    }
    return conflicts;
  }

  #fieldsAndFragment(
    exclusive: boolean,
    fields: Collected['fields'],
    spread: FragmentSpread,
    compared: Set<string>,
  ): readonly Conflict[] {
    if (compared.has(spread.Name) || !spread.definition) return [];
    compared.add(spread.Name);
    const other = collect(spread.definition.SelectionSet);
    const conflicts = [...this.#maps(exclusive, fields, other.fields)];
    for (const next of other.spreads) conflicts.push(...this.#fieldsAndFragment(exclusive, fields, next, compared));
    return conflicts;
  }

  #fragments(exclusive: boolean, left: FragmentSpread, right: FragmentSpread): readonly Conflict[] {
    if (left.Name === right.Name || !left.definition || !right.definition) return [];
    const key = [left.Name, right.Name].sort().join(' ');
    const known = this.#comparedPairs.get(key);
    if (known !== undefined && (exclusive || !known)) return [];
    this.#comparedPairs.set(key, exclusive);
    const [a, b] = [collect(left.definition.SelectionSet), collect(right.definition.SelectionSet)];
    return [
      ...this.#maps(exclusive, a.fields, b.fields),
      ...b.spreads.flatMap((next) => this.#fragments(exclusive, left, next)),
      ...a.spreads.flatMap((next) => this.#fragments(exclusive, next, right)),
    ];
  }

  #maps(exclusive: boolean, left: Collected['fields'], right: Collected['fields']): readonly Conflict[] {
    const conflicts: Conflict[] = [];
    for (const [name, fields] of left) {
      for (const field of fields) {
        for (const other of right.get(name) ?? []) conflicts.push(...this.#between(exclusive, field, other));
      }
    }
    return conflicts;
  }

  #between(parentsExclusive: boolean, left: Field, right: Field): readonly Conflict[] {
    this.#context.charge();
    if (left === right || !left.parent || !right.parent) return [];
    const exclusive =
      parentsExclusive ||
      (left.parent.Name !== right.parent.Name && left.parent.Kind === 'OBJECT' && right.parent.Kind === 'OBJECT');
    const conflict = (reason: string): readonly Conflict[] => [
      { name: responseName(left), reason, position: right.position },
    ];
    if (!exclusive && left.Name !== right.Name) {
      return conflict(`"${left.Name}" and "${right.Name}" are different fields`);
    }
    if (!exclusive && !sameArguments(left.Arguments, right.Arguments)) return conflict('they have differing arguments');
    const [type, otherType] = [left.definition?.Type, right.definition?.Type];
    if (type && otherType && this.#typesConflict(type, otherType)) {
      return conflict(`they return conflicting types "${typeText(type)}" and "${typeText(otherType)}"`);
    }
    if (!left.SelectionSet && !right.SelectionSet) return [];
    const inner = this.#subselections(exclusive, left.SelectionSet, right.SelectionSet);
    if (inner.length === 0) return [];
    return conflict(inner.map(({ name, reason }) => `subfields "${name}" conflict because ${reason}`).join(' and '));
  }

  #subselections(
    exclusive: boolean,
    left: readonly Selection[] | undefined,
    right: readonly Selection[] | undefined,
  ): readonly Conflict[] {
    const [a, b] = [collect(left), collect(right)];
    return [
      ...this.#maps(exclusive, a.fields, b.fields),
      ...b.spreads.flatMap((spread) => this.#fieldsAndFragment(exclusive, a.fields, spread, new Set())),
      ...a.spreads.flatMap((spread) => this.#fieldsAndFragment(exclusive, b.fields, spread, new Set())),
      ...a.spreads.flatMap((spread) => b.spreads.flatMap((other) => this.#fragments(exclusive, spread, other))),
    ];
  }

  #typesConflict(left: TypeReference, right: TypeReference): boolean {
    if (left.Elem || right.Elem) return !left.Elem || !right.Elem || this.#typesConflict(left.Elem, right.Elem);
    if (left.NonNull !== right.NonNull) return true;
    const [a, b] = [left, right].map(({ NamedType: name }) => this.#context.schema.types.get(name));
    const isLeaf = (kind: string | undefined) => kind === 'SCALAR' || kind === 'ENUM';
    return isLeaf(a?.Kind) && isLeaf(b?.Kind) && a?.Name !== b?.Name;
  }
}

export const overlappingFieldsCanBeMerged: RuleFactory = () => {
  const comparedPairs = new Map<string, boolean>();
  const check = ({ SelectionSet: selections }: { SelectionSet?: Selection[] }, context: WalkContext) => {
    for (const { name, reason, position } of new Merger(context, comparedPairs).within(selections)) {
      const advice = 'Use different aliases on the fields to fetch both if this was intentional.';
      context.report(new GraphqlError(`Fields "${name}" conflict because ${reason}. ${advice}`, position));
    }
  };
  return {
    operation: check,
    field(field, context) {
      if (context.operation) check(field, context);
    },
    inlineFragment: check,
    fragment: check,
  };
};
