/** `czctl rego deps`: lists what a query can read. */
import type { PathsRead } from '../../server/rego/tools/paths.ts';
import { boxTable } from './box-table.ts';
import { loadProgram } from './evaluate.ts';
import { indentJson } from './json-layout.ts';
import { type CompileLimitFlags, compileAllowance, reportErrors, runLimited, type Streams } from './session.ts';
import { type VerificationFlags, verificationOf } from './signatures.ts';

/** The flags of `czctl rego deps`, named as OPA's. */
export interface DependencyFlags extends CompileLimitFlags, VerificationFlags {
  data?: string[];
  bundle?: string[];
  format?: 'pretty' | 'json';
  ignore?: string[];
  v0Compatible?: boolean;
}

/** Runs the command; gives OPA's exit code: 0, or 1 for errors. */
export async function dependenciesCommand(query: string, flags: DependencyFlags, streams: Streams): Promise<number> {
  try {
    const verification = verificationOf(flags);
    const request = {
      kind: 'dependencies',
      ...loadProgram(flags),
      query,
      version: flags.v0Compatible ? 'v0' : 'v1',
      ...(verification === undefined ? {} : { verification }),
    } as const;
    const { paths } = await runLimited(request, compileAllowance(flags));
    streams.write(flags.format === 'json' ? indentJson(JSON.stringify(paths)) : table(paths));
    return 0;
  } catch (error) {
    return reportErrors(error, {
      streams,
      json: flags.format === 'json' ? 'error' : undefined,
      tellsLoading: true,
      exitCode: 1,
    });
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
