import { describe, expect, it } from 'vitest';
import { compile, explain, fromJson, type Policy, pathsRead, RegoErrors } from '../index.ts';

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

function policyOf(text: string, traced = false): Policy {
  const { policy, errors } = compile([{ file: 'm.rego', text }], { traced });
  if (policy === undefined) throw new RegoErrors(errors);
  return policy;
}

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
