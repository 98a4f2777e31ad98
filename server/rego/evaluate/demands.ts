/** What a rule demands of the documents and arguments, as far as its body shows; it cannot hold where they differ. */
import type { AnalysedBranch, AnalysedRule } from '../compile/analyse.ts';
import { isEquality } from '../compile/expand.ts';
import type { CallExpr, Expr, Term } from '../syntax/ast.ts';
import { dottedName } from '../syntax/build.ts';
import { RegoObject, RegoSet, type Value, type ValueKey } from '../values.ts';
import type { ProgramCode } from './coder.ts';
import { KnownVariables, type Place, rootPlace, stepInto } from './places.ts';
import { LONGEST_KEY, scalarKey } from './scalar-key.ts';

/** One of these scalars must be at the place, or a text that begins with one of the prefixes. */
export interface Demand {
  readonly place: Place;
  readonly values: readonly ValueKey[];
  readonly prefixes: readonly string[];
}

/** More demands of one rule make looking no quicker. */
const MOST_DEMANDS = 16;

/** What a rule demands; `heads` are the terms that the arguments, or the keys asked for, are matched with. */
export function demandsOf(program: ProgramCode, rule: AnalysedRule, heads: readonly Term[]): Demand[] {
  const [first = [], ...others] = rule.branches.map((branch) => branchDemands(program, branch, branch.args ?? heads));
  return first.flatMap((demand) => {
    const all = [demand, ...others.map((demands) => demands.find(({ place }) => place.key === demand.place.key))];
    if (!all.every((one) => one !== undefined)) return [];
    return [
      {
        place: demand.place,
        values: [...new Set(all.flatMap(({ values }) => values))],
        prefixes: [...new Set(all.flatMap(({ prefixes }) => prefixes))],
      },
    ];
  });
}

/** What one branch of a rule demands; `known` gets to know its variables. */
export function branchDemands(
  program: ProgramCode,
  branch: AnalysedBranch,
  heads: readonly Term[],
  known: KnownVariables = new KnownVariables(program),
): Demand[] {
  const demands = new Map<string, Demand>();
  const add = (demand: Demand | undefined) => {
    // Of several demands on one place the first is kept, but one of whole values is worth more than one of prefixes.
    const before = demand && demands.get(demand.place.key);
    if (demand === undefined || (before === undefined && demands.size >= MOST_DEMANDS)) return;
    if (before === undefined || (before.values.length === 0 && demand.values.length > 0))
      demands.set(demand.place.key, demand);
  };
  for (const [index, head] of heads.entries()) known.match(head, rootPlace(index));
  const plain = branch.body.filter(isPlainCall);
  for (const expr of plain) if (isEquality(expr)) known.equate(expr.args[0]!, expr.args[1]!);
  for (const [index, head] of heads.entries()) headDemands(head, rootPlace(index), known, add);
  for (const expr of plain) add(demandOf(expr, known));
  return [...demands.values()];
}

function isPlainCall(expr: Expr): expr is CallExpr {
  return expr.kind === 'call' && !expr.negated && expr.with.length === 0;
}

function headDemands(head: Term, place: Place, known: KnownVariables, add: (demand: Demand | undefined) => void): void {
  const constant = known.constant(head);
  if (constant !== undefined) add(ofValues(place, [constant.value]));
  else if (head.kind === 'array') {
    for (const [index, item] of head.items.entries()) {
      const part = stepInto(place, { kind: 'key', key: index });
      if (part !== undefined) headDemands(item, part, known, add);
    }
  }
}

function demandOf(expr: CallExpr, known: KnownVariables): Demand | undefined {
  const [left, right] = expr.args as [Term, Term];
  if (expr.args.length !== 2) return undefined;
  if (isEquality(expr)) return equalDemand(left, right, known);
  switch (dottedName(expr.operator)) {
    case 'equal':
      return equalDemand(left, right, known);
    case 'internal.member_2':
      return memberDemand(left, right, known);
    case 'startswith':
    case 'strings.any_prefix_match':
      return prefixDemand(left, right, known);
    default:
      return undefined;
  }
}

function equalDemand(left: Term, right: Term, known: KnownVariables): Demand | undefined {
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const place = known.place(side);
    const constant = place && known.constant(other);
    if (place !== undefined && constant !== undefined) return ofValues(place, [constant.value]);
  }
  return undefined;
}

/** `input.a in {1, 2}`, and `1 in input.list`: then one of the list's parts must be 1. */
function memberDemand(member: Term, collection: Term, known: KnownVariables): Demand | undefined {
  const place = known.place(member);
  const constants = known.constant(collection);
  if (place !== undefined && constants !== undefined) return ofValues(place, membersOf(constants.value));
  const constant = known.constant(member);
  const collectionPlace = constant && known.place(collection);
  const part = collectionPlace && stepInto(collectionPlace, { kind: 'each' });
  return part && constant && ofValues(part, [constant.value]);
}

function membersOf(collection: Value): readonly Value[] | undefined {
  if (collection instanceof RegoSet) return collection.items();
  if (collection instanceof RegoObject) return [...collection.values()];
  return Array.isArray(collection) ? (collection as readonly Value[]) : undefined;
}

function ofValues(place: Place, values: readonly Value[] | undefined): Demand | undefined {
  const keys = values?.map(scalarKey);
  if (!keys?.every((key) => key !== undefined)) return undefined;
  return { place, values: keys, prefixes: [] };
}

function prefixDemand(text: Term, prefix: Term, known: KnownVariables): Demand | undefined {
  const place = known.place(text);
  const constant = place && known.constant(prefix)?.value;
  if (place === undefined || constant === undefined) return undefined;
  const prefixes =
    typeof constant === 'string' ? [constant] : constant instanceof RegoObject ? [] : membersOf(constant);
  const usable = prefixes?.every((one): one is string => typeof one === 'string' && one.length <= LONGEST_KEY);
  return usable && prefixes.length > 0 ? { place, values: [], prefixes } : undefined;
}
