/** Does in a worker thread what it was asked. */
import { BundleError } from '../bundle/bundle.ts';
import { SignatureError } from '../bundle/signature.ts';
import { ArchiveError } from '../bundle/tar.ts';
import { RegoError, RegoErrors } from '../errors.ts';
import { compile, type EvaluateOptions, type Policy, type PolicySource } from '../policy.ts';
import { CoverageTracer } from '../tools/coverage.ts';
import { explain } from '../tools/explain.ts';
import { type PreparedRows, prepareRows, type QueryRow } from '../tools/query-rows.ts';
import { runTests } from '../tools/test-runner.ts';
import { RegoObject, toJsonText } from '../values.ts';
import { build, check, dependencies, formatAll } from './compile-answers.ts';
import { DocumentError, readInput } from './documents.ts';
import type {
  BenchmarkRequest,
  EvaluateRequest,
  FailedResponse,
  TestRequest,
  WorkerRequest,
  WorkerResponse,
} from './messages.ts';
import { plainErrors } from './plain-error.ts';
import { loadProgram, type Program } from './program.ts';

/** Answers a request. Errors of policies, queries and documents are a `failed` answer; others are thrown. */
export function answer(request: WorkerRequest): WorkerResponse {
  let sources = request.sources;
  try {
    const program = loadProgram(request);
    sources = 'query' in request ? [...program.sources, { file: '', text: request.query }] : program.sources;
    return answered(request, program);
  } catch (error) {
    return failure(error, sources);
  }
}

function answered(request: WorkerRequest, program: Program): WorkerResponse {
  switch (request.kind) {
    case 'evaluate':
      return evaluate(request, program);
    case 'test':
      return test(request, program);
    case 'benchmark':
      return benchmark(request, program);
    case 'check':
      return check(request, program);
    case 'format':
      return formatAll(request);
    case 'dependencies':
      return dependencies(request, program);
    case 'build':
      return build(request, program);
  }
}

function failure(error: unknown, sources: readonly PolicySource[]): FailedResponse {
  const isAboutFiles =
    error instanceof DocumentError ||
    error instanceof BundleError ||
    error instanceof ArchiveError ||
    error instanceof SignatureError;
  if (isAboutFiles) return { kind: 'failed', stage: 'load', errors: [{ message: error.message }] };
  if (error instanceof RegoErrors) return { kind: 'failed', stage: 'compile', errors: plainErrors(error, sources) };
  if (error instanceof RegoError) return { kind: 'failed', stage: 'evaluate', errors: plainErrors(error, sources) };
  // What no text, list or map can be large enough for, and calls that nest too deep.
  if (error instanceof RangeError) {
    const message = `stopped: ${error.message}`;
    return { kind: 'failed', stage: 'evaluate', errors: [{ code: 'eval_cancel_error', message }] };
  }
  throw error;
}

/** The name that the module of the query's package and imports gets. */
const QUERY_MODULE = 'query';

type QueryRequest = EvaluateRequest | BenchmarkRequest;

function prepare(request: QueryRequest, program: Program, compiling: { strict?: boolean; traced?: boolean }) {
  const { version } = request;
  const sources: PolicySource[] = [...program.sources];
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

function evaluationOptions(request: QueryRequest, program: Program): EvaluateOptions {
  return {
    data: program.data(),
    ...(request.input === undefined ? {} : { input: readInput(request.input) }),
    ...(request.limits === undefined ? {} : { limits: request.limits }),
  };
}

function evaluate(request: EvaluateRequest, program: Program): WorkerResponse {
  const given = evaluationOptions(request, program);
  const traced = request.coverage || request.explain !== undefined;
  const { policy, prepared } = prepare(request, program, { strict: request.strict, traced });
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

function test(request: TestRequest, program: Program): WorkerResponse {
  const { version, limits, coverage, explain: isExplained } = request;
  const { compileErrors, ...report } = runTests(
    program.sources.map((source) => ({ version, ...source })),
    {
      data: program.data(),
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

function benchmark(request: BenchmarkRequest, program: Program): WorkerResponse {
  const { prepared } = prepare(request, program, {});
  const given = evaluationOptions(request, program);
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
