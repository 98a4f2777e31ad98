import { describe, expect, it } from 'vitest';
import { decide, PolicyReadError, readBundle } from './index.ts';

const bundle = (rules: unknown[], more: Record<string, unknown> = {}) =>
  readBundle({ policies: [{ id: 'p1', rules }], ...more }, { projectId: 'proj-1' });

describe('a decision', () => {
  it('names the rule by index and by the id it has in the payload', () => {
    const policy = bundle([
      { effect: 'deny', actions: ['x'] },
      { id: 'r7', effect: 'allow', actions: ['y'], escalate_on_deny: true },
    ]);
    expect(decide(policy, { tool: 'y' })).toEqual({
      effect: 'allow',
      allowed: true,
      ruleIndex: 1,
      policyId: 'rule-1',
      ruleTag: 'r7',
      reason: 'policy:p1',
      reasonCode: 'RULE_MATCH',
      matchSemantics: 'unchanged',
      divergentRuleIds: [],
      escalateOnDeny: false,
    });
  });

  it('says which rules differed when an alias closes or is held back', () => {
    const closing = bundle([
      { effect: 'deny', actions: ['file_read'] },
      { effect: 'allow', actions: ['Read'] },
    ]);
    expect(decide(closing, { tool: 'Read' })).toMatchObject({
      matchSemantics: 'new',
      divergentRuleIds: ['rule-1', 'rule-0'],
    });
    const opening = bundle([{ effect: 'allow', actions: ['file_read'] }]);
    expect(decide(opening, { tool: 'Read' })).toMatchObject({
      effect: 'deny',
      matchSemantics: 'new_suppressed',
      divergentRuleIds: ['', 'rule-0'],
    });
  });

  it('does not claim that nothing changed where it cannot compare', () => {
    const policy = bundle([{ effect: 'allow', actions: ['x'] }]);
    const context = (origin: string) => ({ subject_origin: origin, host_tool_name: 'x' });
    expect(decide(policy, { tool: 'x', context: context('cli_test') }).matchSemantics).toBe('indeterminate');
    expect(decide(policy, { tool: 'x', context: context('never heard of') }).matchSemantics).toBe('indeterminate');
    expect(decide(policy, { tool: 'x', context: context('hook_check') }).matchSemantics).toBe('unchanged');
  });

  it('escalates only a deny', () => {
    const policy = bundle([{ effect: 'deny', actions: ['x'], escalate_on_deny: true }]);
    expect(decide(policy, { tool: 'x' }).escalateOnDeny).toBe(true);
  });

  it('cannot be moved to another project by its caller', () => {
    const policy = bundle([{ effect: 'allow', actions: ['x'], projects: ['proj-2'] }]);
    expect(decide(policy, { tool: 'x', context: { project_id: 'proj-2' } }).effect).toBe('deny');
  });

  it('is a deny when the call cannot be evaluated', () => {
    const policy = bundle([{ effect: 'allow', actions: ['*'] }], { default_action: 'allow' });
    for (const call of [
      { tool: '' },
      { tool: 'x', context: { subject_origin: 'hook_check' } },
      { tool: 'x', context: { action_semantic_class: 5 } },
      { tool: 'Bash', args: { command: '$('.repeat(2000) } },
    ]) {
      expect(decide(policy, call)).toMatchObject({
        effect: 'deny',
        policyId: 'synthetic:ENGINE_UNAVAILABLE',
        reasonCode: '',
      });
    }
  });

  it('is not confused by names that every object has', () => {
    const policy = bundle([{ effect: 'deny', actions: ['x'], conditions: { constructor: { op: 'exists' } } }], {
      default_action: 'allow',
    });
    expect(decide(policy, { tool: 'x', args: {} }).effect).toBe('allow');
    expect(decide(policy, { tool: 'x', args: JSON.parse('{"constructor":1,"__proto__":{"a":1}}') }).effect).toBe(
      'deny',
    );
  });
});

