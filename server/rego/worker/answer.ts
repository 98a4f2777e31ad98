/** Does in a worker thread what it was asked. */
import { RegoError, RegoErrors } from '../errors.ts';
import { compile, type EvaluateOptions, type Policy, type PolicySource } from '../policy.ts';
import { CoverageTracer } from '../tools/coverage.ts';
import { explain } from '../tools/explain.ts';
import { type PreparedRows, prepareRows, type QueryRow } from '../tools/query-rows.ts';
import { runTests } from '../tools/test-runner.ts';
import { RegoObject, toJsonText } from '../values.ts';
import { DocumentError, mergeDocuments, readDocument } from './documents.ts';
import type {
  BenchmarkRequest,
  EvaluateRequest,
  FailedResponse,
  PlainError,
  TestRequest,
  WorkerRequest,
  WorkerResponse,
} from './messages.ts';

/** Answers a request. Errors of policies, queries and documents are a `failed` answer; others are thrown. */
export function answer(request: WorkerRequest): WorkerResponse {
  try {
    if (request.kind === 'test') return test(request);
    return request.kind === 'evaluate' ? evaluate(request) : benchmark(request);
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): FailedResponse {
  if (error instanceof DocumentError) return { kind: 'failed', stage: 'load', errors: [{ message: error.message }] };
  if (error instanceof RegoErrors) return { kind: 'failed', stage: 'compile', errors: error.errors.map(plainError) };
  if (error instanceof RegoError) return { kind: 'failed', stage: 'evaluate', errors: [plainError(error)] };
  throw error;
}

/** The error as plain data. */
export function plainError({ code, message, location, hint, details }: RegoError): PlainError {
  return {
    code,
    message,
    ...(location === undefined
      ? {}
      : { location: { file: location.file, row: location.row, column: location.column, text: location.text } }),
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  };
}

/** The name that the module of the query's package and imports gets. */
const QUERY_MODULE = 'query';

type QueryRequest = EvaluateRequest | BenchmarkRequest;

function prepare(request: QueryRequest, compiling: { strict?: boolean; traced?: boolean }) {
  const { version } = request;
  const sources: PolicySource[] = [...request.sources];
  const hasModule = request.package !== undefined || request.imports.length > 0;
  if (hasModule) {
    const lines = [`package ${request.package ?? '_query'}`, ...request.imports.map((path) => `import ${path}`)];
    sources.push({ file: QUERY_MODULE, text: lines.join('\n') });
  }
  const { policy, errors } = compile(sources, { ...compiling, version });
  if (policy === undefined) throw new RegoErrors(errors);
  const module = hasModule ? policy.modules.at(-1) : undefined;
  const prepared = prepareRows(policy, request.query, { version, ...(module === undefined ? {} : { module }) });
  return { policy, prepared };
}

function evaluationOptions(request: QueryRequest): EvaluateOptions {
  return {
    data: mergeDocuments(request.documents),
    ...(request.input === undefined ? {} : { input: readDocument(request.input) }),
    ...(request.limits === undefined ? {} : { limits: request.limits }),
  };
}

function evaluate(request: EvaluateRequest): WorkerResponse {
  const given = evaluationOptions(request);
  const traced = request.coverage || request.explain !== undefined;
  const { policy, prepared } = prepare(request, { strict: request.strict, traced });
  const printed: string[] = [];
  const tracer = request.coverage ? new CoverageTracer() : undefined;
  const rows = prepared.rows({
    ...given,
    strictBuiltinErrors: request.strictBuiltinErrors,
    capabilities: { print: (text) => printed.push(text) },
    ...(tracer === undefined ? {} : { tracer }),
  });
  return {
    kind: 'evaluate',
    rows: `[${rows.map(rowText).join(',')}]`,
    printed,
    ...(request.explain === undefined ? {} : { explanation: explain(policy, request.query, given, request.explain) }),
    ...(tracer === undefined ? {} : { coverage: tracer.report(policy.modules.filter(isGiven)) }),
  };
}

function isGiven({ file }: Policy['modules'][number]): boolean {
  return file !== QUERY_MODULE;
}

/** A row in the order of members that `opa eval` has. */
function rowText({ expressions, bindings }: QueryRow): string {
  const shown = expressions.map(
    ({ value, text, location }) =>
      `{"value":${toJsonText(value)},"text":${JSON.stringify(text)},"location":${JSON.stringify(location)}}`,
  );
  const variables = bindings.size === 0 ? '' : `,"bindings":${toJsonText(RegoObject.from([...bindings]))}`;
  return `{"expressions":[${shown.join(',')}]${variables}}`;
}

function test(request: TestRequest): WorkerResponse {
  const { version, limits, coverage, explain: isExplained } = request;
  const { compileErrors, ...report } = runTests(
    request.sources.map((source) => ({ version, ...source })),
    {
      data: mergeDocuments(request.documents),
      coverage,
      explain: isExplained,
      ...(limits === undefined ? {} : { limits }),
      ...(request.filter === undefined ? {} : { filter: new RegExp(request.filter, 'u') }),
    },
  );
  if (compileErrors.length > 0) throw new RegoErrors(compileErrors);
  return { kind: 'test', report };
}

/** Durations that are kept to tell the distribution. */
const SAMPLE_SIZE = 10_000;

function benchmark(request: BenchmarkRequest): WorkerResponse {
  const { prepared } = prepare(request, {});
  const given = evaluationOptions(request);
  if (prepared.rows(given).length === 0) {
    return { kind: 'benchmark', count: 0, totalNanoseconds: 0, sample: [], isUndefined: true };
  }
  measure(prepared, given, request.milliseconds / 10);
  const { count, sample, totalNanoseconds } = measure(prepared, given, request.milliseconds);
  return { kind: 'benchmark', count, totalNanoseconds, sample: sample.sort((a, b) => a - b), isUndefined: false };
}

function measure(prepared: PreparedRows, given: EvaluateOptions, milliseconds: number) {
  const sample: number[] = [];
  const started = process.hrtime.bigint();
  const end = started + BigInt(Math.round(milliseconds * 1e6));
  let before = started;
  let count = 0;
  while (before < end || count === 0) {
    prepared.rows(given);
    const after = process.hrtime.bigint();
    const duration = Number(after - before);
    // Reservoir sampling: every duration is as likely to be kept.
    if (count < SAMPLE_SIZE) sample.push(duration);
    else {
      const place = Math.floor(Math.random() * (count + 1));
      if (place < SAMPLE_SIZE) sample[place] = duration;
    }
    before = after;
    count++;
  }
  return { sample, count, totalNanoseconds: Number(before - started) };
}
