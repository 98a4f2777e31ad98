/**
 * Places: where a rule looks without running, below `input`, below an argument, or in base documents.
 *
 * The index of rules compares what stands at a place with what each rule demands there. A place may lead through the
 * parts of a collection (`input.roles[_]`) and through what another place holds (`data.roles[input.user]`).
 */
import type { RefTerm, Term } from '../syntax/ast.ts';
import { keyOf, type Value } from '../values.ts';
import { isBaseData } from './base-data.ts';
import { constantOf } from './code-terms.ts';
import type { ProgramCode } from './coder.ts';
import { forEachPart, lookup, lookupBase } from './lookup.ts';
import type { Machine } from './machine.ts';

/** A step of a place: a known key, every part, or the key that another place holds. */
type PlaceStep =
  | { readonly kind: 'key'; readonly key: Value }
  | { readonly kind: 'each' }
  | { readonly kind: 'held'; readonly place: Place };

/** A place whose value decides. */
export interface Place {
  /** Two places are the same when their keys are. */
  readonly key: string;
  /** What it starts from; a number is the argument's. */
  readonly root: 'input' | 'data' | number;
  readonly path: readonly PlaceStep[];
  /** Whether it can hold several values, because a step stands for every part. */
  readonly several: boolean;
}

/** What a variable of a rule is known to be. */
type Known = { readonly place: Place } | { readonly constant: Value };

/** Places lead through every part of a collection at most this often, so that looking stays quicker than trying. */
const MAXIMUM_EACH = 2;

/** The value at the place of a root. */
export function rootPlace(root: Place['root']): Place {
  return { key: String(root), root, path: [], several: false };
}

/** The place one step below; undefined where looking there would not be worth it. */
export function stepInto(place: Place, step: PlaceStep): Place | undefined {
  if (step.kind === 'each') {
    const before = place.path.filter(({ kind }) => kind === 'each').length;
    // Base documents have any size, and what is in them does not depend on who asks.
    if (place.root === 'data' || before === MAXIMUM_EACH) return undefined;
  }
  const text =
    step.kind === 'each' ? '*' : step.kind === 'key' ? JSON.stringify(keyOf(step.key)) : `(${step.place.key})`;
  return {
    key: `${place.key} ${text}`,
    root: place.root,
    path: [...place.path, step],
    several: place.several || step.kind === 'each',
  };
}

/** What the variables of one rule are known to be, and which places its terms name. */
export class KnownVariables {
  readonly #program: ProgramCode;
  readonly #readsRules: boolean;
  readonly #known = new Map<string, Known>();

  /** With `readsRules` false, rules that are constants are not looked at: `with` may replace them. */
  constructor(program: ProgramCode, { readsRules = true } = {}) {
    this.#program = program;
    this.#readsRules = readsRules;
  }

  /** Notes the variables of a pattern that is matched with the place. */
  match(pattern: Term, place: Place): void {
    if (pattern.kind === 'var') this.#note(pattern.name, { place });
    else if (pattern.kind === 'array') {
      for (const [index, item] of pattern.items.entries()) this.#matchPart(item, place, index);
    } else if (pattern.kind === 'object') {
      for (const [key, item] of pattern.entries) {
        const constant = this.constant(key);
        if (constant !== undefined) this.#matchPart(item, place, constant.value);
      }
    }
  }

