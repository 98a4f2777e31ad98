import { describe, expect, it } from 'vitest';
import { startThread } from '../../db/worker-url.ts';
import type { EvaluateRequest } from './messages.ts';
import { runInWorker } from './run.ts';

const BASE: EvaluateRequest = {
  kind: 'evaluate',
  sources: [],
  documents: [],
  query: '1',
  version: 'v1',
  strict: false,
  strictBuiltinErrors: false,
  imports: [],
  coverage: false,
};
const NO_LIMITS = { steps: Number.MAX_SAFE_INTEGER, memory: Number.MAX_SAFE_INTEGER, milliseconds: 600_000 };

describe('the Rego worker', () => {
  it('answers a query with policies, documents and input', async () => {
    const response = await runInWorker(
      {
        ...BASE,
        sources: [{ file: 'a.rego', text: 'package a\np := [input.n, data.list[0]]' }],
        documents: [{ file: 'd.yaml', path: [], syntax: 'yaml', text: 'list: [12345678901234567890]' }],
        input: { file: 'i.json', path: [], syntax: 'json', text: '{"n": 1.50}' },
        query: 'x := data.a.p; x[0] < 2',
      },
      { milliseconds: 60_000, memoryMegabytes: 128 },
      startThread,
    );
    expect(response).toMatchObject({ kind: 'evaluate' });
    expect((response as { rows: string }).rows).toBe(
      '[{"expressions":[{"value":true,"text":"x := data.a.p","location":{"row":1,"col":1}},' +
        '{"value":true,"text":"x[0] < 2","location":{"row":1,"col":16}}],' +
        '"bindings":{"x":[1.50,12345678901234567890]}}]',
    );
  });

  it('tells which documents contradict each other', async () => {
    const document = (file: string, text: string) => ({ file, path: ['a'], syntax: 'json' as const, text });
    const response = await runInWorker(
      { ...BASE, documents: [document('one.json', '{"b": 1}'), document('two.json', '{"b": {"c": 2}}')] },
      { milliseconds: 60_000, memoryMegabytes: 128 },
      startThread,
    );
    expect(response).toEqual({
      kind: 'failed',
      stage: 'load',
      errors: [{ message: 'two.json: merge error: conflicting values at data.a.b, also defined in one.json' }],
    });
  });

  it('ends a thread that takes too long', async () => {
    const endless = 'count([x | x := numbers.range(1, 3000)[_]; y := numbers.range(1, 3000)[_]; x + y < 0; y > 0]) > 0';
    const request = { ...BASE, query: `${endless}; ${endless.replaceAll('3000', '3001')}`, limits: NO_LIMITS };
    const run = runInWorker(request, { milliseconds: 1_000, memoryMegabytes: 512 }, startThread);
    await expect(run).rejects.toMatchObject({ name: 'WorkerLimitError', limit: 'milliseconds' });
  });

  it('ends a thread that takes too much memory, and the process goes on', async () => {
    const request = {
      ...BASE,
      query: 'x := [[i, j] | i := numbers.range(1, 9000)[_]; j := numbers.range(1, 9000)[_]]',
    };
    const run = runInWorker(
      { ...request, limits: NO_LIMITS },
      { milliseconds: 120_000, memoryMegabytes: 48 },
      startThread,
    );
    await expect(run).rejects.toMatchObject({ name: 'WorkerLimitError', limit: 'memoryMegabytes' });
  });
});
