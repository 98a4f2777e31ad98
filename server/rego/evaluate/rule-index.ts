/**
 * Finds the rules that can hold for the documents and arguments at hand, without trying the others.
 *
 * A rule that demands a constant at some place (`input.method == "GET"`, `input.method in {…}`, a function's argument
 * `"a"`, also through local aliases) is only tried when the place holds a fitting value. Rules are sorted by
 * the place that most of them look at, and the rest by the next place, so that the cost of a decision stays flat while
 * rules are added.
 */
import type { AnalysedRule } from '../compile/analyse.ts';
import { isEquality } from '../compile/expand.ts';
import type { CallExpr, Expr, RefTerm, Term } from '../syntax/ast.ts';
import { dottedName } from '../syntax/build.ts';
import { keyOf, RegoObject, RegoSet, type Value, type ValueKey } from '../values.ts';
import { constantOf } from './code-terms.ts';
import type { ProgramCode } from './coder.ts';
import { lookup } from './lookup.ts';
import type { Machine } from './machine.ts';

/** A place whose value decides: below `input`, or below an argument. */
interface Place {
  readonly key: string;
  /** The argument's number; undefined for `input`. */
  readonly argument: number | undefined;
  readonly path: readonly Value[];
}

/** What a rule demands of a place: one of these values. */
interface Demand {
  readonly place: Place;
  readonly values: readonly Value[];
}

/** Below this many rules, looking is not quicker than trying. */
const SMALLEST = 4;

/** Rules with what is compiled for each. */
export class RuleIndex<Code> {
  readonly #codes: readonly Code[];
  readonly #root: Lookup | undefined;

  constructor(program: ProgramCode, rules: readonly AnalysedRule[], codes: readonly Code[]) {
    this.#codes = codes;
    const indexed = rules.map((rule, number) => ({ number, demands: demandsOf(rule) }));
    this.#root = program.indexed && rules.length >= SMALLEST ? buildLookup(indexed) : undefined;
  }

