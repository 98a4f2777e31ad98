/** `czctl rego bench`: measures how long a query takes. */
import type { BenchmarkRequest, BenchmarkResponse } from '../../server/rego/worker/messages.ts';
import { boxTable } from './box-table.ts';
import { loadProgram } from './evaluate.ts';
import { indentJson } from './json-layout.ts';
import { type Loaded, loadDocument } from './load.ts';
import { readText } from './read-file.ts';
import { evaluationAllowance, parseDuration, reportErrors, runLimited, type Streams } from './session.ts';
import { type VerificationFlags, verificationOf } from './signatures.ts';

/** The flags of `czctl rego bench`, named as OPA's. */
export interface BenchFlags extends VerificationFlags {
  data?: string[];
  bundle?: string[];
  input?: string;
  stdin?: boolean;
  stdinInput?: boolean;
  format?: 'pretty' | 'json' | 'gobench';
  count: string;
  duration: string;
  package?: string;
  import?: string[];
  ignore?: string[];
  memory?: string;
  v0Compatible?: boolean;
}

/** Runs the command; gives OPA's exit code: 0, or 1 for errors and for a query without a result. */
export async function benchCommand(query: string | undefined, flags: BenchFlags, streams: Streams): Promise<number> {
  try {
    const loaded = loadProgram(flags);
    const asked = flags.stdin ? readText('-') : (query ?? '');
    const request = benchmarkRequest(asked, flags, loaded);
    for (let run = 0; run < Number(flags.count); run++) {
      const response = await runLimited(request, evaluationAllowance(request.milliseconds * 2, flags.memory));
      if (response.isUndefined) {
        streams.warn('1 error occurred: undefined result');
        return 1;
      }
      streams.write(shown(response, flags.format ?? 'pretty'));
    }
    return 0;
  } catch (error) {
    return reportErrors(error, { streams, json: flags.format === 'json' ? 'out' : undefined, exitCode: 1 });
  }
}

function benchmarkRequest(query: string, flags: BenchFlags, loaded: Loaded): BenchmarkRequest {
  const inputPath = flags.stdinInput ? '-' : flags.input;
  const verification = verificationOf(flags);
  return {
    kind: 'benchmark',
    ...loaded,
    query,
    version: flags.v0Compatible ? 'v0' : 'v1',
    ...(inputPath === undefined ? {} : { input: loadDocument(inputPath) }),
    ...(flags.package === undefined ? {} : { package: flags.package }),
    imports: flags.import ?? [],
    milliseconds: parseDuration(flags.duration),
    ...(verification === undefined ? {} : { verification }),
  };
}

const PREFIX = 'histogram_timer_rego_query_eval_ns_';

function shown(response: BenchmarkResponse, format: 'pretty' | 'json' | 'gobench'): string {
  const { count, totalNanoseconds } = response;
  const perRun = Math.round(totalNanoseconds / count);
  if (format === 'gobench') return `BenchmarkRegoEval\t${count}\t${perRun} ns/op`;
  const histogram = histogramOf(response);
  if (format === 'json') {
    return indentJson(JSON.stringify({ N: count, T: totalNanoseconds, Extra: Object.fromEntries(histogram) }));
  }
  const rows = [['samples', count], ['ns/op', perRun], ...histogram.map(([name, value]) => [name, Math.round(value)])];
  return boxTable(
    undefined,
    rows.map((row) => row.map(String)),
    ['left', 'right'],
  );
}

function histogramOf({ count, sample }: BenchmarkResponse): [string, number][] {
  const mean = sample.reduce((sum, each) => sum + each, 0) / sample.length;
  const variance = sample.reduce((sum, each) => sum + (each - mean) ** 2, 0) / sample.length;
  const quantile = (share: number) => {
    const place = share * (sample.length - 1);
    const low = sample[Math.floor(place)]!;
    return low + (sample[Math.ceil(place)]! - low) * (place - Math.floor(place));
  };
  const named: [string, number][] = [
    ...[75, 90, 95, 99, 99.9, 99.99].map((percent): [string, number] => [`${percent}%`, quantile(percent / 100)]),
    ['count', count],
    ['max', sample.at(-1)!],
    ['mean', mean],
    ['median', quantile(0.5)],
    ['min', sample[0]!],
    ['stddev', Math.sqrt(variance)],
  ];
  return named.map(([name, value]) => [PREFIX + name, value]);
}
