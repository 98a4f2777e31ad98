/** Runs the tests that policies hold: rules named `test_…`; those named `todo_test_…` are skipped. */
import { RegoError, RegoErrors } from '../errors.ts';
import { compileParsed, type EvaluateOptions, type Policy, type PolicySource, parseSources } from '../policy.ts';
import type { Value } from '../values.ts';
import { type CoverageReport, CoverageTracer } from './coverage.ts';
import { explain } from './explain.ts';
import { type CaseResults, caseLines, caseResults, leafCases } from './test-cases.ts';
import { prepareTests, type Test } from './test-modules.ts';

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
  /** The cases of a test with variables in its head, by name. */
  readonly sub_results?: CaseResults;
  /** For a test that failed: the rules that were tried and the expressions that did not hold, as of {@link explain}. */
  readonly explanation?: readonly string[];
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
  /** Tell why tests failed. */
  readonly explain?: boolean;
  readonly limits?: EvaluateOptions['limits'];
  readonly now?: () => number;
  /** A clock in nanoseconds for the durations. */
  readonly nanoseconds?: () => bigint;
}

/** Compiles the sources and runs each of their tests by itself. Never throws for a bad source or a failing test. */
export function runTests(sources: readonly PolicySource[], options: TestOptions = {}): TestReport {
  const parsed = parseSources(sources);
  const { modules, tests } = prepareTests(parsed.modules);
  const { policy, errors } =
    parsed.errors.length > 0
      ? { policy: undefined, errors: parsed.errors }
      : compileParsed(modules, { traced: options.coverage ?? false });
  if (policy === undefined) {
    return { results: [], passed: 0, failed: 0, skipped: 0, errors: 0, coverage: undefined, compileErrors: errors };
  }
  const tracer = options.coverage ? new CoverageTracer() : undefined;
  let traced: Policy | undefined;
  const explainFailure = (test: Test): string[] => {
    traced ??= compileParsed(modules, { traced: true }).policy;
    try {
      return explain(traced!, test.query, evaluationOptions(options), 'fails');
    } catch (error) {
      if (error instanceof RegoError) return [String(error)];
      throw error;
    }
  };
  const results = tests
    .filter((test) => options.filter === undefined || options.filter.test(`${test.package}.${test.name}`))
    .map((test) => {
      const result = runTest(policy, test, options, tracer);
      return options.explain && result.fail ? { ...result, explanation: explainFailure(test) } : result;
    });
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

function runTest(policy: Policy, test: Test, options: TestOptions, tracer: CoverageTracer | undefined): TestResult {
  const { file, row, column } = test.rule.location;
  const base = { location: { file, row, col: column }, package: test.package, name: test.name };
  if (test.skipped) return { ...base, duration: 0, skip: true };
  const clock = options.nanoseconds ?? process.hrtime.bigint;
  const lines: string[] = [];
  const cases: (readonly Value[])[] = [];
  const started = clock();
  const outcome = evaluateTest(policy, test, cases, {
    ...evaluationOptions(options),
    ...(tracer === undefined ? {} : { tracer }),
    capabilities: { print: (text) => lines.push(`${text}\n`), testCase: (keys) => cases.push(keys) },
  });
  const result = { ...base, duration: Number(clock() - started), ...outcome };
  return lines.length === 0 ? result : { ...result, output: lines.join('') };
}

function evaluationOptions({ data, limits, now }: TestOptions): EvaluateOptions {
  return {
    ...(data === undefined ? {} : { data }),
    ...(limits === undefined ? {} : { limits }),
    ...(now === undefined ? {} : { now }),
  };
}

function evaluateTest(
  policy: Policy,
  test: Test,
  cases: readonly (readonly Value[])[],
  options: EvaluateOptions,
): Partial<TestResult> {
  try {
    const value = policy.evaluate(test.query, options);
    if (!test.hasCases) return value === true ? {} : { fail: true };
    return caseResults(value, cases);
  } catch (error) {
    if (!(error instanceof RegoError || error instanceof RegoErrors)) throw error;
    return { error: error instanceof RegoErrors ? error.message : String(error) };
  }
}

/**
 * The report as text, as `opa test` prints it: failures with what they printed, why they failed where that was asked for,
 * and the counts; with `verbose` also the tests that passed.
 */
export function testReportText(report: TestReport, { verbose = false }: { readonly verbose?: boolean } = {}): string {
  if (report.compileErrors.length > 0) return report.compileErrors.map(String).join('\n');
  const lines: string[] = [];
  for (const result of report.results) {
    const status = statusOf(result);
    if (status === 'PASS' && !verbose) continue;
    const { file, row } = result.location;
    lines.push(`${file}:${row}:`, headline(result));
    lines.push(...caseLines(result, verbose));
    if (result.error !== undefined) lines.push(`  ${result.error}`);
    if (result.output !== undefined) lines.push('', ...result.output.trimEnd().split('\n').map(indented), '');
  }
  if (lines.length > 0) lines.push(RULE);
  return [...lines, ...explanations(report.results), ...countLines(report.results)].join('\n');
}

const RULE = '-'.repeat(80);

/** Why tests failed, as far as that was asked for, under a heading of its own. */
function explanations(results: readonly TestResult[]): string[] {
  const explained = results.filter(({ explanation }) => explanation !== undefined);
  if (explained.length === 0) return [];
  const lines = ['FAILURES', RULE];
  for (const result of explained) {
    lines.push(headline(result), '', ...result.explanation!.map(indented), '');
    const cases = caseLines(result, false);
    if (cases.length > 0) lines.push(...cases, '');
  }
  return [...lines, RULE];
}

function headline(result: TestResult): string {
  const duration = result.skip ? '' : ` (${durationText(result.duration)})`;
  return `${result.package}.${result.name}: ${statusOf(result)}${duration}`;
}

function indented(line: string): string {
  return `  ${line}`;
}

/** How many held, failed, were skipped and had errors; a test with cases counts as its cases. */
function countLines(results: readonly TestResult[]): string[] {
  const found = results.flatMap((result): Status[] => {
    const leaves = leafCases(result);
    return leaves.length === 0 ? [statusOf(result)] : leaves.map((leaf) => (leaf.fail ? 'FAIL' : 'PASS'));
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
