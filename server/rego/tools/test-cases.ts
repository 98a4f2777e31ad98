/** Lists the cases of tests that have variables in their heads: `test_p[name] if { some name, c in cases; … }`. */

import { walkExpr, walkTerm } from '../compile/walk.ts';
import type { Module, Rule, Term } from '../syntax/ast.ts';

/** The name of the rule that lists the cases of a test; no source can contain it. */
export function casesName(test: string): string {
  return `$cases_${test}`;
}

/** Whether the rule is a test with cases. */
export function hasCases(rule: Rule): boolean {
  return rule.head.args === undefined && rule.head.ref.terms.length > 1;
}

/**
 * The module with one more rule per test with cases: the set of the keys that the beginning of the body binds, so that
 * a case is known even when the rest of the body does not hold for it.
 */
export function withCaseRules(module: Module): Module {
  const added = module.rules.flatMap((rule) => {
    const head = rule.head.ref.terms[0]!;
    if (head.kind !== 'var' || !head.name.startsWith('test_') || !hasCases(rule)) return [];
    return [caseRule(rule, head.name)];
  });
  return added.length === 0 ? module : { ...module, rules: [...module.rules, ...added] };
}

function caseRule(rule: Rule, name: string): Rule {
  const { location } = rule.head;
  const keys = rule.head.ref.terms.slice(1);
  const missing = new Set<string>();
  for (const key of keys) walkTerm(key, (term) => collect(term, (found) => missing.add(found)));
  let length = 0;
  while (missing.size > 0 && length < rule.body.length) {
    walkExpr(rule.body[length++]!, (term) => collect(term, (found) => missing.delete(found)));
  }
  const body = rule.body.slice(0, length);
  const ref = { kind: 'ref' as const, terms: [{ kind: 'var' as const, name: casesName(name), location }], location };
  const always = {
    kind: 'term' as const,
    negated: false,
    term: { kind: 'scalar' as const, value: true, location },
    with: [],
    location,
  };
  return {
    head: { ref, key: { kind: 'array', items: keys, location }, assign: false, location },
    body: body.length === 0 ? [always] : body,
    hasBody: true,
    isDefault: false,
    location: rule.location,
  };
}

function collect(term: Term, take: (name: string) => void): true {
  if (term.kind === 'var') take(term.name);
  return true;
}
