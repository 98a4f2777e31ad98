/** Small makers of syntax nodes, for the parser and the stages that rewrite. */
import type { Location } from '../errors.ts';
import type { CallExpr, CallTerm, RefTerm, ScalarTerm, Term, TermExpr, VarTerm, With } from './ast.ts';

export function scalar(value: ScalarTerm['value'], location: Location): ScalarTerm {
  return { kind: 'scalar', value, location };
}

export function variable(name: string, location: Location): VarTerm {
  return { kind: 'var', name, location };
}

/** A reference to a name with dots: `internal.member_2`. */
export function dottedRef(name: string, location: Location): RefTerm {
  if (!name.includes('.')) return { kind: 'ref', terms: [variable(name, location)], location };
  const [head, ...steps] = name.split('.') as [string, ...string[]];
  return { kind: 'ref', terms: [variable(head, location), ...steps.map((step) => scalar(step, location))], location };
}

export function callTerm(name: string, args: readonly Term[], location: Location, infix?: string): Term {
  return { kind: 'call', operator: dottedRef(name, location), args, infix, location };
}

export function callExpr(
  name: string,
  args: readonly Term[],
  location: Location,
  infix?: string,
  modifiers: readonly With[] = NO_MODIFIERS,
): CallExpr {
  return { kind: 'call', negated: false, operator: dottedRef(name, location), args, infix, with: modifiers, location };
}

/** A call term as an expression. */
export function callAsExpr({ operator, args, infix }: CallTerm, location: Location): CallExpr {
  return { kind: 'call', negated: false, operator, args, infix, with: NO_MODIFIERS, location };
}

const NO_MODIFIERS: readonly With[] = [];

export function termExpr(term: Term, location: Location = term.location): TermExpr {
  return { kind: 'term', negated: false, term, with: NO_MODIFIERS, location };
}

/** Whether the reference is just these names, as {@link dottedName} joins them. */
export function isNamed({ terms }: RefTerm, head: string, step?: string): boolean {
  if (terms.length !== (step === undefined ? 1 : 2)) return false;
  const [first, second] = terms;
  if (first?.kind !== 'var' || first.name !== head) return false;
  return step === undefined || (second?.kind === 'scalar' && second.value === step);
}

/** The name of a reference whose head is a variable and whose steps are strings, with dots; else undefined. */
export function dottedName({ terms }: RefTerm): string | undefined {
  const head = terms[0]!;
  if (head.kind !== 'var') return undefined;
  let name = head.name;
  for (let index = 1; index < terms.length; index++) {
    const step = terms[index]!;
    if (step.kind !== 'scalar' || typeof step.value !== 'string') return undefined;
    name += `.${step.value}`;
  }
  return name;
}
