/** Finds the tests of modules and prepares them to be run each by itself, as `opa test` does. */
import { pathText } from '../compile/rule-tree.ts';
import { addTermVars } from '../compile/variables.ts';
import { ownTerms, walkTerm } from '../compile/walk.ts';
import type { Body, Expr, Module, Rule, Term } from '../syntax/ast.ts';
import { callExpr } from '../syntax/build.ts';

/** A rule that is a test. */
export interface Test {
  readonly rule: Rule;
  /** The package, as in `data.a.b`. */
  readonly package: string;
  /** The rule's name; `#01`, `#02`, … follow it for the second, third, … rule of that name in the package. */
  readonly name: string;
  /** Asks for the test's value. */
  readonly query: string;
  readonly skipped: boolean;
  /** Whether its head has variables, so that the test has a case for each of their bindings. */
  readonly hasCases: boolean;
}

/**
 * The tests of the modules, in order, and the modules as they are to be compiled: every test is a rule of its own, and
 * reports each of its cases by `internal.test_case` as soon as the variables of its head are bound.
 */
export function prepareTests(modules: readonly Module[]): { modules: Module[]; tests: Test[] } {
  const tests: Test[] = [];
  const counts = new Map<string, number>();
  const prepared = modules.map((module) => ({
    ...module,
    rules: module.rules.map((rule) => {
      const [head] = rule.head.ref.terms;
      if (head?.kind !== 'var' || !/^(?:todo_)?test_/.test(head.name)) return rule;
      const test = describe(rule, head.name, module.package.path, counts);
      tests.push(test);
      const own = test.name === head.name ? rule : renamed(rule, test.name);
      return test.hasCases && !test.skipped ? { ...own, body: reportingCases(own) } : own;
    }),
  }));
  return { modules: prepared, tests };
}

function describe(rule: Rule, written: string, packagePath: readonly string[], counts: Map<string, number>): Test {
  const path = pathText(packagePath);
  const skipped = written.startsWith('todo_');
  const key = `${path}.${written}`;
  const earlier = skipped ? 0 : (counts.get(key) ?? 0);
  counts.set(key, earlier + 1);
  const name = earlier === 0 ? written : `${written}#${String(earlier).padStart(2, '0')}`;
  return { rule, package: path, name, query: pathText([...packagePath, name]), skipped, hasCases: hasCases(rule) };
}

function renamed(rule: Rule, name: string): Rule {
  const [head, ...steps] = rule.head.ref.terms;
  const ref = { ...rule.head.ref, terms: [{ ...head!, name } as Term, ...steps] };
  return { ...rule, head: { ...rule.head, ref } };
}

function hasCases({ head }: Rule): boolean {
  const isSingle = head.args === undefined && head.key === undefined;
  return isSingle && head.ref.terms.slice(1).some((step) => variables(step).size > 0);
}

/** The body with the report behind the first expressions that name all variables of the head. */
function reportingCases({ head, body }: Rule): Body {
  const keys = head.ref.terms.slice(1);
  const missing = new Set(keys.flatMap((key) => [...variables(key)]));
  let length = 0;
  while (missing.size > 0 && length < body.length) {
    for (const name of variablesOf(body[length++]!)) missing.delete(name);
  }
  // The place of the expression before it: the report is no line of the source that could be covered.
  const location = (body[length - 1] ?? head).location;
  const report = callExpr('internal.test_case', [{ kind: 'array', items: keys, location }], location);
  return [...body.slice(0, length), report, ...body.slice(length)];
}

/** The variables of a term of a head; the names of functions are none. */
function variables(term: Term): Set<string> {
  const found = new Set<string>();
  walkTerm(term, (part) => {
    if (part.kind === 'var') found.add(part.name);
    if (part.kind === 'call') for (const arg of part.args) for (const name of variables(arg)) found.add(name);
    return part.kind !== 'call' && part.kind !== 'comprehension';
  });
  return found;
}

/** The variables that an expression names outside closures; to declare one is not to name it. */
function variablesOf(expr: Expr): Set<string> {
  const found = new Set<string>();
  if (expr.kind === 'some-decl') return found;
  for (const term of expr.kind === 'call' ? expr.args : ownTerms(expr)) addTermVars(term, found);
  return found;
}
