/** What a worker thread is asked, and what it answers: plain data that can cross between threads. */
import type { Signing, Verification } from '../bundle/signature.ts';
import type { ArchiveFile } from '../bundle/tar.ts';
import type { RegoErrorCode } from '../errors.ts';
import type { Limits } from '../evaluate/budget.ts';
import type { PolicySource } from '../policy.ts';
import type { RegoVersion } from '../syntax/ast.ts';
import type { CoverageReport } from '../tools/coverage.ts';
import type { ExplainMode } from '../tools/explain.ts';
import type { PathsRead } from '../tools/paths.ts';
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

/** A bundle as it was found. */
export interface BundleSource {
  /** The path that the names of its policies begin with. */
  readonly path: string;
  /** The bytes of a `bundle.tar.gz`, or the files of a folder. */
  readonly content: Uint8Array | readonly ArchiveFile[];
}

/** What a request is about. */
interface ProgramRequest {
  readonly sources: readonly PolicySource[];
  readonly documents: readonly DocumentText[];
  readonly bundles?: readonly BundleSource[];
  /** Given, only bundles with an accepted signature are read. */
  readonly verification?: Verification;
  /** The language version of sources and queries that do not have their own. */
  readonly version: RegoVersion;
}

interface PolicyRequest extends ProgramRequest {
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

/** Compiles the sources. */
export interface CheckRequest extends ProgramRequest {
  readonly kind: 'check';
  readonly strict: boolean;
}

/** Puts each source into canonical layout. */
export interface FormatRequest extends ProgramRequest {
  readonly kind: 'format';
  /** Writes sources of v0 so that they are of v1 too. */
  readonly toV1: boolean;
}

/** Lists what a query reads. */
export interface DependenciesRequest extends ProgramRequest {
  readonly kind: 'dependencies';
  readonly query: string;
}

/** Compiles the sources and packs them with their data. */
export interface BuildRequest extends ProgramRequest {
  readonly kind: 'build';
  /** Instead of the revision that a manifest has. */
  readonly revision?: string;
  readonly signing?: Signing;
}

export type WorkerRequest =
  | EvaluateRequest
  | TestRequest
  | BenchmarkRequest
  | CheckRequest
  | FormatRequest
  | DependenciesRequest
  | BuildRequest;

/** An error as plain data; without a code it is about a file rather than about Rego. */
export interface PlainError {
  readonly code?: RegoErrorCode;
  readonly message: string;
  readonly location?: { readonly file: string; readonly row: number; readonly column: number; readonly text: string };
  /** The line of a parse error and the place in it, counted in UTF-16 units from 0. */
  readonly mark?: { readonly line: string; readonly index: number } | undefined;
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

/** The sources compile. */
export interface CheckResponse {
  readonly kind: 'check';
}

/** The texts of the sources before the first that does not parse, and what is wrong with that one. */
export interface FormatResponse {
  readonly kind: 'format';
  readonly texts: readonly string[];
  readonly errors?: readonly PlainError[];
}

export interface DependenciesResponse {
  readonly kind: 'dependencies';
  readonly paths: PathsRead;
}

export interface BuildResponse {
  readonly kind: 'build';
  /** The bytes of the `bundle.tar.gz`. */
  readonly archive: Uint8Array;
}

export interface FailedResponse {
  readonly kind: 'failed';
  readonly stage: 'load' | 'compile' | 'evaluate';
  readonly errors: readonly PlainError[];
}

/** What a request of each kind is answered with, unless it fails. */
export interface Answers {
  readonly evaluate: EvaluateResponse;
  readonly test: TestResponse;
  readonly benchmark: BenchmarkResponse;
  readonly check: CheckResponse;
  readonly format: FormatResponse;
  readonly dependencies: DependenciesResponse;
  readonly build: BuildResponse;
}

export type WorkerResponse = Answers[keyof Answers] | FailedResponse;
