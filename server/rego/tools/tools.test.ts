import { describe, expect, it } from 'vitest';
import { compile, explain, fromJson, type Policy, pathsRead, RegoErrors, runTests, testReportText } from '../index.ts';

const POLICY = `package app

default allow := false

allow if {
	input.user.role == "admin"
	data.settings.open[input.place]
}

never if {
	input.other
}
`;

const TESTS = `package app_test

import data.app

test_admin if app.allow with input as {"user": {"role": "admin"}, "place": "a"} with data.settings.open as {"a": true}

test_wrong if app.allow with input as {}

todo_test_later if false

test_printing if { print("seen", [1]); false }

test_cases[name] if {
	some name, role in {"one": "admin", "two": "guest"}
	role == "admin"
}

test_all_cases[name] if {
	some name, number in {"one": 1, "two": 2}
	number > 0
}
`;

const sources = [
  { file: 'app.rego', text: POLICY },
  { file: 'app_test.rego', text: TESTS },
];

function policyOf(text: string, traced = false): Policy {
  const { policy, errors } = compile([{ file: 'm.rego', text }], { traced });
  if (policy === undefined) throw new RegoErrors(errors);
  return policy;
}

describe('the test runner', () => {
  const report = runTests(sources, { coverage: true, nanoseconds: () => 0n });
  const byName = new Map(report.results.map((result) => [result.name, result]));

  it('counts what passed, failed and was skipped', () => {
    expect(report).toMatchObject({ passed: 2, failed: 3, skipped: 1, errors: 0 });
    expect(byName.get('test_admin')?.fail).toBeUndefined();
    expect(byName.get('test_wrong')?.fail).toBe(true);
    expect(byName.get('todo_test_later')?.skip).toBe(true);
  });

  it('tells the cases of a test apart', () => {
    expect(byName.get('test_cases')).toMatchObject({
      fail: true,
      sub_results: { one: { name: 'one' }, two: { name: 'two', fail: true } },
    });
    expect(byName.get('test_all_cases')?.fail).toBeUndefined();
  });

  it('keeps what a test printed', () => {
    expect(byName.get('test_printing')?.output).toBe('seen [1]\n');
  });

  it('prints failures and counts', () => {
    const text = testReportText(report);
    expect(text).toContain('data.app_test.test_wrong: FAIL (0µs)');
    expect(text).toContain('data.app_test.todo_test_later: SKIPPED');
    expect(text).toContain('  two: FAIL');
    expect(text).toMatch(/\nPASS: \d\/\d\nFAIL: 3\/\d\nSKIPPED: 1\/\d$/);
  });

  it('covers the lines that were evaluated', () => {
    expect(report.coverage?.files['app.rego']).toEqual({
      covered: [
        { start: { row: 3 }, end: { row: 3 } },
        { start: { row: 5 }, end: { row: 7 } },
      ],
      not_covered: [{ start: { row: 10 }, end: { row: 11 } }],
      covered_lines: 4,
      not_covered_lines: 2,
      coverage: 66.67,
    });
  });

  it('runs only the tests that match', () => {
    expect(runTests(sources, { filter: /wrong/ }).results.map(({ name }) => name)).toEqual(['test_wrong']);
  });

  it('reports a test that ends in an error', () => {
    const text = 'package a\n\np := 1 if true\np := 2 if true\n\ntest_conflict if p == 1\n';
    const { results, errors } = runTests([{ file: 'a.rego', text }]);
    expect(errors).toBe(1);
    expect(results[0]?.error).toContain('eval_conflict_error');
  });

  it('reports sources that do not compile', () => {
    const broken = runTests([{ file: 'a.rego', text: 'package a\n\ntest_x if y\n' }]);
    expect(broken.results).toEqual([]);
    expect(testReportText(broken)).toContain('rego_unsafe_var_error');
  });
});

describe('explain', () => {
  it('names the expression that did not hold', () => {
    const lines = explain(policyOf(POLICY, true), 'data.app.allow', { input: fromJson({ user: { role: 'guest' } }) });
    expect(lines).toContain('m.rego:6 | Fail input.user.role == "admin"');
    expect(lines).toContain('m.rego:5 Fail data.app.allow');
    expect(lines).toContain('m.rego:3 Exit data.app.allow');
  });

  it('tells only failures when asked to', () => {
    const lines = explain(policyOf(POLICY, true), 'data.app.allow', { input: fromJson({}) }, 'fails');
    expect(lines.some((line) => line.includes('Eval'))).toBe(false);
    expect(lines.some((line) => line.includes('Fail input.user.role'))).toBe(true);
  });
});

describe('paths', () => {
  it('lists what the policy reads of input and base data', () => {
    expect(pathsRead(policyOf(POLICY))).toEqual({
      input: ['input.other', 'input.place', 'input.user.role'],
      data: ['data.settings.open'],
      rules: ['data.app.allow', 'data.app.never'],
    });
  });

  it('lists what one entrypoint can reach', () => {
    expect(pathsRead(policyOf(POLICY), 'data.app.never')).toEqual({
      input: ['input.other'],
      data: [],
      rules: ['data.app.never'],
    });
    expect(pathsRead(policyOf(POLICY), 'input.mine > 1; data.app.never').input).toEqual(['input.mine', 'input.other']);
  });

  it('ends a path where a variable step begins', () => {
    const policy = policyOf(
      'package a\n\np contains x if x := input.list[_].name\n\nq := data.a.p\n\nr := input["odd key"]\n',
    );
    expect(pathsRead(policy)).toMatchObject({ input: ['input.list', 'input["odd key"]'], data: [] });
  });
});
