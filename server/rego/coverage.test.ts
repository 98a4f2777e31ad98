import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCases as readBuiltinCases } from './builtins/cases.ts';
import { all, lookup } from './builtins/registry.ts';
import { closures, ownTerms, walkBody, walkTerm } from './compile/walk.ts';
import { compile, parseModule } from './index.ts';
import type { Body, Expr, Module, Rule, Term } from './syntax/ast.ts';
import { dottedName } from './syntax/build.ts';
import { type ConformanceCase, readCases } from './tools/conformance.ts';

const FOLDER = new URL('./cases/', import.meta.url);

/** The cases that want results: what they use is shown to work, not only to be refused. */
const cases: readonly ConformanceCase[] = readdirSync(FOLDER)
  .sort()
  .flatMap((file) => readCases(readFileSync(new URL(file, FOLDER), 'utf8')))
  .filter(({ want_result: result }) => result !== undefined);

const sourcesOf = ({ modules = [] }: ConformanceCase) =>
  modules.map((text, index) => ({ file: `case-${index}.rego`, text }));

describe('the cases use', () => {
  it('every built-in function', () => {
    const used = new Set(readBuiltinCases().flatMap(([, group]) => group.map(({ name }) => name)));
    for (const each of cases) for (const name of calledBy(each)) used.add(name);
    const missing = [...all()].map(({ name }) => name).filter((name) => !used.has(name));
    expect(missing).toEqual(REPLACED);
  });

  it('every form of the language', () => {
    const used = new Set<string>();
    for (const each of cases) {
      for (const { file, text } of sourcesOf(each)) {
        const { module } = parseModule(file, text);
        if (module !== undefined) for (const form of formsOf(module)) used.add(form);
      }
    }
    expect(FORMS.filter((form) => !used.has(form))).toEqual([]);
  });
});

/** What the compiler puts something else in the place of, and the mark of test cases, which the test runner makes. */
const REPLACED = ['internal.test_case', 'print', 'rego.metadata.chain', 'rego.metadata.rule'];

/** The built-ins that the compiled rules of a case call. */
function calledBy(each: ConformanceCase): Set<string> {
  const called = new Set<string>();
  const visit = (term: Term): boolean => {
    const name = term.kind === 'ref' ? dottedName(term) : undefined;
    if (name !== undefined && lookup(name) !== undefined) called.add(name);
    return true;
  };
  for (const { branches, keys } of compile(sourcesOf(each)).policy?.program.rules ?? []) {
    for (const key of keys) walkTerm(key, visit);
    for (const { body, value } of branches) {
      walkTerm(value, visit);
      walkBody(body, visit);
    }
  }
  return called;
}

const FORMS: readonly string[] = [
  ...['null', 'boolean', 'number', 'string', 'var', 'ref', 'array', 'set', 'object', 'template', 'raw template'],
  ...['array', 'set', 'object'].map((collect) => `${collect} comprehension`),
  ...['term', 'call', 'some-decl', 'some-in', 'every', 'not', 'and', 'or'].map((kind) => `${kind} expression`),
  ...['some with a key', 'every with a key', 'negated', 'not { }', 'grouped logic', 'bodies as operands'],
  ...['=', ':=', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '&', '|', 'in', 'unary -'].map(
    (sign) => `operator ${sign}`,
  ),
  ...['with input', 'with data', 'with a function', 'several with'],
  ...['default', 'default function', 'else', 'function', 'contains', 'chained bodies', 'several rules of one name'],
  ...['constant reference head', 'variable reference head', 'contains below a reference head', 'rule without a body'],
  ...['import data', 'import input', 'import with alias', 'import rego.v1', 'import rego.v2', 'import future.keywords'],
  ...['metadata of a rule', 'metadata of a document', 'metadata of a package', 'metadata of subpackages'],
  ...['keyword in a reference', 'keyword in a package'],
];

const KEYWORDS = new Set(['if', 'in', 'every', 'contains', 'not', 'some', 'else', 'default', 'package', 'as', 'with']);

