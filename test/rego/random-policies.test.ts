import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile, fromJson, fromJsonText, RegoError, toText, type Value } from '../../server/rego/index.ts';
import { generateCase } from '../../server/rego/tools/generate/generate.ts';

/** What the policies of this file may spend; far less than the usual limits, so that all reach them often. */
const LIMITS = { steps: 100_000, memory: 50_000, milliseconds: 60_000 };

/** How long one evaluation within these limits may take on a busy machine; its least of some attempts counts. */
const MILLISECONDS = 3_000;
const ATTEMPTS = 3;

/** Terms that make much of little: each name is a kind of value, and each can be made of the others. */
const term = fc.letrec<{ list: string; text: string; number: string }>((tie) => {
  const [list, text, number] = [tie('list'), tie('text'), tie('number')];
  const of = (form: string, ...parts: fc.Arbitrary<string>[]) =>
    fc.tuple(...parts).map((given) => given.reduce((made, part) => made.replace('?', () => part), form));
  const bounds = { maxDepth: 4, depthSize: 'large' } as const;
  return {
    list: fc.oneof(
      bounds,
      fc.constantFrom('input.list', '[1, "a", [2]]'),
      of('numbers.range(1, ?)', number),
      of('[[x, y] | some x in ?; some y in ?]', list, list),
      of('[x | some x in ?; some y in ?; x == y]', list, list),
      of('[z | some x in ?; z := ?]', list, list),
      of('[s | some x in ?; s := ?]', list, text),
      of('array.concat(?, ?)', list, list),
      of('array.flatten(?)', list),
      of('array.reverse(?)', list),
      of('sort(?)', list),
      of('[v | walk(?, [_, v])]', list),
      of('split(?, "")', text),
      of('regex.find_n(`.`, ?, -1)', text),
      of('json.unmarshal(json.marshal(?))', list),
      of('[x | {x | some x in ?}[x]]', list),
    ),
    text: fc.oneof(
      bounds,
      fc.constantFrom('input.text', '"ab"'),
      of('concat("", [?, ?])', text, text),
      of('replace(?, "a", ?)', text, text),
      of('sprintf("%v%v", [?, ?])', list, text),
      of('sprintf("%*d", [?, 1])', number),
      of('json.marshal(?)', list),
      of('json.marshal({k: ? | some k in ?})', list, list),
      of('base64.encode(?)', text),
      of('upper(strings.reverse(?))', text),
      of('$"{?} {?}"', number, list),
      of('format_int(?, 2)', number),
    ),
    number: fc.oneof(
      bounds,
      fc.constantFrom('1', '40', '3000', 'input.number'),
      of('count(?)', list),
      of('count(?)', text),
      of('(? * ?)', number, number),
      of('(? + ?)', number, number),
      of('bits.lsh(?, ?)', number, number),
      of('sum([1 | some x in ?])', list),
    ),
  };
});

const INPUT = fromJson({
  list: Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? `a${index}` : [index])),
  text: 'ab'.repeat(500),
  number: 10_000,
});

type Outcome = { readonly value: string | undefined } | { readonly error: RegoError };

function evaluate(text: string, path: string, input: Value, data: unknown, limits = LIMITS): Outcome {
  const { policy, errors } = compile([{ file: 'random.rego', text }]);
  if (policy === undefined) return { error: errors[0]! };
  try {
    const value = policy.evaluate(path, { input, data: fromJson(data), limits });
    return { value: value === undefined ? undefined : toText(value) };
  } catch (error) {
    if (error instanceof RegoError) return { error };
    throw error;
  }
}

function leastTime(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && least > MILLISECONDS; attempt++) {
    const before = performance.now();
    run();
    least = Math.min(least, performance.now() - before);
  }
  return least;
}

describe('policies that make much of little', () => {
  it('end within their limits, with a result or an error that says which limit', () => {
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(term.list, { minLength: 1, maxLength: 3 }), term.text, (lists, text) => {
        const rules = [...lists, text].map((each, index) => `p${index} := ${each}`);
        const module = `package random\n\nimport rego.v1\n\n${rules.join('\n\n')}\n`;
        let outcome: Outcome | undefined;
        const time = leastTime(() => {
          outcome = evaluate(module, 'data.random', INPUT, {});
        });
        expect(time).toBeLessThan(MILLISECONDS);
        const end =
          'error' in outcome! ? `${outcome.error.code}: ${/\w+ limit/.exec(outcome.error.message)?.[0]}` : 'result';
        // Nesting at random also makes policies that do not compile.
        if (end.startsWith('rego_')) return;
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }),
      { seed: 5, numRuns: 150 },
    );
    expect([...ends.keys()].sort()).toEqual([
      'eval_cancel_error: memory limit',
      'eval_cancel_error: step limit',
      'result',
    ]);
    for (const count of ends.values()) expect(count).toBeGreaterThan(10);
  });
});

describe('any policy', () => {
  const seed = fc.nat({ max: 1_000_000 });

  it('answers the same under a limit as without, or says that the limit ended it', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 400 }), (number, steps) => {
        const { module, input, data, query } = generateCase(number);
        const free = evaluate(module, query, fromJsonText(input), JSON.parse(data));
        const limited = evaluate(module, query, fromJsonText(input), JSON.parse(data), { ...LIMITS, steps });
        if ('error' in limited && limited.error.code === 'eval_cancel_error') {
          expect(limited.error.message).toContain(`step limit of ${steps}`);
        } else expect(String(Object.values(limited)[0])).toBe(String(Object.values(free)[0]));
      }),
      { seed: 6, numRuns: 400 },
    );
  });

  it('asks the clock often enough to end soon after its time', () => {
    fc.assert(
      fc.property(term.list, (list) => {
        let now = 0;
        const { policy } = compile([{ file: 'random.rego', text: `package random\n\np := ${list}\n` }]);
        const clock = () => now++;
        try {
          policy?.evaluate('data.random.p', {
            input: INPUT,
            now: clock,
            limits: { ...LIMITS, steps: 200_000, milliseconds: 5 },
          });
        } catch (error) {
          expect(error).toBeInstanceOf(RegoError);
        }
        // The start asks twice; then each look is a millisecond, and the sixth one ends it.
        expect(now).toBeLessThanOrEqual(9);
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});
