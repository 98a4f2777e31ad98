import type { EntryView } from './entry-view.ts';

const COLUMNS = [
  'ts',
  'received_at',
  'id',
  'kind',
  'decision',
  'tool_name',
  'method',
  'reason',
  'reason_code',
  'attribution',
  'policy_id',
  'policy_name',
  'policy_version',
  'rule_id',
  'rule_tag',
  'policy_ref',
  'user',
  'user_email',
  'hostname',
  'client',
  'mode',
  'is_test',
  'project_id',
  'foreign_project_id',
  'key_id',
  'machine_id',
  'latency_ms',
  'provider',
  'model_id',
  'input_tokens',
  'output_tokens',
  'estimated_cost_usd',
  'trace_id',
  'marks',
  'fields',
  'withheld',
] as const satisfies readonly (keyof EntryView)[];

/** What spreadsheets take for the beginning of a formula, in the full-width forms of some of them too. */
const RUN_AS_FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** The first line of a table of entries. */
export const CSV_HEAD = `${COLUMNS.join(',')}\r\n`;

/** An entry as a line of a table (RFC 4180). Text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function csvLine(entry: EntryView): string {
  return `${COLUMNS.map((column) => cell(entry[column])).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = RUN_AS_FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
