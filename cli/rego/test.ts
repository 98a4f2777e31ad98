/** `czctl rego test`: runs the tests of policies and reports them as OPA does. */
import { type CoverageReport, type TestResult, testReportText } from '../../server/rego/index.ts';
import type { TestRequest, TestResponse } from '../../server/rego/worker/messages.ts';
import { indentJson } from './json-layout.ts';
import { type Loaded, loadPaths } from './load.ts';
import { evaluationAllowance, parseDuration, reportErrors, runLimited, type Streams } from './session.ts';
import { type VerificationFlags, verificationOf } from './signatures.ts';

/** The flags of `czctl rego test`, named as OPA's. */
export interface TestFlags extends VerificationFlags {
  bundle?: boolean;
  coverage?: boolean;
  threshold?: string;
  run?: string;
  verbose?: boolean;
  format?: 'pretty' | 'json';
  exitZeroOnSkipped?: boolean;
  failOnEmpty?: boolean;
  ignore?: string[];
  timeout: string;
  memory?: string;
  v0Compatible?: boolean;
}

/** How long all tests together may take. */
const WHOLE_RUN_MILLISECONDS = 600_000;

/**
 * Runs the command; gives OPA's exit code: 0, 1 for sources that do not compile and for failures under coverage, 2 for
 * failed, skipped and erroneous tests and for too little coverage.
 */
export async function testCommand(paths: readonly string[], flags: TestFlags, streams: Streams): Promise<number> {
  try {
    const loaded = loadPaths(paths, { ignore: flags.ignore ?? [], asBundle: flags.bundle ?? false });
    const allowance = evaluationAllowance(WHOLE_RUN_MILLISECONDS, flags.memory);
    const { report } = await runLimited(testRequest(flags, loaded), allowance);
    return show(report, flags, streams);
  } catch (error) {
    return reportErrors(error, { streams, tellsLoading: true, exitCode: 1 });
  }
}

function testRequest(flags: TestFlags, loaded: Loaded): TestRequest {
  const verification = verificationOf(flags);
  return {
    kind: 'test',
    ...loaded,
    version: flags.v0Compatible ? 'v0' : 'v1',
    limits: { milliseconds: parseDuration(flags.timeout), steps: Number.MAX_SAFE_INTEGER },
    ...(flags.run === undefined ? {} : { filter: flags.run }),
    coverage: flags.coverage === true || flags.threshold !== undefined,
    explain: flags.verbose === true && flags.format !== 'json',
    ...(verification === undefined ? {} : { verification }),
  };
}

type Report = TestResponse['report'];

function show(report: Report, flags: TestFlags, streams: Streams): number {
  const { results, coverage } = report;
  if (results.length === 0 && flags.failOnEmpty) {
    streams.warn('no tests were run');
    return 1;
  }
  const failing = report.failed + report.errors;
  if (coverage !== undefined) return showCoverage(report, coverage, flags, streams);
  if (flags.format === 'json') streams.write(indentJson(JSON.stringify(results.map(jsonResult))));
  else if (results.length > 0) {
    streams.write(testReportText({ ...report, compileErrors: [] }, { verbose: flags.verbose ?? false }));
  }
  return failing > 0 || (report.skipped > 0 && !flags.exitZeroOnSkipped) ? 2 : 0;
}

/** Coverage is shown when every test held; otherwise the failures are. */
function showCoverage(report: Report, coverage: CoverageReport, flags: TestFlags, streams: Streams): number {
  if (report.failed + report.errors > 0) {
    const failures = report.results.filter(({ fail: failed, error }) => failed || error !== undefined);
    streams.write(testReportText({ ...report, results: failures, compileErrors: [] }));
    return 1;
  }
  const threshold = Number(flags.threshold ?? 0);
  if (coverage.coverage < threshold) {
    const got = coverage.coverage.toFixed(2);
    streams.warn(`Code coverage threshold not met: got ${got} instead of ${threshold.toFixed(2)}`);
    return 2;
  }
  streams.write(indentJson(JSON.stringify(coverage)));
  return 0;
}

/** What a test printed is base64 in OPA's JSON. */
function jsonResult({ location, package: pkg, name, fail, error, skip, duration, output, sub_results }: TestResult) {
  return {
    location,
    package: pkg,
    name,
    ...(fail ? { fail } : {}),
    ...(error === undefined ? {} : { error }),
    ...(skip ? { skip } : {}),
    duration,
    ...(output === undefined ? {} : { output: Buffer.from(output).toString('base64') }),
    ...(sub_results === undefined ? {} : { sub_results }),
  };
}
