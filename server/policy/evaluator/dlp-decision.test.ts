import { describe, expect, it } from 'vitest';
import { decide, PolicyReadError, readBundle, readDlpRules, scanDecision } from './index.ts';

const allowing = readBundle(
  { policies: [{ rules: [{ id: 'r1', effect: 'allow', escalate_on_deny: true }] }] },
  { projectId: '' },
);

function scan(rules: unknown[], args: Record<string, unknown>, canRewrite = true) {
  return scanDecision(readDlpRules(rules), decide(allowing, { tool: 't', args }), args, canRewrite);
}

const employee = { id: 'cust-1', pattern: 'emp-\\d{4}', action: 'mask' };

describe('a masking rule', () => {
  it('masks every place, value by value', () => {
    const args = { command: 'emp-1234 and emp-5678', list: ['emp-1111', 5, null], nested: { x: 'none' } };
    expect(scan([employee], args)).toMatchObject({
      effect: 'allow',
      dlpStatus: 'findings',
      maskedArgs: {
        command: '[REDACTED-CUST-1] and [REDACTED-CUST-1]',
        list: ['[REDACTED-CUST-1]', 5, null],
        nested: { x: 'none' },
      },
    });
  });

  it('denies where the caller cannot rewrite, and keeps the deciding rule', () => {
    expect(scan([employee], { a: 'emp-1234' }, false)).toMatchObject({
      effect: 'deny',
      allowed: false,
      policyId: 'rule-0',
      ruleTag: 'r1',
      reasonCode: 'DLP_BLOCKED',
      dlpStatus: 'mask_unsupported_on_host',
      escalateOnDeny: false,
    });
  });

  it('denies a match that spans two values', () => {
    const rule = { id: 'x', pattern: 'a\\nb', action: 'mask' };
    expect(scan([rule], { one: 'a', two: 'b' })).toMatchObject({ effect: 'deny', dlpStatus: 'findings' });
    expect(scan([rule], { one: 'a\nb' }).maskedArgs).toEqual({ one: '[REDACTED-X]' });
  });

  it('joins touching places under the name of the first', () => {
    const rules = [
      { id: 'first', pattern: 'ab', action: 'mask' },
      { id: 'second one', pattern: 'cd', action: 'mask' },
    ];
    expect(scan(rules, { a: 'xabcdx cd' }).maskedArgs).toEqual({ a: 'x[REDACTED-FIRST]x [REDACTED-SECOND_ONE]' });
  });

  it('turns a masked number into text and leaves others', () => {
    expect(scan([{ id: 'n', pattern: '123', action: 'mask' }], { a: 1234, b: 5 }).maskedArgs).toEqual({
      a: '[REDACTED-N]4',
      b: 5,
    });
  });
});

describe('a blocking rule', () => {
  it('denies; the word counts in its case', () => {
    const rule = (action: string) => ({ id: 'b', name: 'Badge', pattern: 'badge', action });
    expect(scan([rule('block')], { a: 'my badge' })).toMatchObject({
      effect: 'deny',
      reason: 'Blocked: sensitive data was found by rule Badge.',
    });
    expect(scan([rule('BLOCK')], { a: 'my badge' })).toMatchObject({ effect: 'allow', dlpStatus: 'findings' });
    expect(scan([rule('block')], { a: 'nothing' })).toMatchObject({
      effect: 'allow',
      dlpStatus: 'clean',
      dlpFindings: [],
    });
  });

  it('waits for its keyword', () => {
    const rule = { pattern: '\\b\\d{6}\\b', action: 'block', context_required: true, context_keywords: ['Badge'] };
    expect(scan([rule], { a: '123456' }).effect).toBe('allow');
    expect(scan([rule], { a: '123456', b: 'BADGE' }).effect).toBe('deny');
  });
});

describe('arguments that cannot be scanned', () => {
  it.each<[string, Record<string, unknown>]>([
    ['encoded content', { file: { Base64: 'AAAA' } }],
    ['more than a mebibyte', { a: 'z'.repeat(1_048_577) }],
    ['half a character', { a: '\ud83d' }],
    ['endless nesting', JSON.parse(`{"a":${'['.repeat(3000)}${']'.repeat(3000)}}`) as Record<string, unknown>],
  ])('are denied: %s', (_, args) => {
    expect(scan([], args)).toMatchObject({ effect: 'deny', allowed: false });
  });

  it('may have a whole mebibyte', () => {
    expect(scan([], { a: 'z'.repeat(1_048_576) })).toMatchObject({ effect: 'allow', dlpStatus: 'clean' });
  });

  it('are denied when a match cannot be reported', () => {
    expect(scan([{ id: 'x', pattern: 'a', category: 'unheard' }], { a: 'a' })).toMatchObject({
      effect: 'deny',
      dlpStatus: 'unavailable',
    });
    expect(scan([{ id: 'x', pattern: 'a', category: 'unheard' }], { a: 'b' }).effect).toBe('allow');
  });

  it('are not scanned when there are none, or the call is denied', () => {
    expect(scan([employee], {}).dlpStatus).toBe('skipped');
    const denying = readBundle({ policies: [{ rules: [{ effect: 'deny' }] }] }, { projectId: '' });
    const args = { a: 'emp-1234' };
    const scanned = scanDecision(readDlpRules([employee]), decide(denying, { tool: 't', args }), args, true);
    expect(scanned).toMatchObject({ reasonCode: 'RULE_MATCH', dlpStatus: 'skipped' });
  });
});

describe('reading rules', () => {
  it('leaves out what the SDK leaves out', () => {
    const rules = readDlpRules([
      'x',
      { pattern: '(' },
      { pattern: 'a(?i)b' },
      { pattern: 5 },
      { id: 'gateway', pattern: 'a', scopes: ['gateway'] },
      { id: 'kept', pattern: 'a', scopes: [] },
    ]);
    expect(rules.map(({ id }) => id)).toEqual(['kept']);
  });

  it('drops a projected pack that is not whole', () => {
    const whole = [
      { id: 'pii:a', pattern: 'a' },
      { id: 'own', pattern: 'b' },
    ];
    expect(readDlpRules(whole)).toHaveLength(2);
    expect(readDlpRules([...whole, { id: 'pii:b', pattern: '(' }]).map(({ id }) => id)).toEqual(['own']);
  });

  it('refuses what stops the SDK and what cannot be decided', () => {
    expect(() => readDlpRules([{ pattern: 'a', context_keywords: [5] }])).toThrow('dlp_rules[0].context_keywords');
    expect(() => readDlpRules([{ pattern: 'a(?=b)' }])).toThrow(PolicyReadError);
  });
});
