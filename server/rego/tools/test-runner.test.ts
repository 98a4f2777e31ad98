import { describe, expect, it } from 'vitest';
import { runTests, testReportText } from '../index.ts';

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

  it('runs only the tests that match', () => {
    expect(runTests(sources, { filter: /wrong/ }).results.map(({ name }) => name)).toEqual(['test_wrong']);
  });

  it('reports a test that ends in an error', () => {
    const text = 'package a\n\np := 1 if true\np := 2 if true\n\ntest_conflict if p == 1\n';
    const { results, errors } = runTests([{ file: 'a.rego', text }]);
    expect(errors).toBe(1);
    expect(results[0]?.error).toContain('eval_conflict_error');
  });

  /** What the tests of a module give, by name: `pass`, `fail` or `error`, with the tree of cases. */
  function outcomes(...lines: string[]): Record<string, unknown> {
    const { results } = runTests([{ file: 'a_test.rego', text: ['package a', ...lines].join('\n\n') }]);
    return Object.fromEntries(
      results.map(({ name, fail, error, sub_results }) => [
        name,
        [error === undefined ? (fail ? 'fail' : 'pass') : error.split('\n')[0], ...(sub_results ? [sub_results] : [])],
      ]),
    );
  }

  it('runs every rule of a name by itself, numbered in the order of the sources', () => {
    const found = outcomes(
      'default test_x := false',
      'test_x if input.a',
      'test_x if true',
      'test_values := true',
      'test_values := 1',
      'uses if test_x',
      'test_uses if uses',
      'todo_test_x if true',
      'todo_test_x if true',
    );
    expect(found).toEqual({
      test_x: ['fail'],
      'test_x#01': ['fail'],
      'test_x#02': ['pass'],
      test_values: ['pass'],
      'test_values#01': ['fail'],
      test_uses: ['fail'],
      todo_test_x: ['pass'],
    });
    expect(
      runTests([{ file: 'a_test.rego', text: 'package a\ntodo_test_x if true\ntodo_test_x if 1 == 2' }]),
    ).toMatchObject({
      skipped: 2,
      failed: 0,
    });
  });

  it('numbers the rules of a name on through the modules of a package', () => {
    const other = { file: 'b_test.rego', text: 'package b\ntest_x if true\n' };
    const report = runTests([
      { file: 'a1_test.rego', text: 'package a\ntest_x if true\n' },
      other,
      { file: 'a2_test.rego', text: 'package a\ntest_x if false\n' },
    ]);
    expect(report.results.map((result) => `${result.package}.${result.name} ${result.fail ?? false}`)).toEqual([
      'data.a.test_x false',
      'data.b.test_x false',
      'data.a.test_x#01 true',
    ]);
  });

  it('reports cases as a tree with a level for each step of the head', () => {
    const found = outcomes(
      'test_deep[n].x[m] if { some n in ["a", "b"]; n == "a"; some m in [1, [2]]; m == 1 }',
      'test_call[sprintf("<%v>", [n])] if { some n in ["a", "b"]; n == "a" }',
      'test_terms[{"k": n}] if { some n in ["<", true]; n == true }',
      'test_value[n] := n == 1 if { some n in [1, 2] }',
    );
    expect(found).toEqual({
      test_deep: [
        'fail',
        {
          a: {
            name: 'a',
            fail: true,
            sub_results: {
              x: { name: 'x', fail: true, sub_results: { '1': { name: '1' }, '[2]': { name: '[2]', fail: true } } },
            },
          },
        },
      ],
      test_call: ['fail', { '<a>': { name: '<a>' }, '<b>': { name: '<b>', fail: true } }],
      test_terms: [
        'fail',
        { '{"k":"\\u003c"}': { name: '{"k":"\\u003c"}', fail: true }, '{"k":true}': { name: '{"k":true}' } },
      ],
      test_value: ['fail', { '1': { name: '1' }, '2': { name: '2', fail: true } }],
    });
  });

  it('knows a case once the variables of the head were named, wherever that is', () => {
    const found = outcomes(
      'test_after[n] if { every x in [1] { x == 1 }; some m in [1, 2]; m == 1; some n in ["a"]; 1 == 2 }',
      'test_sets[n] if { xs := {n | some n in ["a", "b"]}; some n in xs; n == "a" }',
      'test_name[x.name] if { some x in [{"name": "one"}]; x.name == "two" }',
      'test_unbound[n] if { some n; 1 == 1; n = "late"; 1 == 2 }',
    );
    const failed = (name: string) => ['fail', { [name]: { name, fail: true } }];
    expect(found).toEqual({
      test_after: failed('a'),
      test_sets: ['fail', { a: { name: 'a' }, b: { name: 'b', fail: true } }],
      test_name: failed('one'),
      test_unbound: failed('late'),
    });
  });

  it('passes a test of which no case was reached, and fails what is no test at all', () => {
    expect(
      outcomes(
        'test_none[n] if { 1 == 2; some n in [1] }',
        'test_late[n] if { n > 3; n = 2; input.x }',
        'test_set contains "x" if true',
        'test_fixed.a if true',
        'test_call(x) if x',
      ),
    ).toEqual({
      test_none: ['pass'],
      test_late: ['pass'],
      test_set: ['fail'],
      test_fixed: ['fail'],
      test_call: [expect.stringContaining('function data.a.test_call used as reference, not called')],
    });
  });

  it('prints cases below the test and counts the innermost', () => {
    const text = 'package a\n\ntest_x[n].y[m] if { some n in ["a", "b"]; some m in [1, 2]; n == "a" }\n';
    const report = runTests([{ file: 'a_test.rego', text }], { nanoseconds: () => 0n });
    expect(testReportText(report, { verbose: true }).split('\n')).toEqual([
      'a_test.rego:3:',
      'data.a.test_x: FAIL (0µs)',
      '  a: PASS',
      '    y: PASS',
      '      1: PASS',
      '      2: PASS',
      '  b: FAIL',
      '    y: FAIL',
      '      1: FAIL',
      '      2: FAIL',
      '-'.repeat(80),
      'PASS: 2/4',
      'FAIL: 2/4',
    ]);
    expect(testReportText(report)).not.toContain('PASS\n');
  });

  it('tells why tests failed when asked to', () => {
    const text =
      'package a\n\nok if input.x\n\ntest_ok if ok with input as {}\n\ntest_cases[n] if { some n in [1, 2]; n == 1 }\n';
    const given = [{ file: 'a_test.rego', text }];
    expect(runTests(given).results.some(({ explanation }) => explanation !== undefined)).toBe(false);
    const report = runTests(given, { explain: true, nanoseconds: () => 0n });
    expect(testReportText(report).split('\n').slice(5)).toEqual([
      '-'.repeat(80),
      'FAILURES',
      '-'.repeat(80),
      'data.a.test_ok: FAIL (0µs)',
      '',
      '  a_test.rego:5 Enter data.a.test_ok',
      '  a_test.rego:3 | Enter data.a.ok',
      '  a_test.rego:3 | | Fail input.x',
      '  a_test.rego:3 | Fail data.a.ok',
      '  a_test.rego:5 | Fail ok',
      '  a_test.rego:5 Fail data.a.test_ok',
      '  query:1       Fail data.a.test_ok',
      '',
      'data.a.test_cases: FAIL (0µs)',
      '',
      '  a_test.rego:7 Enter data.a.test_cases',
      '  a_test.rego:7 | Fail n == 1',
      '',
      '  2: FAIL',
      '',
      '-'.repeat(80),
      'PASS: 1/3',
      'FAIL: 2/3',
    ]);
  });

  it('reports sources that do not compile', () => {
    const broken = runTests([{ file: 'a.rego', text: 'package a\n\ntest_x if y\n' }]);
    expect(broken.results).toEqual([]);
    expect(testReportText(broken)).toContain('rego_unsafe_var_error');
  });
});
