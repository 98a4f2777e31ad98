import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** One line of a report: a figure of the appliance, and where there is one its limit from the same run. */
export interface Figure {
  what: string;
  unit: string;
  ours: number;
  limit?: number;
  /** Ours in relation to the limit, the way that more is better. */
  ratio?: number;
  aim?: { text: string; met: boolean };
}

/** What one bench found. */
export interface Report {
  bench: string;
  /** What was measured beside what, in a sentence. */
  about: string;
  /** What the two columns of figures show; by default the appliance and its limit. */
  columns?: readonly [string, string];
  figures: Figure[];
  /** Answers that should not have come, and connections that broke. */
  errors: number;
  /** What was left out, and why. */
  skipped?: readonly string[];
}

/** The machine as far as it matters for the figures. */
export function machine(): {
  cpu: string;
  cores: number;
  memoryGiB: number;
  node: string;
  system: string;
  load: string;
} {
  const [cpu] = os.cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    node: process.version,
    system: `${os.type()} ${os.release()}`,
    load: os
      .loadavg()
      .map((load) => load.toFixed(1))
      .join(' '),
  };
}

/** The report as a table for a terminal. */
export function tableOf({
  bench,
  about,
  columns = ['appliance', 'limit'],
  figures,
  errors,
  skipped = [],
}: Report): string {
  const header = ['', ...columns, 'ratio', 'aim', ''];
  const rows = figures.map(({ what, unit, ours, limit, ratio, aim }) => [
    what,
    `${short(ours)} ${unit}`,
    limit === undefined ? '' : `${short(limit)} ${unit}`,
    ratio === undefined ? '' : ratio.toFixed(2),
    aim?.text ?? '',
    aim === undefined ? '' : aim.met ? 'met' : 'MISSED',
  ]);
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const left = skipped.map((what) => `skipped: ${what}\n`).join('');
  return `${bench}: ${about}\n\n${lines.join('\n')}\n\nerrors: ${errors}\n${left}`;
}

/** Writes a report with the machine and the date as JSON; answers the file. */
export function writeReport(folder: string, report: Report, at: Date): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${report.bench}-${at.toISOString().replace(/[:.]/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ date: at.toISOString(), machine: machine(), ...report }, null, 2)}\n`);
  return file;
}

/** The middle value; the mean of the middle two. Throws for an empty list. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('There is no median of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three figures that matter, without an exponent. */
function short(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}
