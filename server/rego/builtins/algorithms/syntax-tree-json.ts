/** The syntax tree of a module as JSON, in the form that OPA gives it. */
import type { Body, Expr, LogicOperand, Module, Rule, Term, With } from '../../syntax/ast.ts';
import { isNumber, RegoObject, type Value } from '../../values.ts';

function objectOf(fields: Readonly<Record<string, Value | undefined>>): RegoObject {
  return RegoObject.from(Object.entries(fields).filter((field): field is [string, Value] => field[1] !== undefined));
}

function typed(type: string, value: Value): RegoObject {
  return objectOf({ type, value });
}

function termValue(term: Term): Value {
  switch (term.kind) {
    case 'scalar':
      return scalarValue(term.value);
    case 'var':
      return typed('var', term.name);
    case 'ref':
      return typed('ref', term.terms.map(termValue));
    case 'array':
    case 'set':
      return typed(term.kind, term.items.map(termValue));
    case 'object':
      return typed(
        'object',
        term.entries.map((entry) => entry.map(termValue)),
      );
    case 'call':
      return typed('call', [termValue(term.operator), ...term.args.map(termValue)]);
    case 'comprehension':
      return typed(`${term.collect}comprehension`, comprehensionValue(term));
    default: {
      const parts = term.parts.map((part, index) =>
        typeof part === 'string' ? typed('string', part) : exprValue(part, index),
      );
      return typed('templatestring', objectOf({ parts, multi_line: term.raw }));
    }
  }
}

function scalarValue(value: Value): Value {
  if (value === null) return typed('null', RegoObject.empty);
  if (isNumber(value)) return typed('number', value);
  return typed(typeof value, value);
}

function comprehensionValue(term: Extract<Term, { kind: 'comprehension' }>): Value {
  const body = bodyValue(term.body);
  if (term.collect !== 'object' || !term.key) return objectOf({ term: termValue(term.term), body });
  return objectOf({ key: termValue(term.key), value: termValue(term.term), body });
}

function bodyValue(body: Body): Value {
  return body.map(exprValue);
}

function withValue({ target, value }: With): Value {
  return objectOf({ target: termValue(target), value: termValue(value) });
}

function reference(...path: readonly [string, ...string[]]): Value {
  const [head, ...rest] = path;
  return typed('ref', [typed('var', head), ...rest.map((step) => typed('string', step))]);
}

function operandValue(operand: LogicOperand): Value {
  return bodyValue(operand.body);
}

/** What stands under `terms`: a term, a list of operator and arguments, or what a keyword introduces. */
function termsOf(expr: Expr): Value {
  switch (expr.kind) {
    case 'term':
      return termValue(expr.term);
    case 'call':
      return [termValue(expr.operator), ...expr.args.map(termValue)];
    case 'some-decl':
      return objectOf({ symbols: expr.vars.map(termValue) });
    case 'some-in': {
      const operator = reference('internal', expr.key ? 'member_3' : 'member_2');
      const args = [...(expr.key ? [expr.key] : []), expr.value, expr.domain].map(termValue);
      return objectOf({ symbols: [typed('call', [operator, ...args])] });
    }
    case 'every':
      return objectOf({
        key: expr.key ? termValue(expr.key) : null,
        value: termValue(expr.value),
        domain: termValue(expr.domain),
        body: bodyValue(expr.body),
      });
    case 'not':
      return objectOf({ body: bodyValue(expr.body) });
    default:
      return objectOf({ operator: expr.operator, left: operandValue(expr.left), right: operandValue(expr.right) });
  }
}

function exprValue(expr: Expr, index: number): Value {
  const negated = expr.kind === 'not' || ('negated' in expr && expr.negated) ? true : undefined;
  const modifiers = expr.with.length > 0 ? expr.with.map(withValue) : undefined;
  return objectOf({ index, negated, terms: termsOf(expr), with: modifiers });
}

const ALWAYS: Value = [objectOf({ generated: true, index: 0, terms: typed('boolean', true) })];

function ruleValue(rule: Rule): Value {
  const { head } = rule;
  const steps = head.ref.terms;
  const name = steps[0]?.kind === 'var' ? steps[0].name : undefined;
  const keyed = steps.length === 2 && steps[1] && steps[1].kind !== 'scalar' ? steps[1] : undefined;
  const key = head.key ?? keyed;
  const value = head.value ? termValue(head.value) : head.key ? undefined : typed('boolean', true);
  return objectOf({
    default: rule.isDefault || undefined,
    head: objectOf({
      name: steps.length === 1 || keyed ? name : undefined,
      ref: steps.map(termValue),
      args: head.args?.map(termValue),
      key: key && termValue(key),
      value,
      assign: head.assign || undefined,
    }),
    body: rule.hasBody ? bodyValue(rule.body) : ALWAYS,
    else: rule.else && ruleValue(rule.else),
  });
}

/** The whole module. */
export function moduleValue(module: Module): Value {
  const imports = module.imports.map(({ path, alias }) => objectOf({ path: termValue(path), alias }));
  const comments = module.comments.map(({ text, location }) => {
    const place = objectOf({ file: location.file, row: location.row, col: location.column });
    return objectOf({ Text: Buffer.from(text).toString('base64'), Location: place });
  });
  return objectOf({
    package: objectOf({ path: [typed('var', 'data'), ...module.package.path.map((step) => typed('string', step))] }),
    imports: imports.length > 0 ? imports : undefined,
    rules: module.rules.length > 0 ? module.rules.map(ruleValue) : undefined,
    comments: comments.length > 0 ? comments : undefined,
  });
}
