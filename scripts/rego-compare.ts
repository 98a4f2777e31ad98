/** Compares what this engine and a real OPA make of generated policies: results, layouts and test reports. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, equal, format, fromJsonText, RegoError, RegoErrors, runTests } from '../server/rego/index.ts';
import type { GeneratedCase } from '../server/rego/tools/generate/generate.ts';
import { disturbComments, disturbLayout } from '../server/rego/tools/generate/layout.ts';
import { errorVerdict, formatFolder, outcomeOf, testFolder, type Verdict, valueVerdict } from './rego-opa.ts';

/** Differences of a kind that are printed. */
const PRINTED = 20;

/** Counts the comparisons of a kind and prints those that differ. */
export class Tally {
  same = 0;
  different = 0;
  /** Differences that are known and looked at. */
  known = 0;
  /** Cases over which the other engine broke. */
  unanswered = 0;
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }

  take(agrees: boolean, describe: () => string): void {
    if (agrees) this.same++;
    else if (++this.different <= PRINTED) console.log(`DIFFERENT ${this.what} ${describe()}\n`);
  }

  /** Counts a comparison that is known to differ; that it does not any more is a difference too. */
  takeKnown(agrees: boolean, describe: () => string): void {
    if (agrees) this.take(false, () => `${describe()}\nis listed as a known difference and is none`);
    else this.known++;
  }

  takeUnanswered(describe: () => string): void {
    if (++this.unanswered <= PRINTED) console.log(`UNANSWERED ${this.what} ${describe()}\n`);
  }

  toString(): string {
    const unanswered = this.unanswered === 0 ? '' : `, ${this.unanswered} unanswered`;
    return `${this.what}: ${this.same} same, ${this.different} different, ${this.known} known to differ${unanswered}`;
  }
}

/** What this engine says of a case. */
export function judge(generated: GeneratedCase): Verdict {
  const { policy, errors } = compile([{ file: 'policy.rego', text: generated.module }]);
  if (policy === undefined) return errorVerdict(errors.map((error) => error.code));
  try {
    const options = { input: fromJsonText(generated.input), data: fromJsonText(generated.data) };
    return valueVerdict(policy.evaluate(generated.query, options));
  } catch (error) {
    if (error instanceof RegoError) return errorVerdict([error.code]);
    if (error instanceof RegoErrors) return errorVerdict(error.errors.map(({ code }) => code));
    return `broken: ${(error as Error).stack}`;
  }
}

/** Whether two verdicts mean the same: values are compared by value, so `1` and `1.0` agree. */
export function agree(ours: Verdict, theirs: Verdict): boolean {
  if (ours === theirs) return true;
  if ([ours, theirs].some((verdict) => /^(?:errors|undefined|broken)/.test(verdict))) return false;
  return equal(fromJsonText(ours), fromJsonText(theirs));
}

/** Formats each module as it is, in a disturbed layout, and with comments, with both. */
export function compareLayouts(
  opa: string,
  folder: string,
  cases: ReadonlyMap<number, GeneratedCase>,
  known: ReadonlySet<string>,
  tally: Tally,
): void {
  const sources = join(folder, 'format');
  mkdirSync(sources);
  const modules = new Map<string, string>();
  for (const [seed, { module }] of cases) {
    modules.set(`${seed}`, module);
    modules.set(`${seed} disturbed`, disturbLayout(module, seed));
    modules.set(`${seed} commented`, disturbComments(module, seed));
  }
  for (const [name, module] of modules) writeFileSync(join(sources, `${name}.rego`), module);
  formatFolder(opa, sources);
  for (const [name, module] of modules) {
    const theirs = readFileSync(join(sources, `${name}.rego`), 'utf8');
    const ours = formatted(module);
    const describe = (): string => `seed ${name}\n${module}\nours\n${ours}\ntheirs\n${theirs}`;
    if (known.has(name)) tally.takeKnown(ours === theirs, describe);
    else tally.take(ours === theirs, describe);
  }
}

function formatted(module: string): string {
  try {
    return format('policy.rego', module);
  } catch (error) {
    return String(error);
  }
}

/** Runs the rules of all cases as tests with both. */
export function compareTests(
  opa: string,
  folder: string,
  cases: ReadonlyMap<number, GeneratedCase>,
  tally: Tally,
): void {
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

/** Every rule without arguments as a test, each case in a package of its own. */
function withTests(seed: number, { module, input, data }: GeneratedCase): string {
  const own = module.replaceAll(/(?<=^package |data\.)generated/gm, `generated_${seed}`);
  const names = new Set([...own.matchAll(/^(?:default )?(p\d+)/gm)].map(([, name]) => name));
  const base = data.slice('{"base": '.length, -1);
  const given = `with input as ${input} with data.base as ${base}`;
  const tests = [...names].flatMap((name) => [
    `test_${name} if ${name} ${given}`,
    `todo_test_${name} if ${name}`,
    `test_undefined_${name} if not ${name} ${given}`,
    `test_again_${name} if not ${name} ${given}`,
    `test_again_${name} if ${name} ${given}`,
    `test_case_${name}[sprintf("%d", [n])].x[n] if { some n in [1, 2, 2]; n == 1; ${name} ${given} }`,
  ]);
  return `${own}\n${tests.join('\n\n')}\n`;
}
