import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { compilePattern } from '../../server/rego/builtins/algorithms/regular-expression.ts';
import { HOSTILE_CALLS } from '../../server/rego/builtins/hostile-calls.ts';
import { HOSTILE_PATTERNS, HOSTILE_VARIANTS } from '../../server/rego/builtins/hostile-variants.ts';
import { all, lookup } from '../../server/rego/builtins/registry.ts';
import { valuesOf } from '../../server/rego/builtins/testing.ts';
import { EvaluationBudget } from '../../server/rego/evaluate/budget.ts';
import { Machine } from '../../server/rego/evaluate/machine.ts';
import { compile, DECISION_LIMITS, RegoError, RegoObject, type Value } from '../../server/rego/index.ts';
import { BOMBS, DATA, INPUT } from './hostile-policies.ts';

/** What is counted has to end an evaluation in time; the clock would hide where it does not. */
const LIMITS = { ...DECISION_LIMITS, milliseconds: 60_000 };
/**
 * Processor time that a decision may take from a server's other work is 50 ms, which every case keeps on a processor that does
 * nothing else. Beside other work caches and memory are shared, which slows some kinds of work far more than others.
 */
const MILLISECONDS = 50 * 1.5;
/** A measurement above this is taken again: code that ran seldom is slower, and so is a machine that does other work besides. */
const CLEARLY_BELOW = 40;
/** The lowest of several measurements counts. */
const ATTEMPTS = 12;

const figures: [string, number][] = [];

afterAll(() => {
  const slowest = figures.sort((a, b) => b[1] - a[1]).slice(0, 8);
  console.info(slowest.map(([name, time]) => `${name}: ${time.toFixed(1)} ms`).join('\n'));
});

/** What the reference work takes on a processor that does nothing else. */
const REFERENCE_MILLISECONDS = 20;

/** How many times slower than usual the processor is now, by work of the same kind: reading and making text. */
function slowness(): number {
  const before = process.cpuUsage();
  const pieces: string[] = [];
  for (let index = 0; index < 150_000; index++) pieces.push(String.fromCharCode(97 + (index % 26)) + index);
  const text = pieces.join('');
  let sum = 0;
  for (let index = 0; index < text.length; index++) sum = (Math.imul(sum, 31) + text.charCodeAt(index)) | 0;
  const { user, system } = process.cpuUsage(before);
  return Math.max(1, (user + system) / 1_000 / REFERENCE_MILLISECONDS + (sum === 0 ? 1 : 0));
}

/**
 * Runs until it was fast enough once, but not endlessly; gives the least processor time in milliseconds, as it would be
 * on a processor that does nothing else.
 */
function leastTime(name: string, run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && least > CLEARLY_BELOW; attempt++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    const taken = (user + system) / 1_000;
    least = Math.min(least, taken <= CLEARLY_BELOW ? taken : taken / slowness());
  }
  figures.push([name, least]);
  return least;
}

describe('hostile calls of built-ins', () => {
  it('know every built-in', () => {
    const names = [...all()].map(({ name }) => name).sort();
    expect(Object.keys(HOSTILE_CALLS).sort()).toEqual(names);
  });

  it.each(Object.entries(HOSTILE_CALLS))('%s ends soon, however often a policy calls it', (name, args) => {
    const values = valuesOf(args);
    expect(leastTime(name, () => callUntilStopped(name, values))).toBeLessThan(MILLISECONDS);
  });
});

describe('further hostile calls', () => {
  it.each(HOSTILE_VARIANTS)('%s of %s ends soon', (name, what, args) => {
    const values = valuesOf(args);
    expect(leastTime(`${name} of ${what}`, () => callUntilStopped(name, values))).toBeLessThan(MILLISECONDS);
  });

  it.each(Object.entries(HOSTILE_PATTERNS))('patterns that are compiled in a loop end soon: %s', (name, pattern) => {
    let made = 0;
    const compileUntilStopped = () => {
      const budget = new EvaluationBudget(LIMITS, Date.now);
      expect(() => {
        for (;;) compilePattern(pattern(made++), (steps) => budget.charge(steps));
      }).toThrow(RegoError);
    };
    expect(leastTime(name, compileUntilStopped)).toBeLessThan(MILLISECONDS);
  });
});

/** Calls the built-in as a loop of a policy does, until the budget is gone; at most as often as the budget has steps for. */
function callUntilStopped(name: string, values: readonly Value[]): void {
  const builtin = lookup(name)!;
  const budget = new EvaluationBudget(LIMITS, Date.now);
  const machine = new Machine(
    {
      budget,
      builtins: { limits: budget, clockNs: 0n, cache: new Map(), location: undefined, print: () => undefined },
      strictBuiltinErrors: false,
    },
    undefined,
    RegoObject.empty,
  );
  const location = { file: '', row: 1, column: 1, offset: 0, text: '' };
  try {
    for (let call = 0; call < LIMITS.steps; call++) {
      // A turn of a loop and what it binds.
      budget.charge(2);
      machine.callBuiltin(builtin, values, location);
    }
  } catch (error) {
    const isStack = error instanceof RangeError && /call stack/.test(error.message);
    if (!isStack && !(error instanceof RegoError && error.code === 'eval_cancel_error')) throw error;
  }
}

describe('hostile policies', () => {
  it.each(Object.entries(BOMBS))('%s: end soon, with a result or a clear error', (name, body) => {
    const { policy, errors } = compile([{ file: 'hostile.rego', text: `package hostile\n\n${body}\n` }]);
    expect(errors.map(String)).toEqual([]);
    const print = () => undefined;
    const run = () => {
      try {
        policy?.evaluate('data.hostile.p', { input: INPUT, data: DATA, limits: LIMITS, capabilities: { print } });
      } catch (error) {
        expect(error).toBeInstanceOf(RegoError);
        expect((error as RegoError).code).toMatch(/^eval_/);
        expect((error as RegoError).message).not.toBe('');
      }
    };
    expect(leastTime(name, run)).toBeLessThan(MILLISECONDS);
  });

  it('need little memory, all of them together with the engine that runs them', async () => {
    const program = fileURLToPath(new URL('./hostile-memory.fixture.ts', import.meta.url));
    const options = ['--max-old-space-size=80', '--import', 'tsx'];
    const { stdout } = await promisify(execFile)(process.execPath, [...options, program]);
    expect(Number(stdout)).toBe(Object.keys(BOMBS).length);
  });
});
