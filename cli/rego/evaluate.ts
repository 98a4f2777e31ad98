/** `czctl rego eval`: asks a query and shows its results in one of OPA's formats. */
import { fromJsonText, type RegoObject, toJsonText, type Value } from '../../server/rego/values.ts';
import type { EvaluateRequest, EvaluateResponse } from '../../server/rego/worker/messages.ts';
import { boxTable } from './box-table.ts';
import { escapeMarkup, indentJson } from './json-layout.ts';
import { type Loaded, loadDocument, loadPaths } from './load.ts';
import { readText } from './read-file.ts';
import { LoadError } from './reported-errors.ts';
import { evaluationAllowance, parseDuration, reportErrors, runLimited, type Streams } from './session.ts';
import { type VerificationFlags, verificationOf } from './signatures.ts';

export const EVALUATION_FORMATS = ['json', 'values', 'bindings', 'pretty', 'raw', 'discard'] as const;

/** The flags of `czctl rego eval`, named as OPA's. */
export interface EvaluateFlags extends VerificationFlags {
  data?: string[];
  bundle?: string[];
  input?: string;
  stdin?: boolean;
  stdinInput?: boolean;
  format?: (typeof EVALUATION_FORMATS)[number];
  fail?: boolean;
  failDefined?: boolean;
  strict?: boolean;
  strictBuiltinErrors?: boolean;
  coverage?: boolean;
  explain?: 'off' | 'full' | 'fails';
  package?: string;
  import?: string[];
  ignore?: string[];
  timeout: string;
  memory?: string;
  v0Compatible?: boolean;
}

/** Runs the command; gives OPA's exit code: 0, 1 for `--fail` and `--fail-defined`, 2 for errors. */
export async function evaluateCommand(
  query: string | undefined,
  flags: EvaluateFlags,
  streams: Streams,
): Promise<number> {
  try {
    const loaded = loadProgram(flags);
    const asked = flags.stdin ? readText('-') : (query ?? '');
    if (asked.trim() === '') throw new LoadError('cannot evaluate empty query');
    const allowance = evaluationAllowance(parseDuration(flags.timeout), flags.memory);
    const response = await runLimited(evaluateRequest(asked, flags, loaded), allowance);
    for (const line of response.printed) streams.warn(line);
    return show(response, flags, streams);
  } catch (error) {
    const json = ['json', 'discard'].includes(flags.format ?? 'json') ? 'out' : undefined;
    return reportErrors(error, { streams, json, exitCode: 2 });
  }
}

/** The policies and documents of `--data` and `--bundle`. Throws LoadError. */
export function loadProgram(flags: { data?: string[]; bundle?: string[]; ignore?: string[] }): Loaded {
  const ignore = flags.ignore ?? [];
  const data = loadPaths(flags.data ?? [], { ignore });
  const bundles = loadPaths(flags.bundle ?? [], { ignore, asBundle: true });
  return {
    sources: [...data.sources, ...bundles.sources],
    documents: data.documents,
    bundles: [...data.bundles, ...bundles.bundles],
  };
}

function evaluateRequest(query: string, flags: EvaluateFlags, loaded: Loaded): EvaluateRequest {
  const inputPath = flags.stdinInput ? '-' : flags.input;
  const explain = flags.explain === 'off' ? undefined : flags.explain;
  const verification = verificationOf(flags);
  return {
    kind: 'evaluate',
    ...loaded,
    query,
    version: flags.v0Compatible ? 'v0' : 'v1',
    limits: { milliseconds: parseDuration(flags.timeout), steps: Number.MAX_SAFE_INTEGER },
    ...(inputPath === undefined ? {} : { input: loadDocument(inputPath) }),
    strict: flags.strict ?? false,
    strictBuiltinErrors: flags.strictBuiltinErrors ?? false,
    ...(flags.package === undefined ? {} : { package: flags.package }),
    imports: flags.import ?? [],
    ...(explain === undefined ? {} : { explain }),
    coverage: flags.coverage ?? false,
    ...(verification === undefined ? {} : { verification }),
  };
}

interface Row {
  readonly values: readonly Value[];
  readonly texts: readonly string[];
  readonly bindings: RegoObject | undefined;
}

function show(response: EvaluateResponse, flags: EvaluateFlags, streams: Streams): number {
  const format = flags.format ?? 'json';
  const rows = readRows(response.rows);
  if (format === 'json') streams.write(jsonDocument(response, response.rows));
  else if (format === 'discard') streams.write(jsonDocument(response, '"discarded"', rows.length > 0));
  else {
    if (format === 'pretty' && response.explanation !== undefined) streams.write(response.explanation.join('\n'));
    for (const text of formatted(rows, format)) streams.write(text);
    if (format === 'pretty' && response.coverage !== undefined) {
      streams.write(boxTable(undefined, [['Overall Coverage', response.coverage.coverage.toFixed(2)]]));
    }
  }
  const isDefined = rows.length > 0;
  return (flags.fail && !isDefined) || (flags.failDefined && isDefined) ? 1 : 0;
}

function jsonDocument(response: EvaluateResponse, result: string, isDefined = response.rows !== '[]'): string {
  const members = [
    ...(isDefined ? [`"result":${result}`] : []),
    ...(response.explanation === undefined ? [] : [`"explanation":${JSON.stringify(response.explanation)}`]),
    ...(response.coverage === undefined ? [] : [`"coverage":${JSON.stringify(response.coverage)}`]),
  ];
  return indentJson(`{${members.join(',')}}`);
}

function readRows(text: string): Row[] {
  return (fromJsonText(text) as readonly RegoObject[]).map((row) => {
    const expressions = row.get('expressions') as readonly RegoObject[];
    return {
      values: expressions.map((each) => each.get('value')!),
      texts: expressions.map((each) => String(each.get('text'))),
      bindings: row.get('bindings') as RegoObject | undefined,
    };
  });
}

function formatted(rows: readonly Row[], format: 'values' | 'bindings' | 'pretty' | 'raw'): string[] {
  switch (format) {
    case 'values':
      return rows.map(({ values }) => indentJson(toJsonText(values)));
    case 'bindings':
      return rows.map(({ bindings }) => (bindings === undefined ? '{}' : indentJson(toJsonText(bindings))));
    case 'raw':
      return rows.map(({ values }) => values.map(rawText).join(' '));
    default:
      return [prettyText(rows)];
  }
}

function rawText(value: Value): string {
  return typeof value === 'string' ? value : escapeMarkup(toJsonText(value));
}

/** A table of the variables and of the expressions that are no conditions; a single value stands alone. */
function prettyText(rows: readonly Row[]): string {
  const [first] = rows;
  if (first === undefined) return 'undefined';
  const variables = [...(first.bindings?.keys() ?? [])].map(String).sort();
  const shown = first.values.flatMap((value, index) => (typeof value === 'boolean' ? [] : [index]));
  const isSingle = rows.length === 1 && first.values.length === 1 && variables.length === 0;
  if (isSingle || variables.length + shown.length === 0) return indentJson(toJsonText(first.values[0]!));
  const headers = [...shown.map((index) => first.texts[index]!), ...variables];
  const cells = rows.map(({ values, bindings }) =>
    [...shown.map((index) => values[index]!), ...variables.map((name) => bindings!.get(name)!)].map((value) =>
      escapeMarkup(toJsonText(value)),
    ),
  );
  return boxTable(headers, cells);
}
