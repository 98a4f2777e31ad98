/** Compiles `with`: the expression runs on a machine with other documents and functions. */

import { isFunctionValue } from '../compile/expand.ts';
import type { Target } from '../compile/target.ts';
import { RegoError } from '../errors.ts';
import type { RefTerm, Term, With } from '../syntax/ast.ts';
import type { Value } from '../values.ts';
import { type Bound, type Getter, impossible, newFrame, type Step } from './code.ts';
import type { Rest } from './code-exprs.ts';
import { compileRefGetter } from './code-refs.ts';
import { compileGetter } from './code-terms.ts';
import type { Coder } from './coder.ts';
import { withPath } from './lookup.ts';
import { Machine, type Replacement } from './machine.ts';

type Change =
  | { readonly kind: 'input' | 'data'; readonly path: readonly Value[]; readonly value: Getter }
  | { readonly kind: 'function'; readonly name: string; readonly value: Getter | Replacement };

/** Compiles an expression below modifiers; what follows it runs on the machine from before. */
export function compileWith(
  coder: Coder,
  modifiers: readonly With[],
  _bound: Bound,
  rest: Rest,
  compileInner: (then: Rest) => Step,
): Step {
  const changes = modifiers.map((modifier) => compileChange(coder, modifier));
  const slot = coder.layout.scratch();
  const inner = compileInner((known) => {
    const next = rest(known);
    return (_machine, frame) => next(frame[slot] as unknown as Machine, frame);
  });
  return (machine, frame) => {
    const changed = changes.reduce((current, change) => apply(current, change, machine, frame), machine);
    frame[slot] = machine as unknown as Value;
    return inner(changed, frame);
  };
}

function compileChange(coder: Coder, modifier: With): Change {
  const { target, value } = modifier;
  const replaced = coder.program.target(target);
  if (replaced !== undefined) {
    const { name } = replaced;
    if (!isFunctionValue(value)) return { kind: 'function', name, value: compileGetter(value, coder.layout) };
    const other = coder.program.target(value.operator);
    const made = other === undefined ? ruleReplacement(coder, value.operator) : functionReplacement(coder, other);
    return { kind: 'function', name, value: made };
  }
  const [head, ...steps] = target.terms as [Term, ...Term[]];
  const path = steps.map((step) => (step.kind === 'scalar' ? step.value : impossible('a with target with variables')));
  const kind = head.kind === 'var' && head.name === 'input' ? 'input' : 'data';
  return { kind, path, value: compileGetter(value, coder.layout) };
}

/** Inside the replacement every function is itself again. */
function functionReplacement(coder: Coder, target: Target): Replacement {
  return {
    kind: 'function',
    call(machine, args) {
      const inner = new Machine(machine.shared, machine.input, machine.data, undefined, machine.masks);
      if (target.kind === 'rule') return coder.program.code(target.node).call(inner, args);
      return inner.callBuiltin(target.builtin, args, machine.shared.builtins.location!);
    },
  };
}

/** A rule that stands for a function: its value is asked for when the function is called. */
function ruleReplacement(coder: Coder, operator: RefTerm): Replacement {
  const get = compileRefGetter(coder, operator, new Set()) ?? impossible('a rule name with variables');
  return {
    kind: 'function',
    call(machine) {
      const inner = new Machine(machine.shared, machine.input, machine.data, undefined, machine.masks);
      return get(inner, newFrame(0));
    },
  };
}

/** Steps for other documents or functions, whose results are found anew, and for an object on the way to what changes. */
const STEPS_PER_CHANGE = 8;
const STEPS_PER_COPY = 5;

function apply(current: Machine, change: Change, outer: Machine, frame: Parameters<Getter>[1]): Machine {
  const { shared, budget, input, data, replacements, masks } = current;
  budget.charge(STEPS_PER_CHANGE + (replacements?.size ?? 0) + (masks?.length ?? 0));
  const onCopy = (size: number) => budget.charge(STEPS_PER_COPY + size);
  if (change.kind === 'function') {
    const replacement: Replacement =
      typeof change.value === 'function' ? { kind: 'value', value: change.value(outer, frame) as Value } : change.value;
    return new Machine(shared, input, data, new Map([...(replacements ?? []), [change.name, replacement]]), masks);
  }
  const value = change.value(outer, frame) as Value;
  if (change.kind === 'input') {
    return new Machine(shared, withPath(input, change.path, value, onCopy), data, replacements, masks);
  }
  if (change.path.length === 0 && (value === null || typeof value !== 'object')) {
    throw new RegoError('eval_with_merge_error', 'with data as a scalar: the root of `data` must be an object');
  }
  const mask = change.path as readonly string[];
  return new Machine(shared, input, withPath(data, change.path, value, onCopy), replacements, [...(masks ?? []), mask]);
}
