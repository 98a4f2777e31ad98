/** Builds the documents that multi-value and object rules add to piece by piece. */
import { type Location, RegoError } from '../errors.ts';
import { keyOf, RegoObject, RegoSet, type Value, type ValueKey } from '../values.ts';
import type { EvaluationBudget } from './budget.ts';
import { chargeSize, equalCharged } from './work.ts';

type Part = { leaf: Value } | { members: Map<ValueKey, Value> } | { entries: Map<ValueKey, Entry> };

interface Entry {
  readonly key: Value;
  readonly part: Part;
}

/** What rules add their values and members to. */
export interface DocumentSink {
  /** Adds a value below keys. Throws `eval_conflict_error` when another value is there. */
  addValue(keys: readonly Value[], value: Value, location: Location): void;
  /** Adds the member, the last of the keys, to the set below the others. */
  addMember(keys: readonly Value[], location: Location): void;
}

/** The part of a sink below a key. */
export function below(sink: DocumentSink, key: Value): DocumentSink {
  return {
    addValue: (keys, value, location) => sink.addValue([key, ...keys], value, location),
    addMember: (keys, location) => sink.addMember([key, ...keys], location),
  };
}

/** A document under construction. */
export class DocumentBuilder implements DocumentSink {
  readonly #budget: EvaluationBudget;
  #root: Part | undefined;

  constructor(budget: EvaluationBudget) {
    this.#budget = budget;
  }

  addValue(keys: readonly Value[], value: Value, location: Location): void {
    if (keys.length === 0) {
      this.#root = this.#merged(this.#root, { leaf: value }, location);
      return;
    }
    const entries = this.#reach(keys, location);
    const last = keys.at(-1)!;
    const key = this.#key(last);
    const before = entries.get(key);
    if (before === undefined) entries.set(key, { key: last, part: { leaf: value } });
    else this.#merged(before.part, { leaf: value }, location);
  }

  addMember(keys: readonly Value[], location: Location): void {
    const member = keys[keys.length - 1]!;
    let part: Part | undefined;
    if (keys.length === 1) {
      this.#root ??= { members: new Map() };
      part = this.#root;
    } else {
      const above = keys.slice(0, -1);
      const entries = this.#reach(above, location);
      const last = above.at(-1)!;
      const key = this.#key(last);
      let entry = entries.get(key);
      if (entry === undefined) {
        entry = { key: last, part: { members: new Map() } };
        entries.set(key, entry);
      }
      part = entry.part;
    }
    if (!('members' in part)) throw conflict(location);
    const memberKey = this.#key(member);
    if (!part.members.has(memberKey)) part.members.set(memberKey, member);
  }

  #reach(keys: readonly Value[], location: Location): Map<ValueKey, Entry> {
    this.#root ??= { entries: new Map() };
    let part: Part = this.#root;
    for (const step of keys.slice(0, -1)) {
      if (!('entries' in part)) throw conflict(location);
      const key = this.#key(step);
      let entry = part.entries.get(key);
      if (entry === undefined) {
        entry = { key: step, part: { entries: new Map() } };
        part.entries.set(key, entry);
      }
      part = entry.part;
    }
    if (!('entries' in part)) throw conflict(location);
    return part.entries;
  }

  #key(value: Value): ValueKey {
    chargeSize(this.#budget, value);
    return keyOf(value);
  }

  #merged(before: Part | undefined, next: { leaf: Value }, location: Location): Part {
    if (before === undefined) return next;
    if ('leaf' in before && equalCharged(this.#budget, before.leaf, next.leaf)) return before;
    throw conflict(location);
  }

  /** What was built; undefined when nothing was added. */
  finish(): Value | undefined {
    return this.#root === undefined ? undefined : toValue(this.#root);
  }
}

function conflict(location: Location): RegoError {
  return new RegoError('eval_conflict_error', 'object keys must be unique', location);
}

function toValue(part: Part): Value {
  if ('leaf' in part) return part.leaf;
  if ('members' in part) return RegoSet.from(part.members.values());
  return RegoObject.from([...part.entries.values()].map((entry) => [entry.key, toValue(entry.part)] as const));
}
