/**
 * Compares this engine with a real OPA: `npm run rego:differential -- --opa PATH [--count N] [--seed N]`.
 *
 * Generates policies with inputs and data, evaluates each with both, and prints every case in which the result or the
 * error code differs. Ends with `N same, N different`; the exit code is 1 when some differ.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  compile,
  equal,
  fromJson,
  fromJsonText,
  RegoError,
  RegoErrors,
  type RegoObject,
  toJsonText,
  type Value,
} from '../server/rego/index.ts';
import { type GeneratedCase, generateCase } from '../server/rego/tools/generate.ts';

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
const { opa } = values;
const folder = mkdtempSync(join(tmpdir(), 'rego-differential-'));

/** A result as text: the value, `undefined`, or the error codes. */
function describe(value: Value | undefined): string {
  return value === undefined ? 'undefined' : toJsonText(fromJsonText(toJsonText(value)));
}

function askOurs(generated: GeneratedCase): string {
  const { policy, errors } = compile([{ file: 'policy.rego', text: generated.module }]);
  if (policy === undefined) return codes(errors.map((error) => error.code));
  try {
    const options = { input: fromJson(generated.input), data: fromJson(generated.data) };
    return describe(policy.evaluate(generated.query, options));
  } catch (error) {
    if (error instanceof RegoError) return codes([error.code]);
    if (error instanceof RegoErrors) return codes(error.errors.map(({ code }) => code));
    return `broken: ${(error as Error).stack}`;
  }
}

function codes(list: readonly string[]): string {
  return `errors ${[...new Set(list)].sort().join(', ')}`;
}

function askOpa(generated: GeneratedCase): string {
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const policy = file('policy.rego', generated.module);
  const input = file('input.json', JSON.stringify(generated.input));
  const data = file('data.json', JSON.stringify(generated.data));
  const args = ['eval', '-f', 'json', '-d', policy, '-d', data, '-i', input, generated.query];
  let text: string;
  try {
    text = execFileSync(opa, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    text = (error as { stdout?: string }).stdout ?? '';
  }
  const answer = fromJsonText(text) as RegoObject;
  const errors = answer.get('errors') as readonly RegoObject[] | undefined;
  if (errors !== undefined) return codes(errors.map((error) => String(error.get('code'))));
  const rows = answer.get('result') as readonly RegoObject[] | undefined;
  const expressions = rows?.[0]?.get('expressions') as readonly RegoObject[] | undefined;
  return describe(expressions?.[0]?.get('value'));
}

function agree(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  if (ours.startsWith('errors') || theirs.startsWith('errors')) return false;
  if (ours === 'undefined' || theirs === 'undefined' || ours.startsWith('broken')) return false;
  return equal(fromJsonText(ours), fromJsonText(theirs));
}

let same = 0;
let different = 0;
try {
  const first = Number(values.seed);
  for (let seed = first; seed < first + Number(values.count); seed++) {
    const generated = generateCase(seed);
    const ours = askOurs(generated);
    const theirs = askOpa(generated);
    if (agree(ours, theirs)) {
      same++;
      continue;
    }
    different++;
    console.log(
      `DIFFERENT seed ${seed}\n${generated.module}\ninput ${JSON.stringify(generated.input)}\nours   ${ours}\ntheirs ${theirs}\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${same} same, ${different} different`);
process.exitCode = different === 0 ? 0 : 1;
