import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompileOptions, compile, format, fromJson, parseModule, RegoError, toText } from './index.ts';
import { indexableInput, indexableModule } from './indexable.fixture.ts';
import { generateCase } from './tools/generate/generate.ts';

/** Generated policies; some of them do not parse, which is no matter of this file. */
const generated = fc
  .nat({ max: 1_000_000 })
  .map((seed) => {
    const { module, input, data, query } = generateCase(seed);
    return {
      module,
      input: JSON.parse(input.replace('1e400', '1e300')) as unknown,
      data: JSON.parse(data) as unknown,
      query,
    };
  })
  .filter(({ module }) => parseModule('generated.rego', module).errors.length === 0);
const limits = { steps: 500_000, memory: 500_000, milliseconds: 60_000 };

interface Question {
  readonly module: string;
  readonly input: unknown;
  readonly data?: unknown;
  /** A path whose document is asked for. */
  readonly path: string;
}

/** The document as text, or the code and message of the error that came instead, without rows. */
function answer({ module, input, data, path }: Question, options: CompileOptions = {}): string {
  const { policy, errors } = compile([{ file: 'generated.rego', text: module }], options);
  if (policy === undefined) return errors.map(({ code, message }) => `${code}: ${message}`).join('\n');
  try {
    const value = policy.evaluate(path, { input: fromJson(input), data: fromJson(data ?? {}), limits });
    return value === undefined ? 'undefined' : toText(value);
  } catch (error) {
    if (error instanceof RegoError) return `${error.code}: ${error.message.replace(/:\d+/g, '')}`;
    throw error;
  }
}

function isResult(text: string): boolean {
  return !/^(rego|eval)_/.test(text);
}

describe('formatting', () => {
  it('gives what parses, and the same again for what it gave', () => {
    fc.assert(
      fc.property(generated, ({ module }) => {
        const once = format('generated.rego', module);
        expect(parseModule('generated.rego', once).errors).toEqual([]);
        expect(format('generated.rego', once)).toBe(once);
      }),
      { seed: 1, numRuns: 800 },
    );
  });

  it('does not change what a policy answers', () => {
    let results = 0;
    fc.assert(
      fc.property(generated, ({ query, ...made }) => {
        const question = { ...made, path: query };
        const before = answer(question);
        expect(answer({ ...question, module: format('generated.rego', made.module) })).toBe(before);
        if (isResult(before)) results++;
      }),
      { seed: 2, numRuns: 500 },
    );
    expect(results).toBeGreaterThan(80);
  });
});

describe('the index', () => {
  const NAMES = ['members', 'value', 'entries', 'calls', 'groups'];

  it('does not change what rules of one name answer', () => {
    const results = new Map(NAMES.map((name) => [name, 0]));
    fc.assert(
      fc.property(indexableModule, indexableInput, (module, input) => {
        for (const name of NAMES) {
          const question = { module, input, path: `data.generated.${name}` };
          const found = answer(question);
          expect([name, answer(question, { indexed: false })]).toEqual([name, found]);
          if (isResult(found) && found !== 'undefined') results.set(name, results.get(name)! + 1);
        }
      }),
      { seed: 3, numRuns: 200 },
    );
    for (const [name, count] of results) expect([name, count > 25]).toEqual([name, true]);
  });

  it('does not change what policies of every kind answer', () => {
    fc.assert(
      fc.property(generated, ({ query, ...made }) => {
        const question = { ...made, path: query };
        expect(answer(question, { indexed: false })).toBe(answer(question));
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it('is what spares trying every rule', () => {
    const rules = Array.from({ length: 500 }, (_, index) => `p contains ${index} if input.a == ${index}`);
    const sources = [{ file: 'many.rego', text: `package many\n\n${rules.join('\n\n')}\n` }];
    const ask = (indexed: boolean) => () =>
      compile(sources, { indexed }).policy!.evaluate('data.many.p', {
        input: fromJson({ a: 7 }),
        limits: { steps: 100 },
      });
    expect(toText(ask(true)()!)).toBe('{7}');
    expect(ask(false)).toThrow('step limit of 100');
  });
});
