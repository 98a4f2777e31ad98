// `npm run bench -- <name> … [--opa PATH]`: runs benches, prints their tables and keeps their reports. Without a name: all of them.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { machine, type Report, tableOf, writeReport } from './lib/report.ts';

const { values, positionals: asked } = readArguments();

const BENCHES: Record<string, () => Promise<Report>> = {
  poll: async () => (await import('./poll.ts')).poll(),
  ingest: async () => (await import('./ingest.ts')).ingest(),
  latency: async () => (await import('./latency.ts')).latency(),
  start: async () => (await import('./start.ts')).start(),
  rego: async () => (await import('./rego.ts')).rego(values.opa),
};

const REPORTS = path.join(import.meta.dirname, 'reports');

const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) refuse(`There is no bench ${unknown.join(', ')}.`);
console.log(`${Object.values(machine()).join(', ')}\n`);
for (const name of asked.length === 0 ? Object.keys(BENCHES) : asked) {
  const report = await BENCHES[name]!();
  console.log(tableOf(report));
  console.log(`${writeReport(REPORTS, report, new Date())}\n`);
}

function readArguments() {
  try {
    return parseArgs({ options: { opa: { type: 'string', default: 'opa' } }, allowPositionals: true });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function refuse(problem: string): never {
  console.error(`${problem}\nUsage: npm run bench -- [poll|ingest|latency|start|rego …] [--opa PATH]`);
  process.exit(1);
}
