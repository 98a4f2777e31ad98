/** `czctl rego deps`: lists what a query can read. */
import { compile, type PathsRead, pathsRead, RegoErrors } from '../../server/rego/index.ts';
import { plainError } from '../../server/rego/worker/answer.ts';
import { boxTable } from './box-table.ts';
import { loadProgram } from './evaluate.ts';
import { indentJson } from './json-layout.ts';
import type { Loaded } from './load.ts';
import { ReportedErrors, reportErrors, type Streams } from './session.ts';

/** The flags of `czctl rego deps`, named as OPA's. */
export interface DependencyFlags {
  data?: string[];
  bundle?: string[];
  format?: 'pretty' | 'json';
  ignore?: string[];
  v0Compatible?: boolean;
}

/** Runs the command; gives OPA's exit code: 0, or 1 for errors. */
export function dependenciesCommand(query: string, flags: DependencyFlags, streams: Streams): number {
  let loaded: Loaded = { sources: [], documents: [] };
  try {
    loaded = loadProgram(flags);
    const { policy, errors } = compile(loaded.sources, { version: flags.v0Compatible ? 'v0' : 'v1' });
    if (policy === undefined) throw new ReportedErrors(errors.map(plainError), 'compile');
    const paths = pathsRead(policy, query);
    streams.write(flags.format === 'json' ? indentJson(JSON.stringify(paths)) : table(paths));
    return 0;
  } catch (error) {
    const known = error instanceof RegoErrors ? new ReportedErrors(error.errors.map(plainError), 'compile') : error;
    const json = flags.format === 'json' ? 'error' : undefined;
    return reportErrors(known, { streams, json, sources: [...loaded.sources, { file: '', text: query }], exitCode: 1 });
  }
}

function table({ input, data, rules }: PathsRead): string {
  const base = [...data, ...input];
  const headers = [...(base.length > 0 ? ['BASE DOCUMENTS'] : []), ...(rules.length > 0 ? ['VIRTUAL DOCUMENTS'] : [])];
  const columns = [base, rules].filter((column) => column.length > 0);
  const rows = Array.from({ length: Math.max(0, ...columns.map(({ length }) => length)) }, (_, row) =>
    columns.map((column) => column[row] ?? ''),
  );
  return headers.length === 0 ? 'nothing' : boxTable(headers, rows);
}
