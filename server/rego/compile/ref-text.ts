/** References as error messages show them. */

import type { RefTerm, Term } from '../syntax/ast.ts';
import { toText } from '../values.ts';
import { shownName } from './shown-names.ts';

/** The reference in canonical form: `data.a["b c"][x]`. */
export function refText(ref: RefTerm): string {
  const [head, ...steps] = ref.terms as [Term, ...Term[]];
  return steps.reduce((text, step) => {
    if (step.kind !== 'scalar') return `${text}[${termText(step)}]`;
    const isName = typeof step.value === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(step.value);
    return isName ? `${text}.${String(step.value)}` : `${text}[${toText(step.value)}]`;
  }, termText(head));
}

/** A term in canonical form, with the names of the source. */
export function termText(term: Term): string {
  switch (term.kind) {
    case 'scalar':
      return toText(term.value);
    case 'var':
      if (term.name.startsWith('$')) return term.shown ?? term.location.text;
      return shownName(term.name);
    case 'ref':
      return refText(term);
    case 'array':
      return `[${term.items.map(termText).join(', ')}]`;
    case 'set':
      return term.items.length === 0 ? 'set()' : `{${term.items.map(termText).join(', ')}}`;
    case 'object':
      return `{${term.entries.map(([key, value]) => `${termText(key)}: ${termText(value)}`).join(', ')}}`;
    default:
      return term.location.text;
  }
}
