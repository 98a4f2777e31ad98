/**
 * Compares this engine with a real OPA: `npm run rego:differential -- --opa PATH [--count N] [--seed N]`.
 *
 * Generates policies with inputs and data, evaluates each with both, formats them with both, and runs tests made from
 * them with both. Prints each difference (at most 20 of a kind) and ends with the counts; the exit code is 1 when some
 * differ. Without an OPA at the path nothing is compared, which is said, and the exit code is 0.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  compile,
  equal,
  format,
  fromJson,
  fromJsonText,
  RegoError,
  RegoErrors,
  runTests,
} from '../server/rego/index.ts';
import { type GeneratedCase, generateCase } from '../server/rego/tools/generate.ts';
import {
  errorVerdict,
  formatFolder,
  OpaServer,
  outcomeOf,
  testFolder,
  type Verdict,
  valueVerdict,
} from './rego-opa.ts';

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

/** Modules that are tested together: both engines compile them as one. */
const TESTED_MODULES = 300;

/** Differences of a kind that are printed. */
const PRINTED = 20;

class Tally {
  same = 0;
  different = 0;
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }

  take(agrees: boolean, describe: () => string): void {
    if (agrees) this.same++;
    else if (++this.different <= PRINTED) console.log(`DIFFERENT ${this.what} ${describe()}\n`);
  }

  toString(): string {
    return `${this.what}: ${this.same} same, ${this.different} different`;
  }
}

function judge(generated: GeneratedCase): Verdict {
  const { policy, errors } = compile([{ file: 'policy.rego', text: generated.module }]);
  if (policy === undefined) return errorVerdict(errors.map((error) => error.code));
  try {
    const options = { input: fromJson(generated.input), data: fromJson(generated.data) };
    return valueVerdict(policy.evaluate(generated.query, options));
  } catch (error) {
    if (error instanceof RegoError) return errorVerdict([error.code]);
    if (error instanceof RegoErrors) return errorVerdict(error.errors.map(({ code }) => code));
    return `broken: ${(error as Error).stack}`;
  }
}

function agree(ours: Verdict, theirs: Verdict): boolean {
  if (ours === theirs) return true;
  if ([ours, theirs].some((verdict) => /^(?:errors|undefined|broken)/.test(verdict))) return false;
  return equal(fromJsonText(ours), fromJsonText(theirs));
}

function compareLayouts(opa: string, folder: string, cases: ReadonlyMap<number, GeneratedCase>, tally: Tally): void {
  const sources = join(folder, 'format');
  mkdirSync(sources);
  for (const [seed, { module }] of cases) writeFileSync(join(sources, `${seed}.rego`), module);
  formatFolder(opa, sources);
  for (const [seed, { module }] of cases) {
    const theirs = readFileSync(join(sources, `${seed}.rego`), 'utf8');
    const ours = formatted(module);
    tally.take(ours === theirs, () => `seed ${seed}\nours\n${ours}\ntheirs\n${theirs}`);
  }
}

function formatted(module: string): string {
  try {
    return format('policy.rego', module);
  } catch (error) {
    return String(error);
  }
}

/** Every rule without arguments as a test, each case in a package of its own. */
function withTests(seed: number, { module, input, data }: GeneratedCase): string {
  const own = module.replace('package generated', `package generated_${seed}`);
  const names = new Set([...own.matchAll(/^(?:default )?(p\d+)/gm)].map(([, name]) => name));
  const given = `with input as ${JSON.stringify(input)} with data.base as ${JSON.stringify((data as { base: unknown }).base)}`;
  const tests = [...names].flatMap((name) => [
    `test_${name} if ${name} ${given}`,
    `todo_test_${name} if ${name}`,
    `test_undefined_${name} if not ${name} ${given}`,
  ]);
  return `${own}\n${tests.join('\n\n')}\n`;
}

function compareTests(opa: string, folder: string, cases: ReadonlyMap<number, GeneratedCase>, tally: Tally): void {
  const sources = join(folder, 'tests');
  mkdirSync(sources);
  const modules = [...cases].map(([seed, generated]) => ({
    file: join(sources, `${seed}.rego`),
    text: withTests(seed, generated),
  }));
  for (const { file, text } of modules) writeFileSync(file, text);
  const theirs = testFolder(opa, sources);
  const report = runTests(modules);
  const ours = new Map(report.results.map((result) => [`${result.package}.${result.name}`, outcomeOf(result)]));
  if (ours.size === 0) console.log(report.compileErrors.map(String).join('\n'));
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    tally.take(
      ours.get(name) === theirs.get(name),
      () => `${name}: ours ${ours.get(name)}, theirs ${theirs.get(name)}`,
    );
  }
}

async function run(opa: string, first: number, count: number): Promise<Tally[]> {
  const results = new Tally('result');
  const layouts = new Tally('layout');
  const tests = new Tally('test');
  const folder = mkdtempSync(join(tmpdir(), 'rego-differential-'));
  const valid = new Map<number, GeneratedCase>();
  const server = await OpaServer.start(opa, folder);
  try {
    for (let seed = first; seed < first + count; seed++) {
      const generated = generateCase(seed);
      const asked = server.judge(generated);
      const ours = judge(generated);
      const theirs = await asked;
      results.take(
        agree(ours, theirs),
        () =>
          `seed ${seed}\n${generated.module}\ninput ${JSON.stringify(generated.input)}\nours   ${ours}\ntheirs ${theirs}`,
      );
      if (!/^errors rego_|^broken/.test(ours) && !theirs.startsWith('errors rego_')) valid.set(seed, generated);
    }
    compareLayouts(opa, folder, valid, layouts);
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
  process.exitCode = tallies.every(({ different }) => different === 0) ? 0 : 1;
} else console.log(`skipped: comparison with OPA, there is none at ${values.opa}`);