function* formsOf(module: Module): Iterable<string> {
  if (module.package.path.some((step) => KEYWORDS.has(step))) yield 'keyword in a package';
  for (const { scope } of module.annotations) yield `metadata of ${scope === 'subpackages' ? scope : `a ${scope}`}`;
  for (const { path, alias } of module.imports) {
    const name = dottedName(path)!;
    if (/^(data|input)/.test(name)) yield `import ${name.split('.')[0]}`;
    else yield `import ${name.startsWith('future') ? 'future.keywords' : name}`;
    if (alias !== undefined) yield 'import with alias';
  }
  const names = module.rules.map(({ head }) => head.ref.location.text);
  if (new Set(names).size < names.length) yield 'several rules of one name';
  for (const rule of module.rules) yield* formsOfRule(rule);
}

function* formsOfRule(rule: Rule): Iterable<string> {
  const { ref, args, key, value } = rule.head;
  if (rule.isDefault) yield args === undefined ? 'default' : 'default function';
  else if (!rule.hasBody) yield 'rule without a body';
  if (rule.chained) yield 'chained bodies';
  if (args !== undefined) yield 'function';
  if (key !== undefined) yield ref.terms.length > 1 ? 'contains below a reference head' : 'contains';
  const steps = ref.terms.slice(1);
  if (steps.length > 0)
    yield `${steps.every(({ kind }) => kind === 'scalar') ? 'constant' : 'variable'} reference head`;
  for (const term of [...ref.terms, ...(args ?? []), key, value]) if (term !== undefined) yield* formsOfTerm(term);
  yield* formsOfBody(rule.body);
  if (rule.else === undefined) return;
  yield 'else';
  yield* formsOfRule(rule.else);
}

function* formsOfBody(body: Body): Iterable<string> {
  for (const expr of body) yield* formsOfExpr(expr);
}

function* formsOfExpr(expr: Expr): Iterable<string> {
  yield expr.kind === 'logic' ? `${expr.operator} expression` : `${expr.kind} expression`;
  if ('negated' in expr && expr.negated) yield 'negated';
  if (expr.kind === 'call' && expr.infix !== undefined) yield `operator ${expr.infix}`;
  if (expr.kind === 'some-in' && expr.key !== undefined) yield 'some with a key';
  if (expr.kind === 'every' && expr.key !== undefined) yield 'every with a key';
  if (expr.kind === 'not' && expr.braced) yield 'not { }';
  if (expr.kind === 'logic' && expr.grouped) yield 'grouped logic';
  if (expr.kind === 'logic' && (expr.left.braced || expr.right.braced)) yield 'bodies as operands';
  if (expr.with.length > 1) yield 'several with';
  for (const { target, value } of expr.with) {
    const name = dottedName(target) ?? '';
    yield lookup(name) === undefined ? `with ${name.split('.')[0]}` : 'with a function';
    yield* formsOfTerm(value);
  }
  for (const term of ownTerms(expr)) yield* formsOfTerm(term);
  for (const body of closures(expr)) yield* formsOfBody(body);
}

/** The forms of a term and of what is inside it. */
function formsOfTerm(outer: Term): string[] {
  const forms: string[] = [];
  walkTerm(outer, (term) => {
    if (term.kind === 'scalar') forms.push(scalarForm(term.value));
    else if (term.kind === 'comprehension') {
      forms.push(`${term.collect} comprehension`, ...formsOfBody(term.body));
    } else if (term.kind === 'call') forms.push(`operator ${term.infix ?? 'none'}`);
    else if (term.kind === 'template') forms.push(term.raw ? 'raw template' : 'template');
    else forms.push(term.kind);
    const isKeyword = (step: Term) => step.kind === 'scalar' && KEYWORDS.has(String(step.value));
    if (term.kind === 'ref' && term.terms.slice(1).some(isKeyword)) forms.push('keyword in a reference');
    return true;
  });
  return forms;
}

function scalarForm(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'number' : typeof value;
}
