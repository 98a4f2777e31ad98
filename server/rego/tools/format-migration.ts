/** What keeps a source of v0 from being one of v1. */
import { lookup } from '../builtins/registry.ts';
import { checkModule, importName } from '../compile/module-checks.ts';
import { walkBody, walkTerm } from '../compile/walk.ts';
import { RegoError } from '../errors.ts';
import type { Module, Rule, Term } from '../syntax/ast.ts';
import { V1_KEYWORDS } from '../syntax/tokens.ts';
import { importsOfDocuments } from './format-imports.ts';

/** An error for each thing in a module of v0 that v1 forbids and that another layout does not mend. */
export function obstaclesToV1(module: Module): RegoError[] {
  const errors = checkModule({ ...module, version: 'v1' });
  for (const item of importsOfDocuments(module.imports)) {
    if (isKeyword(importName(item))) errors.push(keywordError(importName(item), 'an import', item));
  }
  for (const rule of module.rules) checkRule(rule, errors);
  return errors;
}

function checkRule(rule: Rule, errors: RegoError[]): void {
  const { ref, args = [], key } = rule.head;
  const [name, ...steps] = ref.terms as [Term, ...Term[]];
  if (name.kind === 'var' && isKeyword(name.name)) errors.push(keywordError(name.name, 'a rule', rule));
  for (const term of [...steps, ...args, key]) if (term !== undefined) checkTerm(term, errors);
  // An `else` repeats the head of its rule, with a value of its own.
  for (let part: Rule | undefined = rule; part !== undefined; part = part.else) {
    if (part.head.value !== undefined) checkTerm(part.head.value, errors);
    walkBody(part.body, (term) => checkPart(term, errors));
  }
}

function checkTerm(term: Term, errors: RegoError[]): void {
  walkTerm(term, (part) => checkPart(part, errors));
}

function checkPart(term: Term, errors: RegoError[]): undefined {
  if (term.kind === 'var' && isKeyword(term.name)) errors.push(keywordError(term.name, 'a variable', term));
  if (term.kind === 'ref' && lookup(nameOf(term))?.deprecated === true) {
    const message = `deprecated built-in function calls in expression: ${nameOf(term)}`;
    errors.push(new RegoError('rego_type_error', message, term.location));
  }
  return undefined;
}

function isKeyword(name: string): boolean {
  return (V1_KEYWORDS as readonly string[]).includes(name);
}

function keywordError(name: string, what: string, { location }: { location: RegoError['location'] }): RegoError {
  return new RegoError('rego_parse_error', `${name} is a keyword of v1 and cannot name ${what}`, location);
}

function nameOf(term: Term & { kind: 'ref' }): string {
  return term.terms
    .map((step) => (step.kind === 'var' ? step.name : step.kind === 'scalar' ? String(step.value) : ''))
    .join('.');
}
