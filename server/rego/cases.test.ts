import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCases, runCase } from './tools/conformance.ts';

const folder = new URL('./cases/', import.meta.url);

for (const file of readdirSync(folder).sort()) {
  describe(file.replace('.json', ''), () => {
    for (const testCase of readCases(readFileSync(new URL(file, folder), 'utf8'))) {
      it(testCase.note, () => {
        expect(runCase(testCase)).toBeUndefined();
      });
    }
  });
}

describe('the case runner', () => {
  it('reports a result that differs', () => {
    const failure = runCase({
      note: '',
      modules: ['package test\n\np := 1'],
      query: 'data.test.p = x',
      want_result: [],
    });
    expect(failure).toContain('got');
  });

  it('reports an error that is missing', () => {
    const failure = runCase({
      note: '',
      modules: ['package test'],
      query: 'x = 1',
      want_error_code: 'rego_type_error',
    });
    expect(failure).toContain('wanted rego_type_error');
  });

  it('reports errors beyond the wanted ones', () => {
    const failure = runCase({ note: '', modules: ['package test\n\np if x'], want_errors: [], exhaustive: true });
    expect(failure).toContain('more errors than wanted');
  });
});
