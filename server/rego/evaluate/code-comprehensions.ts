/** Compiles comprehensions to getters that collect what their body finds. */
import { RegoError } from '../errors.ts';
import type { ComprehensionTerm, RefTerm } from '../syntax/ast.ts';
import { keyOf, ObjectBuilder, RegoSet, type Value, type ValueKey } from '../values.ts';
import type { Bound, Frame, Getter } from './code.ts';
import { compileBody } from './code-exprs.ts';
import { compileGetter } from './code-terms.ts';
import type { Coder } from './coder.ts';
import { type IndexPlan, planIndex } from './comprehension-index.ts';
import type { ComprehensionGroups, Machine } from './machine.ts';
import { chargeSize, equalCharged } from './work.ts';

/** Compiles a comprehension; the variables of its body do not reach outside. */
export function compileComprehension(coder: Coder, term: ComprehensionTerm, bound: Bound): Getter {
  const arity = (operator: RefTerm): number | undefined => coder.program.target(operator)?.arity;
  // A traced policy runs as it is written, so that every expression is seen.
  const asWritten = coder.program.traced || !coder.program.indexed;
  const plan = bound.size === 0 || asWritten ? undefined : planIndex(term, bound, arity);
  return plan === undefined ? compileDirect(coder, term, bound) : compileIndexed(coder, term, plan, bound);
}

/** Collects what the elements of a comprehension are made of. */
interface Collector {
  readonly items: Value[];
  readonly entries: ObjectBuilder;
}

/** Makes the step that adds one element to a collector. */
type Add = (machine: Machine, frame: Frame, into: Collector) => void;

function compileAdd(coder: Coder, term: ComprehensionTerm): Add {
  const valueGetter = compileGetter(term.term, coder.layout);
  const isSet = term.collect === 'set';
  if (term.key === undefined) {
    return (machine, frame, into) => {
      machine.budget.keep(1);
      const value = valueGetter(machine, frame) as Value;
      if (isSet) chargeSize(machine.budget, value);
      into.items.push(value);
    };
  }
  const keyGetter = compileGetter(term.key, coder.layout);
  const { location } = term;
  return (machine, frame, into) => {
    machine.budget.keep(1);
    const key = keyGetter(machine, frame) as Value;
    const value = valueGetter(machine, frame) as Value;
    chargeSize(machine.budget, key);
    const before = into.entries.add(key, value);
    if (before !== undefined && !equalCharged(machine.budget, before, value)) {
      throw new RegoError('eval_conflict_error', 'object keys must be unique', location);
    }
  };
}

function newCollector(): Collector {
  return { items: [], entries: new ObjectBuilder() };
}

function finish(term: ComprehensionTerm, found: Collector): Value {
  if (term.collect === 'array') return found.items;
  return term.collect === 'set' ? RegoSet.from(found.items) : found.entries.finish();
}

function compileDirect(coder: Coder, term: ComprehensionTerm, bound: Bound): Getter {
  const slot = coder.layout.scratch();
  const run = compileBody(coder, term.body, bound, () => {
    const add = compileAdd(coder, term);
    return (machine, frame) => {
      add(machine, frame, frame[slot] as unknown as Collector);
      return false;
    };
  });
  return (machine, frame) => {
    const found = newCollector();
    frame[slot] = found as unknown as Value;
    run(machine, frame);
    return finish(term, found);
  };
}

/** Runs the body once per machine, groups what it finds, and takes the group of the outer values at hand. */
function compileIndexed(coder: Coder, term: ComprehensionTerm, plan: IndexPlan, bound: Bound): Getter {
  const slot = coder.layout.scratch();
  const run = compileBody(coder, plan.body, new Set(), () => {
    const add = compileAdd(coder, term);
    const keys = plan.inner.map((side) => compileGetter(side, coder.layout));
    return (machine, frame) => {
      const groups = frame[slot] as unknown as Map<ValueKey, Collector>;
      const key = groupKey(keys, machine, frame);
      let group = groups.get(key);
      if (group === undefined) {
        group = newCollector();
        groups.set(key, group);
      }
      add(machine, frame, group);
      return false;
    };
  });
  const outer = compileOuter(coder, plan, bound);
  const nothing = finish(term, newCollector());
  const build = (machine: Machine, frame: Frame): ComprehensionGroups => {
    const groups = new Map<ValueKey, Collector>();
    frame[slot] = groups as unknown as Value;
    run(machine, frame);
    const finished: ComprehensionGroups = new Map();
    for (const [key, group] of groups) finished.set(key, finish(term, group));
    machine.comprehensions ??= new Map();
    machine.comprehensions.set(plan, finished);
    return finished;
  };
  return (machine, frame) => {
    const key = outer(machine, frame);
    if (key === undefined) return nothing;
    const groups = machine.comprehensions?.get(plan) ?? build(machine, frame);
    return groups.get(key) ?? nothing;
  };
}

function groupKey(keys: readonly Getter[], machine: Machine, frame: Frame): ValueKey {
  const values = keys.map((key) => {
    const value = key(machine, frame) as Value;
    chargeSize(machine.budget, value);
    return value;
  });
  return keyOf(values.length === 1 ? values[0]! : values);
}

/** Computes the key of the outer side; undefined when a part of it is undefined, so that no equality can hold. */
function compileOuter(
  coder: Coder,
  plan: IndexPlan,
  bound: Bound,
): (machine: Machine, frame: Frame) => ValueKey | undefined {
  let keys: Getter[] = [];
  const test = compileBody(coder, plan.before, bound, () => {
    keys = plan.outer.map((side) => compileGetter(side, coder.layout));
    return () => true;
  });
  return (machine, frame) => (test(machine, frame) ? groupKey(keys, machine, frame) : undefined);
}
