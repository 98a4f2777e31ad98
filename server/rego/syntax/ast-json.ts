/** Syntax trees as JSON in the form that `opa parse` and `rego.parse_module` give. */
import { importPath } from '../compile/module-checks.ts';
import { isNumber, RegoObject, type Value } from '../values.ts';
import type { Body, Expr, LogicOperand, Module, Rule, Term } from './ast.ts';
import { callTerm, scalar, variable } from './build.ts';

/** The module as a value; places and comments are left out. */
export function moduleValue(module: Module): Value {
  const at = module.package.location;
  const path = ['data', ...module.package.path];
  return object({
    package: object({
      path: path.map((step, index) => termValue(index === 0 ? variable(step, at) : scalar(step, at))),
    }),
    imports: module.imports.length === 0 ? undefined : module.imports.map((item) => importValue(item)),
    rules: module.rules.length === 0 ? undefined : module.rules.map(ruleValue),
  });
}

function object(fields: Readonly<Record<string, Value | undefined>>): Value {
  const entries = Object.entries(fields).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return RegoObject.from(entries);
}

function importValue(item: Module['imports'][number]): Value {
  const [head, ...steps] = importPath(item) as [string, ...string[]];
  const terms = [variable(head, item.location), ...steps.map((step) => scalar(step, item.location))];
  return object({ path: termValue({ kind: 'ref', terms, location: item.location }), alias: item.alias });
}

function ruleValue(rule: Rule): Value {
  const { head } = rule;
  const name = head.ref.terms[0]!;
  const value = head.value ?? (head.key === undefined ? scalar(true, head.location) : undefined);
  return object({
    default: rule.isDefault ? true : undefined,
    head: object({
      name: name.kind === 'var' && head.ref.terms.length === 1 ? name.name : undefined,
      args: head.args?.map(termValue),
      key: head.key && termValue(head.key),
      value: value && termValue(value),
      assign: head.assign ? true : undefined,
      ref: head.ref.terms.map(termValue),
    }),
    body: bodyValue(rule.body, !rule.hasBody),
    else: rule.else && ruleValue(rule.else),
  });
}

function bodyValue(body: Body, generated = false): Value {
  return body.map((expr, index) => exprValue(expr, index, generated));
}

function exprValue(expr: Expr, index: number, generated: boolean): Value {
  const modifiers = expr.with.map(({ target, value }) =>
    object({ target: termValue(target), value: termValue(value) }),
  );
  const negated = 'negated' in expr && expr.negated;
  return object({
    generated: generated ? true : undefined,
    index,
    negated: negated ? true : undefined,
    terms: exprTerms(expr),
    with: modifiers.length === 0 ? undefined : modifiers,
  });
}

function exprTerms(expr: Expr): Value {
  switch (expr.kind) {
    case 'term':
      return termValue(expr.term);
    case 'call':
      return [expr.operator, ...expr.args].map(termValue);
    case 'some-decl':
      return object({ symbols: expr.vars.map(termValue) });
    case 'some-in': {
      const args = expr.key === undefined ? [expr.value, expr.domain] : [expr.key, expr.value, expr.domain];
      return object({ symbols: [termValue(callTerm(`internal.member_${args.length}`, args, expr.location))] });
    }
    case 'every':
      return object({
        key: expr.key === undefined ? null : termValue(expr.key),
        value: termValue(expr.value),
        domain: termValue(expr.domain),
        body: bodyValue(expr.body),
      });
    case 'not':
      return object({ type: 'not', body: bodyValue(expr.body) });
    case 'logic':
      return object({
        type: `logical${expr.operator}`,
        left: operandValue(expr.left),
        right: operandValue(expr.right),
      });
  }
}

function operandValue(operand: LogicOperand): Value {
  return bodyValue(operand.body);
}

function termValue(term: Term): Value {
  const made = (type: string, value: Value): Value => object({ type, value });
  switch (term.kind) {
    case 'scalar':
      if (term.value === null) return object({ type: 'null', value: RegoObject.empty });
      return made(isNumber(term.value) ? 'number' : typeof term.value, term.value);
    case 'var':
      return made('var', term.name);
    case 'ref':
      return made('ref', term.terms.map(termValue));
    case 'array':
    case 'set':
      return made(term.kind, term.items.map(termValue));
    case 'object':
      return made(
        'object',
        term.entries.map((entry) => entry.map(termValue)),
      );
    case 'call':
      return made('call', [term.operator, ...term.args].map(termValue));
    case 'comprehension': {
      const body = bodyValue(term.body);
      if (term.collect !== 'object')
        return made(`${term.collect}comprehension`, object({ term: termValue(term.term), body }));
      return made('objectcomprehension', object({ key: termValue(term.key!), value: termValue(term.term), body }));
    }
    case 'template': {
      const parts = term.parts.map((part) =>
        typeof part === 'string'
          ? made('string', part)
          : part.kind === 'term' && part.term.kind === 'scalar'
            ? termValue(part.term)
            : exprValue(part, 0, false),
      );
      return made('templatestring', object({ parts, multi_line: term.raw }));
    }
  }
}
