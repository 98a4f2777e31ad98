/** Which variables terms and expressions mention. */
import type { Body, Expr, Term } from '../syntax/ast.ts';
import { isFunctionValue } from './expand.ts';
import { closures, ownTerms, walkTerm } from './walk.ts';

/** Whether the name is that of a document, which is always known. */
export function isRoot(name: string): boolean {
  return name === 'data' || name === 'input';
}

/** Takes names, each as often as it is found. */
export interface NameSink {
  add(name: string): unknown;
}

/** Adds the variables of a term, but not those of comprehensions inside it. */
export function addTermVars(term: Term, into: NameSink): void {
  switch (term.kind) {
    case 'scalar':
    case 'comprehension':
      return;
    case 'var':
      if (!isRoot(term.name)) into.add(term.name);
      return;
    case 'ref':
      addVarsOf(term.terms, into);
      return;
    case 'array':
    case 'set':
      addVarsOf(term.items, into);
      return;
    case 'object':
      for (const [key, value] of term.entries) {
        addTermVars(key, into);
        addTermVars(value, into);
      }
      return;
    case 'call':
      addTermVars(term.operator, into);
      addVarsOf(term.args, into);
      return;
    case 'template':
      for (const part of term.parts) if (typeof part !== 'string') addShownVars(part, into);
  }
}

function addVarsOf(terms: readonly Term[], into: NameSink): void {
  for (let index = 0; index < terms.length; index++) addTermVars(terms[index]!, into);
}

/** Adds the variables of an expression that a template string shows. */
function addShownVars(expr: Expr, into: NameSink): void {
  for (const term of ownTerms(expr)) addTermVars(term, into);
  for (const modifier of expr.with) {
    addTermVars(modifier.target, into);
    addTermVars(modifier.value, into);
  }
}

/** The variables that an expression needs or binds itself: all but those of its closures; function names do not count. */
export function exprVars(expr: Expr): Set<string> {
  const vars = new Set<string>();
  addExprVars(expr, vars);
  return vars;
}

/** Adds the variables of {@link exprVars}. */
export function addExprVars(expr: Expr, into: NameSink): void {
  if (expr.kind === 'term') addTermVars(expr.term, into);
  else if (expr.kind === 'call') addVarsOf(expr.args, into);
  else if (expr.kind === 'every') addTermVars(expr.domain, into);
  if (expr.with.length === 0) return;
  for (const { target, value } of expr.with) {
    if (!isFunctionValue(value)) addTermVars(value, into);
    for (let index = 1; index < target.terms.length; index++) addTermVars(target.terms[index]!, into);
  }
}

/** The variables of a body, without those of its closures. */
export function bodyVars(body: Body): Set<string> {
  const vars = new Set<string>();
  for (const expr of body) addExprVars(expr, vars);
  return vars;
}

/** Every variable that the closures of an expression mention, at any depth. */
export function closureVars(expr: Expr): Set<string> {
  const vars = new Set<string>();
  const terms =
    expr.kind === 'term' ? [expr.term] : expr.kind === 'call' ? expr.args : expr.kind === 'every' ? [expr.domain] : [];
  for (const term of terms) {
    walkTerm(term, (part) => {
      if (part.kind !== 'comprehension') return true;
      addAllVars(part, vars);
      return false;
    });
  }
  for (const body of closures(expr)) for (const inner of body) addAllExprVars(inner, vars);
  if (expr.kind === 'every') {
    if (expr.key !== undefined) vars.delete(expr.key.name);
    vars.delete(expr.value.name);
  }
  return vars;
}

function addAllVars(term: Term, into: Set<string>): void {
  walkTerm(term, (part) => {
    if (part.kind === 'comprehension') {
      if (part.key !== undefined) addAllVars(part.key, into);
      addAllVars(part.term, into);
      for (const expr of part.body) addAllExprVars(expr, into);
      return false;
    }
    if (part.kind === 'var' && !isRoot(part.name)) into.add(part.name);
    return true;
  });
}

function addAllExprVars(expr: Expr, into: Set<string>): void {
  addExprVars(expr, into);
  for (const name of closureVars(expr)) into.add(name);
}
