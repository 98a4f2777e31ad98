import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runPolicyCases } from './run.ts';

const folder = import.meta.dirname;

describe('every case in this folder', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.json')))('%s holds', (name) => {
    const report = runPolicyCases(readFileSync(path.join(folder, name)));
    expect(report.problems).toEqual([]);
    expect(report.cases.filter((each) => !each.ok)).toEqual([]);
    expect(report).toMatchObject({ ok: true, failed: 0 });
    expect(report.passed).toBeGreaterThan(0);
  });
});

describe('a file in YAML', () => {
  const file = (expectations: string) => `
description: reading is allowed
policy:
  version: '1'
  rules:
    - id: readers
      allow: mcp__files:read
calls:
  - description: a reader
    tool: mcp__files
    method: read
    expect: ${expectations}
`;

  it('passes when the decisions are the expected ones', () => {
    const report = runPolicyCases(file('{effect: allow, rule: readers, match_semantics: unchanged}'));
    expect(report).toMatchObject({ ok: true, passed: 1, failed: 0, cases: [{ ok: true, line: 2 }] });
  });

  it.each([
    ['{effect: deny}', { member: 'effect', expected: 'deny', decided: 'allow' }],
    ['{effect: allow, rule: others}', { member: 'rule', expected: 'others', decided: 'readers' }],
    ['{effect: allow, rule: 1}', { member: 'rule', expected: 1, decided: 0 }],
    ['{effect: allow, reason: because}', { member: 'reason', expected: 'because', decided: '' }],
    ['{effect: allow, reason_code: HITL}', { member: 'reason_code', expected: 'HITL', decided: 'RULE_MATCH' }],
    ['{effect: allow, match_semantics: new}', { member: 'match_semantics', expected: 'new', decided: 'unchanged' }],
  ])('fails for %s and says what differs and where', (expectations, difference) => {
    const report = runPolicyCases(file(expectations));
    expect(report).toMatchObject({ ok: false, passed: 0, failed: 1 });
    expect(report.cases[0]!.calls[0]).toMatchObject({
      ok: false,
      description: 'a reader',
      action: 'mcp__files:read',
      line: 9,
      differences: [difference],
    });
  });

  it('refuses members that a case does not know', () => {
    const report = runPolicyCases(file('{effect: allow, resaon: x}'));
    expect(report.ok).toBe(false);
    expect(report.problems).toMatchObject([{ severity: 'error', line: 12, path: '/calls/0/expect/resaon' }]);
  });
});

describe('what is wrong with a file', () => {
  it.each([
    ['', 'not_object'],
    ['[]', 'no_cases'],
    ['{"description": "x", "policy": {"rules": []}}', 'no_calls'],
    ['{"policy": {"rules": []}, "calls": [{"tool": "x", "expect": {"effect": "deny"}}]}', 'missing_key'],
    ['{"description": "x", "policy": "", "calls": [{"expect": {"effect": "deny"}}]}', 'missing_key'],
    ['{"description": "x", "policy": "", "calls": [{"tool": "x", "expect": {"effect": "audit"}}]}', 'unknown_word'],
    ['{"description": "x", "policy": "", "calls": [{"tool": "x"}]}', 'not_object'],
    ['{"description": "x", "policy": "", "from_cache": 5, "expect_error": "x"}', 'bad_form'],
    ['{"a": 1, "a": 2}', 'duplicate_key'],
    ['{', 'json_syntax'],
  ])('%s is told', (text, code) => {
    const report = runPolicyCases(text, text.startsWith('{') ? { format: 'json' } : {});
    expect(report.ok).toBe(false);
    expect(report.problems.map((problem) => problem.code)).toContain(code);
  });

  it('a policy that is refused fails its case, at the line of the fault', () => {
    const text =
      'description: x\npolicy:\n  version: "1"\n  rules:\n    - deny: database:SELEKT\ncalls:\n  - {tool: x, expect: {effect: deny}}\n';
    const report = runPolicyCases(text);
    expect(report).toMatchObject({ ok: false, passed: 0, failed: 1 });
    expect(report.cases[0]!.problems).toMatchObject([
      { code: 'unknown_database_method', line: 5, path: '/policy/rules/0/deny' },
    ]);
  });

  it('an error that was expected and does not come is a failure, as is another one', () => {
    const withPolicy = (rule: object) =>
      JSON.stringify({ description: 'x', policy: { version: '1', rules: [rule] }, expect_error: 'unknown_operator' });
    expect(runPolicyCases(withPolicy({ deny: 'x' })).cases[0]!.problems).toMatchObject([{ code: 'error_expected' }]);
    expect(runPolicyCases(withPolicy({ deny: [] })).cases[0]!.problems.map((problem) => problem.code)).toEqual([
      'error_expected',
      'empty_list',
    ]);
    expect(runPolicyCases(withPolicy({ deny: [] })).ok).toBe(false);
  });
});

it('tries documents with the defaults of a project', () => {
  const text =
    "description: x\npolicy: {version: '1', rules: [{deny: mcp__a}]}\ncalls: [{tool: mcp__b, expect: {effect: warn}}]\n";
  const defaults = {
    default_action: 'warn',
    default_on_missing: 'deny',
    default_on_empty: 'observe',
    default_on_tamper: 'warn',
  } as const;
  expect(runPolicyCases(text).ok).toBe(false);
  expect(runPolicyCases(text, { defaults }).ok).toBe(true);
});
