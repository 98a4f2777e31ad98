/**
 * Compares this engine with a real OPA: `npm run rego:differential -- --opa PATH [--count N] [--seed N]`.
 *
 * Generates policies with inputs and data from the seed on, evaluates each with both, formats the first of them with
 * both, and runs tests made from the first with both. Prints each difference (at most 20 of a kind), the counts of each
 * kind, and ends with `N passed, N failed, N skipped`; the exit code is 1 when some differ. Skipped is what
 * `rego-known-differences.json` names. Without an OPA at the path nothing is compared, which is said, and the exit code is 0.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type GeneratedCase, generateCase } from '../server/rego/tools/generate/generate.ts';
import { agree, compareLayouts, compareTests, judge, Tally } from './rego-compare.ts';
import { OpaServer } from './rego-opa.ts';

const { values } = parseArgs({
  options: {
    opa: { type: 'string' },
    count: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.opa === undefined) {
  console.error('usage: npm run rego:differential -- --opa PATH [--count N] [--seed N]');
  process.exit(2);
}

/** What differs for a reason that was looked at: seeds with what each engine finds, and names of layouts. */
const known = JSON.parse(readFileSync(new URL('rego-known-differences.json', import.meta.url), 'utf8')) as {
  readonly results: readonly { readonly seed: number }[];
  readonly layouts: readonly string[];
};
const KNOWN_RESULTS: ReadonlySet<number> = new Set(known.results.map(({ seed }) => seed));
const KNOWN_LAYOUTS: ReadonlySet<string> = new Set(known.layouts);

/** Modules that are formatted, each in three layouts. */
const FORMATTED_MODULES = 3_000;

/** Modules that are tested together: both engines compile them as one. */
const TESTED_MODULES = 300;

async function run(opa: string, first: number, count: number): Promise<Tally[]> {
  const results = new Tally('result');
  const layouts = new Tally('layout');
  const tests = new Tally('test');
  const folder = mkdtempSync(join(tmpdir(), 'rego-differential-'));
  const valid = new Map<number, GeneratedCase>();
  let server = await OpaServer.start(opa, folder);
  try {
    for (let seed = first; seed < first + count; seed++) {
      const generated = generateCase(seed);
      // A server that breaks over a policy has nothing to say of it.
      const asked = server.judge(generated).catch(() => undefined);
      const ours = judge(generated);
      let theirs = await asked;
      if (theirs === undefined || !agree(ours, theirs)) {
        // What OPA infers can depend on policies that it was given before, so a fresh one is asked again.
        server.stop();
        server = await OpaServer.start(opa, folder);
        theirs = await server.judge(generated).catch(() => undefined);
      }
      if (theirs === undefined) {
        results.takeUnanswered(() => `seed ${seed}\n${generated.module}`);
        server.stop();
        server = await OpaServer.start(opa, folder);
        continue;
      }
      const their = theirs;
      const describe = (): string =>
        `seed ${seed}\n${generated.module}\ninput ${generated.input}\nours   ${ours}\ntheirs ${their}`;
      if (KNOWN_RESULTS.has(seed)) results.takeKnown(agree(ours, their), describe);
      else results.take(agree(ours, their), describe);
      if (!/^errors rego_|^broken/.test(ours) && !their.startsWith('errors rego_')) valid.set(seed, generated);
    }
    compareLayouts(opa, folder, new Map([...valid].slice(0, FORMATTED_MODULES)), KNOWN_LAYOUTS, layouts);
    compareTests(opa, folder, new Map([...valid].slice(0, TESTED_MODULES)), tests);
  } finally {
    server.stop();
    rmSync(folder, { recursive: true });
  }
  return [results, layouts, tests];
}

if (existsSync(values.opa)) {
  const tallies = await run(values.opa, Number(values.seed), Number(values.count));
  console.log(tallies.join('\n'));
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  const failed = sum(({ different }) => different);
  console.log(
    `${sum(({ same }) => same)} passed, ${failed} failed, ${sum(({ known, unanswered }) => known + unanswered)} skipped`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
} else {
  console.log(`skipped: comparison with OPA, there is none at ${values.opa}`);
  console.log('0 passed, 0 failed, 1 skipped');
}
