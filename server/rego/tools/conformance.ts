/** Runs conformance cases: modules, a query and the results or errors that are wanted. */
import { isIP } from 'node:net';
import { RegoError, RegoErrors } from '../errors.ts';
import { compile } from '../policy.ts';
import {
  compare,
  equal,
  fromJsonText,
  RegoObject,
  RegoSet,
  toJson,
  toJsonText,
  toText,
  type Value,
} from '../values.ts';

/** One case; the fields are described with the case files. */
export interface ConformanceCase {
  readonly note: string;
  readonly modules?: readonly string[];
  readonly query?: string;
  readonly data?: Value;
  readonly input?: Value;
  /** The input as a Rego term, instead of `input`. */
  readonly input_term?: string;
  readonly want_result?: readonly Value[];
  /** Sort arrays inside the bindings before comparing. */
  readonly sort_bindings?: boolean;
  readonly want_error_code?: string;
  readonly want_error?: string;
  /** Errors that compiling must give; with `exhaustive` no others. */
  readonly want_errors?: readonly { code: string; row: number; col: number; message: string }[];
  readonly exhaustive?: boolean;
  /** Built-in errors are errors. */
  readonly strict_error?: boolean;
  readonly strict?: boolean;
  readonly print_statements?: boolean;
}

/** Reads a file of cases; the documents in it keep every digit. */
export function readCases(text: string): ConformanceCase[] {
  const file = fromJsonText(text) as RegoObject;
  return (file.get('cases') as readonly RegoObject[]).map((entry) => {
    const plainCase = toJson(entry) as Record<string, unknown>;
    for (const name of ['data', 'input', 'want_result']) {
      const value = entry.get(name);
      if (value !== undefined) plainCase[name] = value;
    }
    return plainCase as unknown as ConformanceCase;
  });
}

/** Runs a case; gives what went wrong, or undefined when it passed. Never throws. */
export function runCase(testCase: ConformanceCase): string | undefined {
  try {
    return testCase.want_errors === undefined ? runQuery(testCase) : checkErrors(testCase);
  } catch (error) {
    if (error instanceof RegoErrors) return compareError(testCase, error.errors);
    if (error instanceof RegoError) return compareError(testCase, [error]);
    return `unexpected ${(error as Error).stack ?? error}`;
  }
}

function compileCase(testCase: ConformanceCase) {
  const sources = (testCase.modules ?? []).map((text, index) => ({ file: `test-${index}.rego`, text }));
  return compile(sources, { strict: testCase.strict ?? false, print: testCase.print_statements ?? false });
}

function checkErrors(testCase: ConformanceCase): string | undefined {
  const { errors } = compileCase(testCase);
  const wanted = testCase.want_errors!;
  for (const want of wanted) {
    const found = errors.some(
      (error) =>
        error.code === want.code &&
        error.location?.row === want.row &&
        error.location.column === want.col &&
        error.message === want.message,
    );
    if (!found) return `wanted ${JSON.stringify(want)}, got ${describe(errors)}`;
  }
  if (testCase.exhaustive && errors.length !== wanted.length) return `more errors than wanted: ${describe(errors)}`;
  return undefined;
}

function describe(errors: readonly RegoError[]): string {
  return errors.map((error) => `${error} (column ${error.location?.column})`).join('\n') || 'no error';
}

function compareError(testCase: ConformanceCase, errors: readonly RegoError[]): string | undefined {
  const { want_error_code: code, want_error: text } = testCase;
  if (code === undefined && text === undefined) return `unexpected error: ${describe(errors)}`;
  const matches = errors.some(
    (error) => (code === undefined || error.code === code) && (text === undefined || String(error).includes(text)),
  );
  return matches ? undefined : `wanted ${code}: ${text}, got ${describe(errors)}`;
}

function runQuery(testCase: ConformanceCase): string | undefined {
  const { policy, errors } = compileCase(testCase);
  if (policy === undefined) return compareError(testCase, errors);
  const prepared = policy.prepare(testCase.query!);
  const results = prepared.results({
    input: testCase.input_term === undefined ? testCase.input : termValue(testCase.input_term),
    data: testCase.data,
    strictBuiltinErrors: testCase.strict_error ?? false,
    capabilities: { lookupAddress: lookUpLocally },
  });
  if (testCase.want_error_code !== undefined || testCase.want_error !== undefined) {
    return `wanted ${testCase.want_error_code}: ${testCase.want_error}, got ${results.length} results`;
  }
  if (testCase.want_result === undefined) return undefined;
  const got = results.map((bindings) => plain(RegoObject.from(bindings.entries()), testCase.sort_bindings ?? false));
  const want = testCase.want_result.map((row) => plain(row, testCase.sort_bindings ?? false));
  got.sort(compare);
  want.sort(compare);
  if (equal(got, want)) return undefined;
  return `wanted ${toText(want)}\ngot    ${toText(got)}`;
}

/** Names that need no network: addresses and this machine. */
function lookUpLocally(name: string): string[] {
  if (isIP(name) !== 0) return [name];
  if (name === 'localhost') return ['127.0.0.1'];
  throw new Error(`lookup ${name}: no such host`);
}

function termValue(text: string): Value | undefined {
  return compile([]).policy!.query(`x = ${text}`)[0]?.get('x');
}

/** The value as its JSON shows it: sets as arrays, keys as text; with `sort`, arrays sorted too. */
function plain(value: Value, sort: boolean): Value {
  if (Array.isArray(value)) {
    const items = (value as readonly Value[]).map((item) => plain(item, sort));
    return sort ? items.sort(compare) : items;
  }
  if (value instanceof RegoSet)
    return value
      .items()
      .map((item) => plain(item, sort))
      .sort(compare);
  if (!(value instanceof RegoObject)) return value;
  return RegoObject.from(
    [...value.entries()].map(([key, item]) => [typeof key === 'string' ? key : toJsonText(key), plain(item, sort)]),
  );
}
