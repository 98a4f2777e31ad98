/**
 * Finds the parts of a collection that have a given value somewhere inside, without looking at the others.
 *
 * `some role in data.roles; role.name == input.role` looks at every role. When the same collection is searched at the
 * same path again, by the next decision or the next turn of a loop, its parts are sorted by the value at that path
 * once. Values are immutable, so this stays true as long as the collection lives.
 */
import { RegoObject, RegoSet, type Value, type ValueKey } from '../values.ts';
import type { Frame, Getter } from './code.ts';
import { lookup } from './lookup.ts';
import type { Machine } from './machine.ts';
import { isCollection, scalarKey } from './scalar-key.ts';

/** Below this many parts, looking one up is not quicker than visiting all. */
const SMALLEST = 16;

/** From this many parts on it is worth remembering that a collection was searched, for evaluations to come. */
const LARGE = 64;

/** Sorted paths of one collection; each holds about as much memory as the collection's own list of parts. */
const MAXIMUM_PATHS = 4;

/** A path of constant keys, with a text that two paths share when they are the same. */
export interface ScanPath {
  readonly key: string;
  readonly steps: readonly Value[];
}

/** What must stand inside each part that a search visits. */
export interface ScanDemand {
  readonly path: ScanPath;
  /** The value, or with `several` the collection of which one value, must be found at the path. */
  readonly wanted: Getter;
  readonly several: boolean;
}

/** Collections with more members than this are not looked up member by member. */
const MOST_WANTED = 32;

/** The keys of an object, or the members of a set, in order; undefined for arrays, whose keys are the positions. */
export type PartKeys = readonly Value[] | undefined;

/** The positions of a collection's parts by the value at a path inside them. */
export class ScanIndex {
  readonly keys: PartKeys;
  readonly #byKey = new Map<ValueKey, number[]>();
  /** Parts with a collection or a very long text or number there. */
  readonly #others: number[] = [];

  constructor(collection: Value, path: ScanPath) {
    this.keys = keysOf(collection);
    const parts = partsOf(collection, this.keys);
    for (let position = 0; position < parts.length; position++) {
      const value = valueInside(parts[position]!, path.steps);
      if (value === undefined) continue;
      const key = scalarKey(value);
      const same = key === undefined ? this.#others : this.#byKey.get(key);
      if (same === undefined) this.#byKey.set(key!, [position]);
      else same.push(position);
    }
  }

  /** The positions of the parts that may have one of the values at the path, in order; undefined for any of them. */
  positions(wanted: readonly Value[]): readonly number[] | undefined {
    if (wanted.length === 1) return this.#positionsOf(wanted[0]!);
    const found = new Set<number>();
    for (const value of wanted) {
      const positions = this.#positionsOf(value);
      if (positions === undefined) return undefined;
      for (const position of positions) found.add(position);
    }
    return [...found].sort((a, b) => a - b);
  }

  #positionsOf(wanted: Value): readonly number[] | undefined {
    const key = scalarKey(wanted);
    if (key === undefined) return isCollection(wanted) ? this.#others : undefined;
    const same = this.#byKey.get(key) ?? NONE;
    if (typeof key !== 'number' || this.#others.length === 0) return same;
    // A very long number may equal a short one.
    return [...same, ...this.#others].sort((a, b) => a - b);
  }
}

const NONE: readonly number[] = [];

function keysOf(collection: Value): PartKeys {
  if (collection instanceof RegoObject) return collection.keys();
  return collection instanceof RegoSet ? collection.items() : undefined;
}

function partsOf(collection: Value, keys: PartKeys): readonly Value[] {
  if (keys === undefined) return collection as readonly Value[];
  return collection instanceof RegoObject ? keys.map((key) => collection.get(key) as Value) : keys;
}

function valueInside(part: Value, steps: readonly Value[]): Value | undefined {
  let value: Value | undefined = part;
  for (let index = 0; index < steps.length && value !== undefined; index++) value = lookup(value, steps[index]!);
  return value;
}

/** How many parts a value has. */
function sizeOf(value: Value): number {
  if (Array.isArray(value)) return value.length;
  return value instanceof RegoSet || value instanceof RegoObject ? value.size : 0;
}

const KNOWN = new WeakMap<object, Map<string, ScanIndex | undefined>>();

/**
 * The index of a collection by a path, or undefined where visiting every part is as good: for a small collection, for one
 * that is searched for the first time, and for one that is searched at many paths already. Charges for making it.
 */
export function scanIndex(collection: Value, path: ScanPath, machine: Machine): ScanIndex | undefined {
  const size = sizeOf(collection);
  if (size < SMALLEST || (size < LARGE && !isSearchedAgain(collection, path, machine))) return undefined;
  let paths = KNOWN.get(collection as object);
  if (paths === undefined) {
    paths = new Map();
    KNOWN.set(collection as object, paths);
  }
  let index = paths.get(path.key);
  if (index !== undefined) return index;
  if (!paths.has(path.key)) {
    if (paths.size < MAXIMUM_PATHS) paths.set(path.key, undefined);
    if (size >= LARGE || paths.size >= MAXIMUM_PATHS) return undefined;
  }
  machine.budget.charge(size);
  index = new ScanIndex(collection, path);
  paths.set(path.key, index);
  return index;
}

/** Whether this evaluation searched the same collection at this place of the policy before, with no other in between. */
function isSearchedAgain(collection: Value, path: ScanPath, machine: Machine): boolean {
  machine.searched ??= new Map();
  if (machine.searched.get(path) === collection) return true;
  machine.searched.set(path, collection);
  return false;
}

/** The parts that a search has to visit. */
export interface Narrowed {
  readonly keys: PartKeys;
  readonly positions: readonly number[];
}

/** The parts of a collection that can meet a demand; undefined where all have to be visited. */
export function narrow(demand: ScanDemand, collection: Value, machine: Machine, frame: Frame): Narrowed | undefined {
  const index = scanIndex(collection, demand.path, machine);
  if (index === undefined) return undefined;
  const wanted = demand.wanted(machine, frame);
  if (wanted === undefined) return { keys: index.keys, positions: NONE };
  const values = demand.several ? membersWanted(wanted) : [wanted];
  const positions = values && index.positions(values);
  return positions && { keys: index.keys, positions };
}

function membersWanted(collection: Value): readonly Value[] | undefined {
  if (sizeOf(collection) > MOST_WANTED) return undefined;
  if (collection instanceof RegoObject) return [...collection.values()];
  if (collection instanceof RegoSet) return collection.items();
  return Array.isArray(collection) ? (collection as readonly Value[]) : NONE;
}
