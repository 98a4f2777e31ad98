import { describe, expect, it } from 'vitest';
import { BuiltinError } from '../errors.ts';
import { jsonText } from './algorithms/json-text.ts';
import { type BuiltinCase, caseValue, readCases } from './cases.ts';
import { callWith, contextWith } from './testing.ts';

const AMPLE = 100_000_000;

function title({ name, args }: BuiltinCase): string {
  return `${name}(${args.map((arg) => JSON.stringify(arg).slice(0, 60)).join(', ')})`;
}

function outcome({ name, args }: BuiltinCase): Pick<BuiltinCase, 'want' | 'error'> {
  try {
    const result = callWith(contextWith(AMPLE), name, args.map(caseValue));
    return result === undefined ? {} : { want: jsonText(result) };
  } catch (error) {
    if (error instanceof BuiltinError) return { error: error.message };
    throw error;
  }
}

describe.each(readCases())('%s built-ins give what OPA gives', (_group, cases) => {
  it.each(cases.map((testCase) => [title(testCase), testCase] as const))('%s', (_title, testCase) => {
    const { want, error } = outcome(testCase);
    expect(want).toBe(testCase.want);
    if (testCase.error === true) expect(error).toBeDefined();
    else expect(error).toBe(testCase.error);
  });
});
