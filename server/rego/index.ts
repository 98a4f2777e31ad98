/**
 * A Rego engine: compiles policies as OPA 1.22 does, tells what is wrong with them by row and column, and evaluates
 * them in this process with counted limits.
 *
 * ```ts
 * const { policy, errors } = compile([{ file: 'authz.rego', text: source }]);
 * if (policy === undefined) return errors.map(String);
 * const allow = policy.evaluate('data.authz.allow', { input: fromJson(request) });
 * ```
 *
 * Nothing here reads files, the network or the clock unless it is handed in.
 */
export {
  type Bundle,
  BundleError,
  type Manifest,
  type ReadBundleOptions,
  readBundle,
  writeBundle,
} from './bundle/bundle.ts';
export {
  type BundleKey,
  type SignatureAlgorithm,
  SignatureError,
  type Signing,
  type Verification,
} from './bundle/signature.ts';
export { ArchiveError } from './bundle/tar.ts';
export type { CompileOptions } from './compile/compile.ts';
export {
  BuiltinError,
  type Location,
  RegoError,
  type RegoErrorCode,
  RegoErrors,
} from './errors.ts';
export { DECISION_LIMITS, DEFAULT_LIMITS, type Limits } from './evaluate/budget.ts';
export type { Tracer } from './evaluate/machine.ts';
export {
  type Bindings,
  type CompileResult,
  compile,
  type EvaluateOptions,
  type Policy,
  type PolicySource,
  type PreparedQuery,
} from './policy.ts';
export type { Module, RegoVersion } from './syntax/ast.ts';
export { type ParseOptions, type ParseResult, parseModule } from './syntax/parser.ts';
export { type CoverageReport, CoverageTracer, type FileCoverage } from './tools/coverage.ts';
export { type ExplainMode, explain } from './tools/explain.ts';
export { type FormatOptions, format } from './tools/format.ts';
export { type PathsRead, pathsRead } from './tools/paths.ts';
export {
  type ExpressionResult,
  type PreparedRows,
  prepareRows,
  type QueryRow,
} from './tools/query-rows.ts';
export { runTests, type TestOptions, type TestReport, type TestResult, testReportText } from './tools/test-runner.ts';
export {
  BigNumber,
  compare,
  equal,
  fromJson,
  fromJsonText,
  type RegoNumber,
  RegoObject,
  RegoSet,
  toJson,
  toJsonText,
  toText,
  typeName,
  type Value,
} from './values.ts';
