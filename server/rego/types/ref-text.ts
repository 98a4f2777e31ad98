/** References as error messages show them. */
import { shownName } from '../compile/names.ts';
import type { RefTerm, Term } from '../syntax/ast.ts';
import { toText } from '../values.ts';

/** The reference in canonical form: `data.a["b c"][x]`. */
export function refText(ref: RefTerm): string {
  const [head, ...steps] = ref.terms as [Term, ...Term[]];
  return steps.reduce((text, step) => {
    if (step.kind !== 'scalar') return `${text}[${termText(step)}]`;
    const isName = typeof step.value === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(step.value);
    return isName ? `${text}.${String(step.value)}` : `${text}[${toText(step.value)}]`;
  }, termText(head));
}

function termText(term: Term): string {
  if (term.kind === 'scalar') return toText(term.value);
  if (term.kind === 'var' && shownName(term.name) !== term.name) return shownName(term.name);
  return term.kind === 'var' && !term.name.startsWith('$') ? term.name : term.location.text;
}