  /** The codes of the rules that may hold, in the order of the source. */
  candidates(machine: Machine, args: readonly Value[]): readonly Code[] {
    if (this.#root === undefined) return this.#codes;
    const numbers: number[] = [];
    find(this.#root, machine, args, numbers);
    return numbers.sort((a, b) => a - b).map((number) => this.#codes[number]!);
  }
}

interface IndexedRule {
  readonly number: number;
  readonly demands: readonly Demand[];
}

interface Lookup {
  readonly place: Place;
  readonly byValue: ReadonlyMap<ValueKey, readonly number[]>;
  /** Rules that do not look at this place. */
  readonly others: Lookup | readonly number[];
}

function buildLookup(rules: readonly IndexedRule[]): Lookup | undefined {
  const counts = new Map<string, { place: Place; count: number }>();
  for (const rule of rules) {
    for (const { place } of rule.demands) {
      const known = counts.get(place.key);
      if (known === undefined) counts.set(place.key, { place, count: 1 });
      else known.count++;
    }
  }
  const best = [...counts.values()].sort((a, b) => b.count - a.count)[0];
  if (best === undefined || best.count < 2) return undefined;
  const byValue = new Map<ValueKey, number[]>();
  const others: IndexedRule[] = [];
  for (const rule of rules) {
    const demand = rule.demands.find(({ place }) => place.key === best.place.key);
    if (demand === undefined) {
      others.push(rule);
      continue;
    }
    for (const key of new Set(demand.values.map(keyOf))) {
      const known = byValue.get(key);
      if (known === undefined) byValue.set(key, [rule.number]);
      else known.push(rule.number);
    }
  }
  return { place: best.place, byValue, others: buildLookup(others) ?? others.map(({ number }) => number) };
}

function find(lookups: Lookup, machine: Machine, args: readonly Value[], numbers: number[]): void {
  let current: Lookup | readonly number[] = lookups;
  while ('place' in current) {
    const value = valueAt(current.place, machine, args);
    const found: readonly number[] | undefined = value === undefined ? undefined : current.byValue.get(keyOf(value));
    if (found !== undefined) numbers.push(...found);
    current = current.others;
  }
  numbers.push(...current);
}

function valueAt(place: Place, machine: Machine, args: readonly Value[]): Value | undefined {
  let value = place.argument === undefined ? machine.input : args[place.argument];
  for (const step of place.path) {
    if (value === undefined) return undefined;
    value = lookup(value, step);
  }
  return value;
}

/** What a rule demands, as far as its body shows. Rules with `else` and defaults demand nothing. */
function demandsOf(rule: AnalysedRule): Demand[] {
  const branch = rule.branches[0]!;
  if (rule.branches.length > 1 || rule.entry.rule.isDefault) return [];
  const aliases = new Map<string, Place>();
  for (const [index, arg] of (branch.args ?? []).entries()) {
    if (arg.kind === 'var') aliases.set(arg.name, { key: `argument ${index}`, argument: index, path: [] });
  }
  const demands: Demand[] = [];
  for (const [index, arg] of (branch.args ?? []).entries()) {
    const constant = constantOf(arg);
    if (constant === undefined) continue;
    demands.push({ place: { key: `argument ${index}`, argument: index, path: [] }, values: [constant.value] });
  }
  for (const expr of branch.body) {
    const demand = demandOf(expr, aliases);
    if (demand !== undefined) demands.push(demand);
  }
  return demands;
}

function demandOf(expr: Expr, aliases: Map<string, Place>): Demand | undefined {
  if (expr.kind !== 'call' || expr.negated || expr.with.length > 0) return undefined;
  const [left, right] = expr.args as [Term, Term];
  if (isEquality(expr) || (dottedName(expr.operator) === 'equal' && expr.args.length === 2)) {
    noteAlias(expr, aliases);
    return constantDemand(left, right, aliases) ?? constantDemand(right, left, aliases);
  }
  if (dottedName(expr.operator) !== 'internal.member_2' || expr.args.length !== 2) return undefined;
  const place = placeOf(left, aliases);
  const collection = constantOf(right)?.value;
  if (place === undefined || collection === undefined) return undefined;
  if (collection instanceof RegoSet) return { place, values: collection.items() };
  if (Array.isArray(collection)) return { place, values: collection as readonly Value[] };
  return collection instanceof RegoObject ? { place, values: [...collection.values()] } : undefined;
}

/** `x = input.a` lets `x` stand for the place in what follows. */
function noteAlias(expr: CallExpr, aliases: Map<string, Place>): void {
  const [left, right] = expr.args as [Term, Term];
  for (const [name, source] of [
    [left, right],
    [right, left],
  ] as const) {
    const place = name.kind === 'var' && source.kind === 'ref' ? placeOf(source, aliases) : undefined;
    if (place !== undefined && !aliases.has((name as { name: string }).name)) {
      aliases.set((name as { name: string }).name, place);
    }
  }
}

function constantDemand(term: Term, other: Term, aliases: ReadonlyMap<string, Place>): Demand | undefined {
  const place = placeOf(term, aliases);
  const constant = place === undefined ? undefined : constantOf(other);
  return place === undefined || constant === undefined ? undefined : { place, values: [constant.value] };
}

function placeOf(term: Term, aliases: ReadonlyMap<string, Place>): Place | undefined {
  if (term.kind === 'var') return aliases.get(term.name);
  if (term.kind !== 'ref') return undefined;
  const [head, ...steps] = (term as RefTerm).terms as [Term, ...Term[]];
  if (head.kind !== 'var') return undefined;
  const start: Place | undefined =
    head.name === 'input' ? { key: 'input', argument: undefined, path: [] } : aliases.get(head.name);
  if (start === undefined) return undefined;
  const path = [...start.path];
  for (const step of steps) {
    if (step.kind !== 'scalar') return undefined;
    path.push(step.value);
  }
  return {
    key: `${start.key} ${path.map((step) => JSON.stringify(keyOf(step))).join(' ')}`,
    argument: start.argument,
    path,
  };
}
