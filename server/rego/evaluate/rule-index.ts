/**
 * Finds the rules that can hold for the documents and arguments at hand, without trying the others.
 *
 * A rule that demands a constant at some place (`input.method == "GET"`, `input.method in {…}`, `"admin" in
 * input.roles`, `startswith(input.path, "/v1/")`, `data.levels[input.user] == 3`, a function's argument `"a"`, each also
 * through locals and constant rules) is only tried when the place holds a fitting value. Rules are sorted by the place
 * that most of them look at, those that share a value by the next place, and the rest likewise, so that the cost of a
 * decision stays flat while rules are added.
 */
import type { AnalysedRule } from '../compile/analyse.ts';
import type { Term } from '../syntax/ast.ts';
import type { Value, ValueKey } from '../values.ts';
import type { ProgramCode } from './coder.ts';
import { type Demand, demandsOf } from './demands.ts';
import type { Machine } from './machine.ts';
import { type Place, valueAt, visitPlace } from './places.ts';
import { isCollection, scalarKey } from './scalar-key.ts';

/** Below this many rules, looking is not quicker than trying. */
const SMALLEST = 4;

/** Places that are looked at one after another for rules that demand nothing of those before. */
const LONGEST_CHAIN = 16;

/** When a place holds more values than this, its rules are tried without looking further. */
const MAXIMUM_VALUES = 64;

/** How many entries the index may have for each rule; rules with many values at several places would multiply. */
const ENTRIES_PER_RULE = 50;

/** Rules with what is compiled for each. */
export class RuleIndex<Code> {
  readonly #codes: readonly Code[];
  readonly #root: Branch<Code>;

  /** `headsOf` gives the terms that arguments, or the keys asked for, are matched with. */
  constructor(
    program: ProgramCode,
    rules: readonly AnalysedRule[],
    codes: readonly Code[],
    headsOf: (rule: AnalysedRule) => readonly Term[] = () => [],
  ) {
    this.#codes = codes;
    const indexed =
      !program.indexed || rules.length < SMALLEST
        ? []
        : rules.map((rule, number) => ({ number, demands: demandsOf(program, rule, headsOf(rule)) }));
    this.#root =
      indexed.length === 0
        ? { numbers: codes.map((_, number) => number), codes }
        : new Builder(codes).branch(indexed, LONGEST_CHAIN);
  }

