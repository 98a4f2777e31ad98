/** Errors as plain data that can cross between threads. */
import { type RegoError, RegoErrors } from '../errors.ts';
import type { PolicySource } from '../policy.ts';
import type { PlainError } from './messages.ts';

/** The errors of one or several as plain data; parse errors with the line of the source that they are in. */
export function plainErrors(error: RegoError | RegoErrors, sources: readonly PolicySource[]): PlainError[] {
  const errors = error instanceof RegoErrors ? error.errors : [error];
  const lines = new Map<string, string[]>();
  const linesOf = (file: string): string[] | undefined => {
    const source = sources.find((each) => each.file === file);
    if (source !== undefined && !lines.has(file)) lines.set(file, source.text.split('\n'));
    return lines.get(file);
  };
  return errors.map((each) => plainError(each, linesOf));
}

function plainError(
  { code, message, location, hint, details }: RegoError,
  linesOf: (file: string) => readonly string[] | undefined,
): PlainError {
  const place =
    location === undefined
      ? undefined
      : { file: location.file, row: location.row, column: location.column, text: location.text };
  const lines = place !== undefined && place.row > 0 && code === 'rego_parse_error' ? linesOf(place.file) : undefined;
  return {
    code,
    message,
    ...(place === undefined ? {} : { location: place }),
    ...(lines === undefined ? {} : { mark: markOf(lines, place!) }),
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  };
}

/** The line of a place and where it is in it; a place at the end is in the last line that says something. */
function markOf(lines: readonly string[], { row, column }: { row: number; column: number }): PlainError['mark'] {
  const line = lines[row - 1];
  if (line !== undefined && column > 0) {
    return { line: line.replace(/\r$/, ''), index: [...line].slice(0, column - 1).join('').length };
  }
  const last = lines.slice(0, row).findLast((each) => each.trim() !== '') ?? '';
  return { line: last, index: Math.max(0, last.trimEnd().length - 1) };
}
