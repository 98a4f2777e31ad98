import type { RefTerm, Term } from '../syntax/ast.ts';
import type { AnalysedRule } from './analyse.ts';
import { walkBody, walkTerm } from './walk.ts';

/** Every reference that a rule mentions, in its head and in its branches. */
export function referencesOf(rule: AnalysedRule): RefTerm[] {
  const refs: RefTerm[] = [];
  const visit = (term: Term): true => {
    if (term.kind === 'ref') refs.push(term);
    return true;
  };
  for (const key of rule.keys) walkTerm(key, visit);
  for (const branch of rule.branches) {
    walkTerm(branch.value, visit);
    walkBody(branch.body, visit);
  }
  return refs;
}