  /** The codes of the rules that may hold, in the order of the source. */
  candidates(machine: Machine, args: readonly Value[]): readonly Code[] {
    if (!('place' in this.#root)) return this.#root.codes;
    // The demands were read off rules and functions as they stand, without what `with` puts in their place.
    if (machine.masks !== undefined || machine.replacements !== undefined) return this.#codes;
    const found: Leaf<Code>[] = [];
    find(this.#root, machine, args, found);
    if (found.length === 1) return found[0]!.codes;
    return found.length === 0 ? [] : this.#merged(found);
  }

  #merged(leaves: readonly Leaf<Code>[]): Code[] {
    const numbers = leaves.flatMap((leaf) => leaf.numbers).sort((a, b) => a - b);
    return numbers.filter((number, at) => number !== numbers[at - 1]).map((number) => this.#codes[number]!);
  }
}

interface IndexedRule {
  readonly number: number;
  readonly demands: readonly Demand[];
}

/** Rules that are tried one by one. */
interface Leaf<Code> {
  readonly numbers: readonly number[];
  readonly codes: readonly Code[];
}

/** Rules by what stands at a place. */
interface Level<Code> {
  readonly place: Place;
  readonly byValue: ReadonlyMap<ValueKey, Branch<Code>>;
  readonly byPrefix: ReadonlyMap<string, Branch<Code>>;
  /** The different lengths of prefixes, shortest first. */
  readonly lengths: readonly number[];
  /** The rules that demand prefixes: they themselves look at what is no text. */
  readonly prefixed: Leaf<Code>;
  /** Every rule that looks at this place. */
  readonly all: Leaf<Code>;
  /** Rules that do not look at this place. */
  readonly others: Branch<Code> | undefined;
}

type Branch<Code> = Leaf<Code> | Level<Code>;

class Builder<Code> {
  readonly #codes: readonly Code[];
  #entriesLeft: number;

  constructor(codes: readonly Code[]) {
    this.#codes = codes;
    this.#entriesLeft = codes.length * ENTRIES_PER_RULE;
  }

  branch(rules: readonly IndexedRule[], chain: number): Branch<Code> {
    const place = rules.length < SMALLEST || chain === 0 ? undefined : bestPlace(rules);
    if (place === undefined) return this.#leaf(rules);
    const byValue = new Map<ValueKey, IndexedRule[]>();
    const byPrefix = new Map<string, IndexedRule[]>();
    const all: IndexedRule[] = [];
    const prefixed: IndexedRule[] = [];
    const others: IndexedRule[] = [];
    for (const rule of rules) {
      const demand = rule.demands.find((one) => one.place.key === place.key);
      if (demand === undefined) {
        others.push(rule);
        continue;
      }
      this.#entriesLeft -= demand.values.length + demand.prefixes.length;
      const rest = { number: rule.number, demands: rule.demands.filter((one) => one !== demand) };
      all.push(rest);
      if (demand.prefixes.length > 0) prefixed.push(rest);
      for (const key of demand.values) addTo(byValue, key, rest);
      for (const prefix of demand.prefixes) addTo(byPrefix, prefix, rest);
    }
    if (this.#entriesLeft < 0) return this.#leaf(rules);
    return {
      place,
      byValue: this.#branches(byValue),
      byPrefix: this.#branches(byPrefix),
      lengths: [...new Set([...byPrefix.keys()].map((prefix) => prefix.length))].sort((a, b) => a - b),
      prefixed: this.#leaf(prefixed),
      all: this.#leaf(all),
      others: others.length === 0 ? undefined : this.branch(others, chain - 1),
    };
  }

  #leaf(rules: readonly IndexedRule[]): Leaf<Code> {
    return { numbers: rules.map(({ number }) => number), codes: rules.map(({ number }) => this.#codes[number]!) };
  }

  #branches<Key>(groups: ReadonlyMap<Key, readonly IndexedRule[]>): ReadonlyMap<Key, Branch<Code>> {
    return new Map([...groups].map(([key, rules]) => [key, this.branch(rules, LONGEST_CHAIN)]));
  }
}

/** The place that most rules look at, one with a single value before others; undefined when no two share one. */
function bestPlace(rules: readonly IndexedRule[]): Place | undefined {
  const counts = new Map<string, { place: Place; count: number }>();
  for (const rule of rules) {
    for (const { place } of rule.demands) {
      const known = counts.get(place.key);
      if (known === undefined) counts.set(place.key, { place, count: 1 });
      else known.count++;
    }
  }
  const [best] = [...counts.values()].sort(
    (a, b) => b.count - a.count || Number(a.place.several) - Number(b.place.several),
  );
  return best === undefined || best.count < 2 ? undefined : best.place;
}

function addTo<Key>(groups: Map<Key, IndexedRule[]>, key: Key, rule: IndexedRule): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, [rule]);
  else known.push(rule);
}

function find<Code>(from: Branch<Code>, machine: Machine, args: readonly Value[], found: Leaf<Code>[]): void {
  let branch: Branch<Code> | undefined = from;
  while (branch !== undefined && 'place' in branch) {
    machine.budget.charge(1);
    if (branch.place.several) findEach(branch, machine, args, found);
    else {
      const value = valueAt(branch.place, machine, args);
      if (value !== undefined) findValue(branch, value, machine, args, found);
    }
    branch = branch.others;
  }
  if (branch !== undefined && branch.codes.length > 0) found.push(branch);
}

function findEach<Code>(level: Level<Code>, machine: Machine, args: readonly Value[], found: Leaf<Code>[]): void {
  let count = 0;
  visitPlace(level.place, machine, args, (value) => {
    count++;
    if (count > MAXIMUM_VALUES) found.push(level.all);
    else findValue(level, value, machine, args, found);
    return count > MAXIMUM_VALUES;
  });
}

function findValue<Code>(
  level: Level<Code>,
  value: Value,
  machine: Machine,
  args: readonly Value[],
  found: Leaf<Code>[],
): void {
  const key = scalarKey(value);
  if (key === undefined && !isCollection(value)) {
    found.push(level.all);
    return;
  }
  const same = key === undefined ? undefined : level.byValue.get(key);
  if (same !== undefined) find(same, machine, args, found);
  if (level.lengths.length === 0) return;
  if (typeof value !== 'string') {
    found.push(level.prefixed);
    return;
  }
  machine.budget.charge(level.lengths.length);
  for (const length of level.lengths) {
    if (length > value.length) return;
    const begun = level.byPrefix.get(value.slice(0, length));
    if (begun !== undefined) find(begun, machine, args, found);
  }
}
