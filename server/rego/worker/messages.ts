/** What a worker thread is asked, and what it answers: plain data that can cross between threads. */
import type { RegoErrorCode } from '../errors.ts';
import type { Limits } from '../evaluate/budget.ts';
import type { PolicySource } from '../policy.ts';
import type { RegoVersion } from '../syntax/ast.ts';
import type { CoverageReport } from '../tools/coverage.ts';
import type { ExplainMode } from '../tools/explain.ts';
import type { TestReport } from '../tools/test-runner.ts';

/** A data or input document as text. */
export interface DocumentText {
  /** The name that errors give it. */
  readonly file: string;
  /** Where below `data` it stands; not used for input. */
  readonly path: readonly string[];
  readonly syntax: 'json' | 'yaml';
  readonly text: string;
}

/** What an evaluation needs. */
interface PolicyRequest {
  readonly sources: readonly PolicySource[];
  readonly documents: readonly DocumentText[];
  /** The language version of sources and queries that do not have their own. */
  readonly version: RegoVersion;
  readonly limits?: Limits;
}

/** Asks a query. */
export interface EvaluateRequest extends PolicyRequest {
  readonly kind: 'evaluate';
  readonly query: string;
  readonly input?: DocumentText;
  readonly strict: boolean;
  readonly strictBuiltinErrors: boolean;
  /** The package that the query stands in. */
  readonly package?: string;
  readonly imports: readonly string[];
  readonly explain?: ExplainMode;
  readonly coverage: boolean;
}

/** Runs the tests of the sources. */
export interface TestRequest extends PolicyRequest {
  readonly kind: 'test';
  /** A regular expression that the full names of the tests must match. */
  readonly filter?: string;
  readonly coverage: boolean;
  /** Tell why tests failed. */
  readonly explain: boolean;
}

/** Asks a query again and again. */
export interface BenchmarkRequest extends PolicyRequest {
  readonly kind: 'benchmark';
  readonly query: string;
  readonly input?: DocumentText;
  readonly package?: string;
  readonly imports: readonly string[];
  /** How long to measure. */
  readonly milliseconds: number;
}

export type WorkerRequest = EvaluateRequest | TestRequest | BenchmarkRequest;

/** An error as plain data; without a code it is about a file rather than about Rego. */
export interface PlainError {
  readonly code?: RegoErrorCode;
  readonly message: string;
  readonly location?: { readonly file: string; readonly row: number; readonly column: number; readonly text: string };
  readonly hint?: string;
  readonly details?: string;
}

/** The results of a query. */
export interface EvaluateResponse {
  readonly kind: 'evaluate';
  /** JSON of the rows, `[{"expressions": […], "bindings": {…}}]`: numbers keep every digit. */
  readonly rows: string;
  /** What `print` wrote. */
  readonly printed: readonly string[];
  readonly explanation?: readonly string[];
  readonly coverage?: CoverageReport;
}

export interface TestResponse {
  readonly kind: 'test';
  readonly report: Omit<TestReport, 'compileErrors'>;
}

/** Durations of single evaluations in nanoseconds, and what all of them took. */
export interface BenchmarkResponse {
  readonly kind: 'benchmark';
  readonly count: number;
  readonly totalNanoseconds: number;
  /** A uniform sample of the durations, sorted. */
  readonly sample: readonly number[];
  /** Whether the query had no result; then nothing was measured. */
  readonly isUndefined: boolean;
}

export interface FailedResponse {
  readonly kind: 'failed';
  readonly stage: 'load' | 'compile' | 'evaluate';
  readonly errors: readonly PlainError[];
}

export type WorkerResponse = EvaluateResponse | TestResponse | BenchmarkResponse | FailedResponse;
