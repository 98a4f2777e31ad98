/** Shows errors in policies and queries, for people and as OPA's JSON. */
import type { PlainError } from '../../server/rego/worker/messages.ts';
import { indentJson } from './json-layout.ts';

/** `1 error occurred: …`, `when` after "occurred", with the line of each parse error and a mark below its place. */
export function errorText(errors: readonly PlainError[], when = ''): string {
  const shown = errors.map(oneError);
  if (shown.length === 1) return `1 error occurred${when}: ${shown[0]}`;
  return `${shown.length} errors occurred${when}:\n${shown.join('\n')}`;
}

/** `{"errors": […]}` as OPA writes it. */
export function errorJson(errors: readonly PlainError[]): string {
  return indentJson(JSON.stringify({ errors: errors.map(jsonError) }));
}

function jsonError({ code, message, location, mark, hint }: PlainError): Record<string, unknown> {
  return {
    message,
    ...(code === undefined ? {} : { code }),
    ...(location === undefined ? {} : { location: { file: location.file, row: location.row, col: location.column } }),
    ...(mark === undefined ? {} : { details: { line: mark.line, idx: mark.index } }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function oneError({ code, message, location, mark, details, hint }: PlainError): string {
  if (code === undefined) return message;
  const place =
    location === undefined ? '' : `${location.file === '' ? '' : `${location.file}:`}${placeIn(location)}: `;
  const lines = [`${place}${code}: ${message}`];
  if (details !== undefined) lines.push(...details.split('\n').map((line) => `\t${line}`));
  if (mark !== undefined) lines.push(...markedLine(mark));
  if (hint !== undefined) lines.push(`\thint: ${hint}`);
  return lines.join('\n');
}

/** How much of a line is shown before and after its mark. */
const MARKED_AROUND = 100;

/** The line with a mark below; of a long line the part around the mark. */
function markedLine({ line, index }: { line: string; index: number }): string[] {
  const start = line.length > 2 * MARKED_AROUND ? Math.max(0, index - MARKED_AROUND) : 0;
  const end = line.length > 2 * MARKED_AROUND ? index + MARKED_AROUND : line.length;
  const shown = `${start > 0 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
  const before = (start > 0 ? ' ' : '') + line.slice(start, index).replace(/[^\t]/g, ' ');
  return [`\t${shown}`, `\t${before}^`];
}

function placeIn({ file, row, column }: { file: string; row: number; column: number }): string {
  return file === '' ? `${row}:${column}` : String(row);
}
