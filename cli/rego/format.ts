/** `czctl rego fmt`: puts policies into canonical layout. */
import { writeFileSync } from 'node:fs';
import { format, type PolicySource, RegoError, RegoErrors } from '../../server/rego/index.ts';
import { plainError } from '../../server/rego/worker/answer.ts';
import { errorText } from './error-report.ts';
import { unifiedDiff } from './line-diff.ts';
import { LoadError, listPolicies, readText, skippedText } from './load.ts';
import type { Streams } from './session.ts';

/** The flags of `czctl rego fmt`, named as OPA's. */
export interface FormatFlags {
  diff?: boolean;
  fail?: boolean;
  list?: boolean;
  write?: boolean;
  v0Compatible?: boolean;
}

/**
 * Runs the command on files and folders, or on standard input without paths. Gives OPA's exit code: 0, 1 for what
 * cannot be read and for standard input that does not parse, 2 for a file that does not parse and, with `--fail`, for
 * one that is not in canonical layout; then nothing more is written.
 */
export function formatCommand(paths: readonly string[], flags: FormatFlags, streams: Streams): number {
  const readsInput = paths.length === 0 || (paths.length === 1 && paths[0] === '-');
  let sources: PolicySource[];
  try {
    sources = readsInput
      ? [{ file: 'stdin', text: readText('-') }]
      : listPolicies(paths, (path) => streams.warn(skippedText(path)));
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    streams.warn(error.message);
    return 1;
  }
  for (const source of sources) {
    const formatted = formatOne(source, flags, streams);
    if (formatted === undefined) return readsInput ? 1 : 2;
    if (readsInput) streams.write(formatted.replace(/\n$/, ''));
    else if (!applyOne(source, formatted, flags, streams)) return 2;
  }
  return 0;
}

function formatOne(source: PolicySource, flags: FormatFlags, streams: Streams): string | undefined {
  try {
    return format(source.file, source.text, { version: flags.v0Compatible ? 'v0' : 'v1' });
  } catch (error) {
    if (!(error instanceof RegoErrors || error instanceof RegoError)) throw error;
    const errors = error instanceof RegoErrors ? error.errors : [error];
    streams.warn(`failed to format Rego source file: ${errorText(errors.map(plainError), [source])}`);
    return undefined;
  }
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
  else if (changes) writeFileSync(file, formatted);
  return true;
}