  #matchPart(pattern: Term, place: Place, key: Value): void {
    const part = stepInto(place, { kind: 'key', key });
    if (part !== undefined) this.match(pattern, part);
  }

  /** Notes that two terms are equal. */
  equate(left: Term, right: Term): void {
    for (const [name, source] of [
      [left, right],
      [right, left],
    ] as const) {
      if (name.kind !== 'var' || this.#known.has(name.name)) continue;
      const constant = this.constant(source);
      const place = constant === undefined ? this.place(source) : undefined;
      if (constant !== undefined) this.#note(name.name, { constant: constant.value });
      else if (place !== undefined) this.#note(name.name, { place });
    }
  }

  #note(name: string, known: Known): void {
    if (!this.#known.has(name)) this.#known.set(name, known);
  }

  /** The constant that a term stands for: itself, what a local holds, or the value of a rule that is a constant. */
  constant(term: Term): { readonly value: Value } | undefined {
    if (term.kind === 'var') {
      const known = this.#known.get(term.name);
      return known !== undefined && 'constant' in known ? { value: known.constant } : undefined;
    }
    if (term.kind !== 'ref') return constantOf(term);
    return this.#readsRules ? this.#ruleConstant(term) : undefined;
  }

  #ruleConstant({ terms }: RefTerm): { readonly value: Value } | undefined {
    const [head, ...steps] = terms as [Term, ...Term[]];
    if (head.kind !== 'var' || head.name !== 'data') return undefined;
    const path = steps.map((step) => (step.kind === 'scalar' ? step.value : undefined));
    if (!path.every((step): step is string => typeof step === 'string')) return undefined;
    const node = this.#program.tree.find(path);
    const [entry, ...others] = node?.rules ?? [];
    if (entry?.kind !== 'complete' || others.length > 0 || node!.children.size > 0) return undefined;
    const { rule } = entry;
    if (rule.hasBody || rule.isDefault || rule.else !== undefined || rule.head.value === undefined) return undefined;
    return constantOf(rule.head.value);
  }

  /** The place that a term names, or undefined. */
  place(term: Term): Place | undefined {
    if (term.kind === 'var') {
      const known = this.#known.get(term.name);
      return known !== undefined && 'place' in known ? known.place : undefined;
    }
    if (term.kind !== 'ref') return undefined;
    const [head, ...steps] = term.terms as [Term, ...Term[]];
    let place = this.#start(head, steps);
    for (const step of steps) place = place && stepInto(place, this.#step(step));
    return place;
  }

  #start(head: Term, steps: readonly Term[]): Place | undefined {
    if (head.kind !== 'var') return undefined;
    if (head.name === 'input') return rootPlace('input');
    if (head.name === 'data') return isBaseData(this.#program.tree, steps) ? rootPlace('data') : undefined;
    return this.place(head);
  }

  #step(step: Term): PlaceStep {
    const constant = this.constant(step);
    if (constant !== undefined) return { kind: 'key', key: constant.value };
    const place = this.place(step);
    // What is not known here is one of the parts in any case.
    return place === undefined || place.several ? { kind: 'each' } : { kind: 'held', place };
  }
}

/** Calls `visit` with each value at the place until it returns true; gives what it returned last. */
export function visitPlace(
  place: Place,
  machine: Machine,
  args: readonly Value[],
  visit: (value: Value) => boolean,
): boolean {
  const start = startOf(place, machine, args);
  if (!place.several) {
    const value = descend(place, start, 0, place.path.length, machine, args);
    return value !== undefined && visit(value);
  }
  return start !== undefined && visitFrom(place, start, 0, machine, args, visit);
}

/** The value at a place that can hold one only. */
export function valueAt(place: Place, machine: Machine, args: readonly Value[]): Value | undefined {
  return descend(place, startOf(place, machine, args), 0, place.path.length, machine, args);
}

function startOf({ root }: Place, machine: Machine, args: readonly Value[]): Value | undefined {
  if (root === 'input') return machine.input;
  return root === 'data' ? machine.data : args[root];
}

function descend(
  place: Place,
  start: Value | undefined,
  from: number,
  to: number,
  machine: Machine,
  args: readonly Value[],
): Value | undefined {
  let value = start;
  for (let index = from; index < to && value !== undefined; index++) {
    const step = place.path[index]!;
    const key = step.kind === 'key' ? step.key : step.kind === 'held' ? valueAt(step.place, machine, args) : undefined;
    if (key === undefined) return undefined;
    value = place.root === 'data' ? lookupBase(value, key) : lookup(value, key);
  }
  return value;
}

function visitFrom(
  place: Place,
  start: Value,
  from: number,
  machine: Machine,
  args: readonly Value[],
  visit: (value: Value) => boolean,
): boolean {
  const at = place.path.findIndex(({ kind }, index) => index >= from && kind === 'each');
  if (at < 0) {
    const value = descend(place, start, from, place.path.length, machine, args);
    return value !== undefined && visit(value);
  }
  const collection = descend(place, start, from, at, machine, args);
  if (collection === undefined) return false;
  return forEachPart(collection, (_key, part) => {
    machine.budget.charge(1);
    return visitFrom(place, part, at + 1, machine, args, visit);
  });
}
