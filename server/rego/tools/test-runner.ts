/** Runs the tests that policies hold: rules named `test_…`; those named `todo_test_…` are skipped. */
import { compileModules } from '../compile/compile.ts';
import { pathText } from '../compile/rule-tree.ts';
import { RegoError } from '../errors.ts';
import { walkKeys } from '../evaluate/code-refs.ts';
import { compile, type EvaluateOptions, Policy, type PolicySource } from '../policy.ts';
import type { Module, Rule } from '../syntax/ast.ts';
import { RegoSet, toText, type Value } from '../values.ts';
import { type CoverageReport, CoverageTracer } from './coverage.ts';
import { casesName, hasCases, withCaseRules } from './test-cases.ts';

/** One test, in the form of `opa test --format json`; `duration` is in nanoseconds. */
export interface TestResult {
  readonly location: { readonly file: string; readonly row: number; readonly col: number };
  readonly package: string;
  readonly name: string;
  readonly duration: number;
  readonly fail?: true;
  readonly skip?: true;
  readonly error?: string;
  /** What the test printed. */
  readonly output?: string;
  /** The cases of a test with a variable in its head, by name. */
  readonly sub_results?: Readonly<Record<string, { readonly name: string; readonly fail?: true }>>;
}

export interface TestReport {
  readonly results: readonly TestResult[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly errors: number;
  readonly coverage: CoverageReport | undefined;
  /** What is wrong with the sources; then there are no results. */
  readonly compileErrors: readonly RegoError[];
}

export interface TestOptions {
  readonly data?: Value;
  /** Only tests whose full path matches. */
  readonly filter?: RegExp;
  readonly coverage?: boolean;
  readonly limits?: EvaluateOptions['limits'];
  readonly now?: () => number;
  /** A clock in nanoseconds for the durations. */
  readonly nanoseconds?: () => bigint;
}

/** Compiles the sources and runs each of their tests by itself. Never throws for a bad source or a failing test. */
export function runTests(sources: readonly PolicySource[], options: TestOptions = {}): TestReport {
  const { policy, errors } = compileTests(sources, options.coverage ?? false);
  if (policy === undefined) {
    return { results: [], passed: 0, failed: 0, skipped: 0, errors: 0, coverage: undefined, compileErrors: errors };
  }
  const tracer = options.coverage ? new CoverageTracer() : undefined;
  const results = testRules(policy.modules)
    .filter(({ path }) => options.filter === undefined || options.filter.test(path))
    .map((test) => runTest(policy, test, options, tracer));
  const count = (matches: (result: TestResult) => unknown): number => results.filter(matches).length;
  return {
    results,
    passed: count((result) => !result.fail && !result.skip && result.error === undefined),
    failed: count((result) => result.fail),
    skipped: count((result) => result.skip),
    errors: count((result) => result.error !== undefined),
    coverage: tracer?.report(policy.modules),
    compileErrors: [],
  };
}

function compileTests(sources: readonly PolicySource[], traced: boolean) {
  const plain = compile(sources, { traced });
  if (plain.policy === undefined) return plain;
  const extended = compileModules(plain.policy.modules.map(withCaseRules), { traced });
  return extended.program === undefined ? plain : { policy: new Policy(extended.program), errors: [] };
}

interface Test {
  readonly module: Module;
  readonly rule: Rule;
  readonly name: string;
  readonly path: string;
}

/** The tests of all modules; several rules of one name are one test. */
function testRules(modules: readonly Module[]): Test[] {
  const found = new Map<string, Test>();
  for (const module of modules) {
    for (const rule of module.rules) {
      const head = rule.head.ref.terms[0]!;
      if (head.kind !== 'var' || rule.head.args !== undefined) continue;
      if (!/^(?:todo_)?test_/.test(head.name)) continue;
      const path = pathText([...module.package.path, head.name]);
      if (!found.has(path)) found.set(path, { module, rule, name: head.name, path });
    }
  }
  return [...found.values()];
}

function runTest(policy: Policy, test: Test, options: TestOptions, tracer: CoverageTracer | undefined): TestResult {
  const { file, row, column } = test.rule.location;
  const base = { location: { file, row, col: column }, package: pathText(test.module.package.path), name: test.name };
  if (test.name.startsWith('todo_')) return { ...base, duration: 0, skip: true };
  const clock = options.nanoseconds ?? process.hrtime.bigint;
  const lines: string[] = [];
  const started = clock();
  const outcome = evaluateTest(policy, test, {
    ...(options.data === undefined ? {} : { data: options.data }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(tracer === undefined ? {} : { tracer }),
    capabilities: { print: (text) => lines.push(`${text}\n`) },
  });
  const result = { ...base, duration: Number(clock() - started), ...outcome };
  return lines.length === 0 ? result : { ...result, output: lines.join('') };
}

function evaluateTest(policy: Policy, test: Test, options: EvaluateOptions): Partial<TestResult> {
  try {
    const value = policy.evaluate(test.path, options);
    if (!hasCases(test.rule)) return value === true ? {} : { fail: true };
    const listed = policy.evaluate(pathText([...test.module.package.path, casesName(test.name)]), options);
    return caseResults(value, listed instanceof RegoSet ? listed.items() : []);
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    return { error: String(error) };
  }
}

/** The test holds when there are cases and each of them does. */
function caseResults(value: Value | undefined, cases: readonly Value[]): Partial<TestResult> {
  const results: Record<string, { name: string; fail?: true }> = {};
  let failed = cases.length === 0;
  for (const keys of cases as readonly (readonly Value[])[]) {
    const name = keys.map((key) => (typeof key === 'string' ? key : toText(key))).join('/');
    const held = walkKeys(value, keys, 0);
    const fails = held !== true;
    results[name] = fails ? { name, fail: true } : { name };
    failed ||= fails;
  }
  return failed ? { fail: true, sub_results: results } : { sub_results: results };
}

/**
 * The report as text, as `opa test` prints it: failures with what they printed, then the counts; with `verbose` also the
 * tests that passed.
 */
export function testReportText(report: TestReport, { verbose = false }: { readonly verbose?: boolean } = {}): string {
  if (report.compileErrors.length > 0) return report.compileErrors.map(String).join('\n');
  const lines: string[] = [];
  for (const result of report.results) {
    const status = statusOf(result);
    if (status === 'PASS' && !verbose) continue;
    const { file, row } = result.location;
    const duration = result.skip ? '' : ` (${durationText(result.duration)})`;
    lines.push(`${file}:${row}:`, `${result.package}.${result.name}: ${status}${duration}`);
    for (const part of Object.values(result.sub_results ?? {})) {
      if (part.fail || verbose) lines.push(`  ${part.name}: ${part.fail ? 'FAIL' : 'PASS'}`);
    }
    if (result.error !== undefined) lines.push(`  ${result.error}`);
    if (result.output !== undefined) lines.push('', ...result.output.trimEnd().split('\n').map(indented), '');
  }
  if (lines.length > 0) lines.push('-'.repeat(80));
  return [...lines, ...countLines(report.results)].join('\n');
}

function indented(line: string): string {
  return `  ${line}`;
}

/** How many held, failed, were skipped and had errors; a test with cases counts as its cases. */
function countLines(results: readonly TestResult[]): string[] {
  const found = results.flatMap((result): Status[] => {
    const parts = Object.values(result.sub_results ?? {});
    return parts.length === 0 ? [statusOf(result)] : parts.map((part) => (part.fail ? 'FAIL' : 'PASS'));
  });
  return (['PASS', 'FAIL', 'SKIPPED', 'ERROR'] as const).flatMap((status) => {
    const count = found.filter((each) => each === status).length;
    return count === 0 ? [] : [`${status}: ${count}/${found.length}`];
  });
}

type Status = 'PASS' | 'FAIL' | 'SKIPPED' | 'ERROR';

function statusOf(result: TestResult): Status {
  if (result.skip) return 'SKIPPED';
  if (result.error !== undefined) return 'ERROR';
  return result.fail ? 'FAIL' : 'PASS';
}

function durationText(nanoseconds: number): string {
  return nanoseconds < 1_000_000 ? `${nanoseconds / 1_000}µs` : `${nanoseconds / 1_000_000}ms`;
}
