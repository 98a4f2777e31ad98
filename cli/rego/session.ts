/** What the Rego commands share: flags, output, and running in a thread with limits. */
import { startThread } from '../../server/db/worker-url.ts';
import type { Answers, PlainError, WorkerRequest, WorkerResponse } from '../../server/rego/worker/messages.ts';
import { runInWorker, WorkerLimitError } from '../../server/rego/worker/run.ts';
import { errorJson, errorText } from './error-report.ts';
import { LoadError, ReportedErrors } from './reported-errors.ts';

/** Where a command writes. Each text gets a line break at its end. */
export interface Streams {
  write(text: string): void;
  warn(text: string): void;
}

/** Memory that a thread may take when the command line does not say. */
export const DEFAULT_MEGABYTES = 512;

/** Time for starting and loading, besides what the command line allows for evaluating. */
const START_MILLISECONDS = 20_000;

/** What a request may take: `milliseconds` from its arrival to its answer, starting and loading included. */
export interface Allowance {
  readonly milliseconds: number;
  readonly memoryMegabytes: number;
}

/** What a query may take that evaluates for as long as the command line says. */
export function evaluationAllowance(milliseconds: number, memory: string | undefined): Allowance {
  return { milliseconds: milliseconds + START_MILLISECONDS, memoryMegabytes: Number(memory ?? DEFAULT_MEGABYTES) };
}

/** The flags of commands that compile only. */
export interface CompileLimitFlags {
  timeout: string;
  memory?: string;
}

/** What compiling may take. */
export function compileAllowance({ timeout, memory }: CompileLimitFlags): Allowance {
  return { milliseconds: parseDuration(timeout), memoryMegabytes: Number(memory ?? DEFAULT_MEGABYTES) };
}

/** Runs the request in a thread. Throws ReportedErrors for what is wrong with it and for exceeded limits. */
export async function runLimited<Kind extends keyof Answers>(
  request: WorkerRequest & { readonly kind: Kind },
  allowance: Allowance,
): Promise<Answers[Kind]> {
  let response: WorkerResponse;
  try {
    response = await runInWorker(request, allowance, startThread);
  } catch (error) {
    if (!(error instanceof WorkerLimitError)) throw error;
    const flag = error.limit === 'milliseconds' ? '--timeout' : '--memory';
    const hint = `give it less to look at, or a larger ${flag}`;
    throw new ReportedErrors([{ code: 'eval_cancel_error', message: error.message, hint }], 'evaluate');
  }
  if (response.kind === 'failed') throw new ReportedErrors(response.errors, response.stage);
  return response as Answers[Kind];
}

/** How errors are shown. */
export interface ErrorReporting {
  readonly streams: Streams;
  /** `out`: JSON on standard output; `error`: JSON on standard error; otherwise text on standard error. */
  readonly json?: 'out' | 'error' | undefined;
  /** Say of errors that come before compiling that they are about loading. */
  readonly tellsLoading?: boolean;
  readonly exitCode: number;
}

/** Shows errors and gives the exit code. Rethrows what it does not know. */
export function reportErrors(error: unknown, { streams, json, tellsLoading, exitCode }: ErrorReporting): number {
  const errors = knownErrors(error);
  if (errors === undefined) throw error;
  if (json === 'out') streams.write(errorJson(errors));
  else if (json === 'error') streams.warn(errorJson(errors));
  else {
    const isLoading = errors.every(({ code }) => code === undefined || code === 'rego_parse_error');
    streams.warn(errorText(errors, tellsLoading && isLoading ? ' during loading' : ''));
  }
  return exitCode;
}

function knownErrors(error: unknown): readonly PlainError[] | undefined {
  if (error instanceof ReportedErrors) return error.errors;
  return error instanceof LoadError ? [{ message: error.message }] : undefined;
}

/** Milliseconds of a duration such as `500ms`, `1.5s` or `1m30s`. Throws RangeError with an example otherwise. */
export function parseDuration(text: string): number {
  const units: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new RangeError(`"${text}" is no duration: write 500ms, 10s or 1m30s`);
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0);
}