describe('the trace of a decision', () => {
  it('tells for each rule the gate that stopped the call', () => {
    const policy = bundle([
      { id: 'r1', effect: 'deny', actions: ['y'] },
      { id: 'r2', effect: 'deny', actions: ['*'], clients: ['cursor'] },
      { id: 'r3', effect: 'deny', actions: ['*'], projects: ['other'] },
      { id: 'r4', effect: 'deny', actions: ['*'], resources: ['acme/*'] },
      { id: 'r5', effect: 'deny', actions: ['*'], conditions: { a: '1', n: { op: 'gt', value: 5 } } },
      { id: 'r6', effect: 'allow', actions: ['file_read'] },
      { id: 'r7', effect: 'warn', actions: ['Read'] },
      { id: 'r8', effect: 'deny', actions: ['*'] },
    ]);
    const { trace, ruleTag } = decide(policy, { tool: 'Read', args: { a: '1', n: 3 } }, { trace: true });
    expect(ruleTag).toBe('r7');
    expect(trace?.map(({ ruleTag: tag, gate }) => [tag, gate])).toEqual([
      ['r1', 'action'],
      ['r2', 'client'],
      ['r3', 'project'],
      ['r4', 'resource'],
      ['r5', 'condition'],
      ['r6', 'matched'],
      ['r7', 'matched'],
    ]);
    expect(trace?.[4]).toMatchObject({ condition: 'n', policyId: 'rule-4', ruleIndex: 4, asCalled: true });
    expect(trace?.[5]).toMatchObject({ asCalled: false });
  });

  it('is left out unless asked for', () => {
    expect(decide(bundle([{ effect: 'allow' }]), { tool: 'x' })).not.toHaveProperty('trace');
  });
});

describe('a refused payload', () => {
  it('names policy, rule and field by their place in the payload', () => {
    const payload = {
      policies: [
        { priority: 1, rules: [{ effect: 'allow' }] },
        'skipped',
        { priority: 5, rules: ['skipped', { effect: 'deny', when: { url: { op: 'near', value: 1 } } }] },
      ],
    };
    try {
      readBundle(payload, { projectId: '' });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(PolicyReadError);
      expect((error as PolicyReadError).place).toEqual({ policyIndex: 2, ruleIndex: 1, field: 'when.url' });
      expect((error as Error).message).toContain('unknown operator "near"');
      expect((error as Error).message).toContain('Use one of');
    }
  });

  it('is refused, not guessed, when an expression cannot be decided', () => {
    expect(() => bundle([{ effect: 'deny', conditions: { n: { op: 'matches', value: 'a(?=b)' } } }])).toThrow(
      'cannot be decided',
    );
  });

  it('may not be nested beyond reason', () => {
    const deep = JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown;
    expect(() => bundle([{ effect: 'deny', reason: deep }])).toThrow(PolicyReadError);
    expect(() => bundle([{ effect: 'deny', when: { a: deep } }])).toThrow('nested more than');
  });
});

describe('the settings of a bundle', () => {
  it('fall back to the strict words', () => {
    expect(readBundle({ policies: [], default_on_tamper: 'x' }, { projectId: '' })).toMatchObject({
      defaultAction: 'deny',
      defaultOnMissing: 'deny',
      defaultOnEmpty: 'observe',
      defaultOnTamper: 'warn',
      enforcementStatus: 'enforcing',
      dlpRules: [],
    });
  });

  it('report how an older SDK enforces', () => {
    const metadata = { min_sdk_version: '1.13.0' };
    const as = (more: Record<string, unknown>) =>
      readBundle(
        { policies: [{ rules: [{ effect: 'allow' }] }], metadata, ...more },
        { projectId: '', sdkVersion: '1.7.6' },
      );
    expect(as({}).enforcementStatus).toBe('fail_closed');
    expect(as({ default_action: 'warn' }).enforcementStatus).toBe('degraded_below_floor');
  });

  it('take the project from the payload when the key names none', () => {
    expect(readBundle({ project_id: 'p' }, { projectId: '' }).projectId).toBe('p');
    expect(readBundle({ project_id: 'p' }, { projectId: 'q' }).projectId).toBe('q');
  });
});

it('decides hostile values in linear time', () => {
  const policy = bundle([
    { effect: 'deny', actions: ['file_delete'] },
    { effect: 'deny', conditions: { n: '*a*b*c*d' } },
  ]);
  const hostile = [
    `${' '.repeat(300_000)}x`,
    'python -c '.repeat(30_000),
    '>&'.repeat(100_000),
    "'".repeat(300_000),
    '`'.repeat(100_000),
  ];
  const started = performance.now();
  for (const command of hostile) {
    decide(policy, { tool: 'Bash', args: { command, n: command } });
    decide(policy, { tool: 'database', args: { sql: command } });
  }
  expect(performance.now() - started).toBeLessThan(5000);
});
