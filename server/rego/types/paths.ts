/** References as paths of constants. */
import { constantOf } from '../compile/constants.ts';
import type { RefTerm, Term } from '../syntax/ast.ts';
import type { Value } from '../values.ts';

/** The path of a `with` target, when it names a document. */
export function documentPath(target: RefTerm): Value[] | undefined {
  const [head, ...steps] = target.terms as [Term, ...Term[]];
  if (head.kind !== 'var' || (head.name !== 'data' && head.name !== 'input')) return undefined;
  const path = steps.map(constantStep);
  return path.includes(undefined) ? undefined : [head.name, ...(path as Value[])];
}

/** Whether the reference begins with `input`. */
export function isInput(ref: RefTerm): boolean {
  const [head] = ref.terms;
  return head?.kind === 'var' && head.name === 'input';
}

/** The constants that a reference begins with, after its head's name. */
export function constantSteps(terms: readonly Term[], head: string): Value[] {
  const path: Value[] = [head];
  for (let index = 1; index < terms.length; index++) {
    const term = terms[index]!;
    if (term.kind !== 'scalar') break;
    path.push(term.value);
  }
  return path;
}

/** The value of a step that is a constant; undefined for a variable one. */
export function constantStep(step: Term): Value | undefined {
  if (step.kind === 'scalar') return step.value;
  const isCollection = step.kind === 'array' || step.kind === 'set' || step.kind === 'object';
  // No rule stands at a collection, whatever is in it.
  const constant = constantOf(step);
  return constant === undefined && isCollection ? [] : constant?.value;
}
