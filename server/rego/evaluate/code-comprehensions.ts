/** Compiles comprehensions to getters that collect what their body finds. */
import { RegoError } from '../errors.ts';
import type { ComprehensionTerm } from '../syntax/ast.ts';
import { equal, keyOf, RegoObject, RegoSet, type Value, type ValueKey } from '../values.ts';
import type { Bound, Frame, Getter } from './code.ts';
import { compileBody } from './code-exprs.ts';
import { compileGetter } from './code-terms.ts';
import type { Coder } from './coder.ts';

/** Compiles a comprehension; the variables of its body do not reach outside. */
export function compileComprehension(coder: Coder, term: ComprehensionTerm, bound: Bound): Getter {
  if (term.collect === 'object') return compileObject(coder, term, bound);
  const slot = coder.layout.scratch();
  const run = compileBody(coder, term.body, bound, () => {
    const getter = compileGetter(term.term, coder.layout);
    return (machine, frame) => {
      machine.budget.keep(1);
      heldList(frame, slot).push(getter(machine, frame) as Value);
      return false;
    };
  });
  const { collect } = term;
  return (machine, frame) => {
    const items: Value[] = [];
    frame[slot] = items;
    run(machine, frame);
    return collect === 'array' ? items : RegoSet.from(items);
  };
}

function heldList(frame: Frame, slot: number): Value[] {
  return frame[slot] as Value[];
}

function compileObject(coder: Coder, term: ComprehensionTerm, bound: Bound): Getter {
  const slot = coder.layout.scratch();
  const { location } = term;
  const run = compileBody(coder, term.body, bound, () => {
    const keyGetter = compileGetter(term.key!, coder.layout);
    const valueGetter = compileGetter(term.term, coder.layout);
    return (machine, frame) => {
      machine.budget.keep(1);
      const entries = frame[slot] as unknown as Map<ValueKey, [Value, Value]>;
      const key = keyGetter(machine, frame) as Value;
      const value = valueGetter(machine, frame) as Value;
      const hash = keyOf(key);
      const before = entries.get(hash);
      if (before === undefined) entries.set(hash, [key, value]);
      else if (!equal(before[1], value)) {
        throw new RegoError('eval_conflict_error', 'object keys must be unique', location);
      }
      return false;
    };
  });
  return (machine, frame) => {
    const entries = new Map<ValueKey, [Value, Value]>();
    frame[slot] = entries as unknown as Value;
    run(machine, frame);
    return RegoObject.from(entries.values());
  };
}
