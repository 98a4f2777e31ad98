import { afterAll, describe, expect, it } from 'vitest';
import { HOSTILE_CALLS } from '../../server/rego/builtins/hostile-calls.ts';
import { all } from '../../server/rego/builtins/registry.ts';
import { callWith, contextWith, LimitReached, valuesOf } from '../../server/rego/builtins/testing.ts';
import { BuiltinError, compile, fromJson, RegoError } from '../../server/rego/index.ts';

/** What one evaluation may spend. */
const STEPS = 300_000;
/** Processor time that may pass between two steps of a server's other work: 50 ms, with room for a busy machine. */
const MILLISECONDS = 400;
/** The lowest of several measurements counts: the others hold what the machine did besides. */
const ATTEMPTS = 4;

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
 * Runs until it was fast enough once, at most four times; gives the least processor time in milliseconds, as it would be
 * on a processor that does nothing else.
 */
function leastTime(name: string, run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && least > MILLISECONDS / 3; attempt++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    const taken = (user + system) / 1_000;
    least = Math.min(least, taken <= MILLISECONDS / 3 ? taken : taken / slowness());
  }
  figures.push([name, least]);
  return least;
}

describe('hostile calls of built-ins', () => {
  it('know every built-in', () => {
    const names = [...all()].map(({ name }) => name).sort();
    expect(Object.keys(HOSTILE_CALLS).sort()).toEqual(names);
  });

  it.each(Object.entries(HOSTILE_CALLS))('%s ends soon, with a result, an error or the limit', (name, args) => {
    const values = valuesOf(args);
    const run = () => {
      try {
        callWith(contextWith(STEPS, { print: () => undefined }), name, values);
      } catch (error) {
        if (!(error instanceof BuiltinError || error instanceof LimitReached)) throw error;
      }
    };
    expect(leastTime(name, run)).toBeLessThan(MILLISECONDS);
  });
});

const RANGE = 'numbers.range(1, 20000)';
const DOUBLING = Array.from({ length: 40 }, (_, index) => `p${index + 1} := concat("", [p${index}, p${index}])`);
const FANNING = Array.from(
  { length: 40 },
  (_, index) => `f${index + 1}(x) := y if {\n\ty := f${index}([x, 1]) + f${index}([x, 2])\n}`,
);

/** Bodies of modules whose document `p` would take very long, or very much memory. */
const BOMBS: Readonly<Record<string, string>> = {
  'nested comprehensions': `p := [a | x := r[_]; a := [b | y := r[_]; b := [c | z := r[_]; c := x + y + z]]]\n\nr := ${RANGE}`,
  'a product of many iterations': 'p if {\n\tsome a, b, c, d, e in r\n\ta + b + c + d + e == -1\n}'
    .replace('some a, b, c, d, e in r', ['a', 'b', 'c', 'd', 'e'].map((name) => `some ${name} in r`).join('\n\t'))
    .concat(`\n\nr := ${RANGE}`),
  'rules that double a string': `p0 := "aaaaaaaaaaaaaaaa"\n\n${DOUBLING.join('\n\n')}\n\np := count(p40)`,
  'functions that call two functions each': `f0(_) := 1\n\n${FANNING.join('\n\n')}\n\np := f40(1)`,
  'a set of all pairs': `p contains [x, y] if {\n\tsome x in r\n\tsome y in r\n}\n\nr := ${RANGE}`,
  'a growing object': `p[x][y] := x + y if {\n\tsome x in r\n\tsome y in r\n}\n\nr := ${RANGE}`,
  'walk over walk': 'p := [1 | walk(input.deep, [_, x]); walk(x, [_, y]); walk(y, [_, z]); z == 0]',
  'a pattern that backtracks': 'p if regex.match(`^(a+)+(a|aa)+$`, concat("", [input.long, "b"]))',
  'a pattern for every element': `p := [x | some x in ${RANGE}; regex.match(sprintf("^(a|b%d)*c$", [x]), input.long)]`,
  'a glob of many stars':
    'p if glob.match(concat("", [s | some x in numbers.range(1, 300); s := sprintf("*a%d", [x])]), [], input.long)',
  'patches in a row': `p := json.patch(input.wide, [{"op": "add", "path": sprintf("/n%d", [x]), "value": input.wide} | some x in ${RANGE}])`,
  'a power by squaring': `p := x${'0'} if {\n\tx40 := 999999999999999999\n${Array.from({ length: 40 }, (_, index) => `\tx${39 - index} := x${40 - index} * x${40 - index}`).join('\n')}\n}`,
  'every in every': `p if every x in r { every y in r { x + y > 0 } }\n\nr := ${RANGE}`,
  'with in a loop': `p := [v | some x in r; v := q with input.n as x]\n\nq := [input.n | some y in r; y == input.n]\n\nr := ${RANGE}`,
  'sprintf of wide fields': `p := [s | some x in ${RANGE}; s := sprintf("%100000d", [x])]`,
  'sorting in a loop': `p := [s | some x in r; s := sort(array.concat(r, [x]))]\n\nr := ${RANGE}`,
  'all paths of a graph': 'p := graph.reachable_paths(input.graph, {"n0"})',
  'documents in documents': `p := [y | some x in r; y := json.unmarshal(json.marshal([input.wide, x]))]\n\nr := ${RANGE}`,
};

const INPUT = fromJson({
  deep: Array.from({ length: 300 }).reduce<unknown>((inner) => [inner, inner === null ? 0 : 1], null),
  long: 'a'.repeat(50_000),
  wide: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key${index}`, index])),
  graph: Object.fromEntries(
    Array.from({ length: 30 }, (_, from) => [`n${from}`, Array.from({ length: 30 }, (_, to) => `n${to}`)]),
  ),
});

describe('hostile policies', () => {
  it.each(Object.entries(BOMBS))('%s: end soon, with a result or a clear error', (name, body) => {
    const { policy, errors } = compile([{ file: 'hostile.rego', text: `package hostile\n\n${body}\n` }]);
    expect(errors.map(String)).toEqual([]);
    const run = () => {
      try {
        policy?.evaluate('data.hostile.p', { input: INPUT, limits: { steps: STEPS, memory: STEPS } });
      } catch (error) {
        expect(error).toBeInstanceOf(RegoError);
        expect((error as RegoError).code).toMatch(/^eval_/);
        expect((error as RegoError).message).not.toBe('');
      }
    };
    expect(leastTime(name, run)).toBeLessThan(MILLISECONDS);
  });
});
