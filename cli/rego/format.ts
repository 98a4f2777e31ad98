/** `czctl rego fmt`: puts policies into canonical layout. */
import { writeFileSync } from 'node:fs';
import type { PolicySource } from '../../server/rego/policy.ts';
import { errorText } from './error-report.ts';
import { unifiedDiff } from './line-diff.ts';
import { loadPaths, skippedText } from './load.ts';
import { readPolicy, reason } from './read-file.ts';
import { LoadError, ReportedErrors } from './reported-errors.ts';
import { type CompileLimitFlags, compileAllowance, runLimited, type Streams } from './session.ts';

/** The flags of `czctl rego fmt`, named as OPA's. */
export interface FormatFlags extends CompileLimitFlags {
  diff?: boolean;
  fail?: boolean;
  list?: boolean;
  write?: boolean;
  v0Compatible?: boolean;
  /** `--v0-v1`: reads sources of v0 and writes them so that they are of v1 too. */
  v0V1?: boolean;
}

/**
 * Runs the command on files and folders, or on standard input without paths. Gives OPA's exit code: 0, 1 for what
 * cannot be read and for standard input that does not parse, 2 for a file that does not parse and, with `--fail`, for
 * one that is not in canonical layout; then nothing more is written.
 */
export async function formatCommand(paths: readonly string[], flags: FormatFlags, streams: Streams): Promise<number> {
  const readsInput = paths.length === 0 || (paths.length === 1 && paths[0] === '-');
  try {
    const sources = readsInput ? [{ file: 'stdin', text: readPolicy('-', 'stdin') }] : listPolicies(paths, streams);
    const version = flags.v0Compatible || flags.v0V1 ? 'v0' : 'v1';
    const request = { kind: 'format', sources, documents: [], version, toV1: flags.v0V1 === true } as const;
    const { texts, errors } = await runLimited(request, compileAllowance(flags));
    for (const [index, text] of texts.entries()) {
      if (readsInput) streams.write(text.replace(/\n$/, ''));
      else if (!applyOne(sources[index]!, text, flags, streams)) return 2;
    }
    if (errors === undefined) return 0;
    streams.warn(`failed to format Rego source file: ${errorText(errors)}`);
    return readsInput ? 1 : 2;
  } catch (error) {
    if (!(error instanceof LoadError || error instanceof ReportedErrors)) throw error;
    if (error instanceof LoadError) streams.warn(error.message);
    else streams.warn(`failed to format Rego source file: ${errorText(error.errors)}`);
    return error instanceof ReportedErrors && error.stage === 'compile' && !readsInput ? 2 : 1;
  }
}

function listPolicies(paths: readonly string[], streams: Streams): readonly PolicySource[] {
  return loadPaths(paths, { policiesOnly: true, onSkipped: (path) => streams.warn(skippedText(path)) }).sources;
}

/** Shows or writes the layout of one file; false when `--fail` forbids that it changes. */
function applyOne({ file, text }: PolicySource, formatted: string, flags: FormatFlags, streams: Streams): boolean {
  const changes = formatted !== text;
  if (flags.list) {
    if (changes) streams.write(file);
  } else if (flags.diff) {
    if (changes) streams.write(unifiedDiff(file, text, formatted));
  }
  if (flags.fail && changes) {
    streams.warn('unexpected diff');
    return false;
  }
  if (flags.list || flags.diff) return true;
  if (!flags.write) streams.write(formatted.replace(/\n$/, ''));
  else if (changes) writeFile(file, formatted);
  return true;
}

function writeFile(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new LoadError(`open ${file}: ${reason(error)}`);
  }
}
