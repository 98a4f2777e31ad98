import { stripVTControlCharacters } from 'node:util';
import { Chalk, type ChalkInstance } from 'chalk';

/** Version of the `--json` output. Members are only ever added within a version. */
const JSON_VERSION = 1;

/** Members of a result; `version` and `kind` are those of the document itself. */
type ResultData = Record<string, unknown> & { version?: never; kind?: never };

/** Where a command writes, and whether for a person or for a program. */
export interface Output {
  readonly json: boolean;
  /** Colours that turn into plain text without a terminal, with NO_COLOR and with --json. */
  readonly paint: ChalkInstance;
  /** A line for a person; nothing under `--json`. */
  say(text?: string): void;
  /** A remark that must not mix with data (standard error); nothing under `--json`. */
  note(text: string): void;
  /** A result for a program: one JSON document on a line of standard output; nothing without `--json`. */
  result(kind: string, data: ResultData): void;
  /** Says what long work is doing; overwritten in place on a terminal, one line each elsewhere, silent under `--json`. */
  progress(text: string): void;
  /** Ends a progress line. */
  done(): void;
}

interface Streams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Makes the output of one command. */
export function createOutput(
  json: boolean,
  streams: Streams = process,
  environment: NodeJS.ProcessEnv = process.env,
): Output {
  const terminal = streams.stdout.isTTY === true;
  const colours = !json && terminal && (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb';
  const moving = !json && streams.stderr.isTTY === true;
  let open = false;
  const done = () => {
    if (open) streams.stderr.write('\r\x1b[K');
    open = false;
  };
  return {
    json,
    paint: new Chalk({ level: colours ? 1 : 0 }),
    say: (text = '') => {
      if (!json) streams.stdout.write(`${text}\n`);
    },
    note: (text) => {
      // Colours are chosen for standard output; errors may go to a file while it is a terminal.
      if (!json) streams.stderr.write(`${streams.stderr.isTTY === true ? text : stripVTControlCharacters(text)}\n`);
    },
    result: (kind, data) => {
      if (json) streams.stdout.write(`${JSON.stringify({ version: JSON_VERSION, kind, ...data })}\n`);
    },
    progress: (text) => {
      if (json) return;
      streams.stderr.write(moving ? `\r\x1b[K${text}` : `${text}\n`);
      open = moving;
    },
    done,
  };
}

/** Rows as a table with aligned columns; the last column is not padded. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(headers), ...rows.map(line)].join('\n');
}
