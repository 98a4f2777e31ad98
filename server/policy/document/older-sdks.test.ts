import { describe, expect, it } from 'vitest';
import type { DefaultAction, PolicyRule } from './document.ts';
import { missingSlashVariants, olderSdkImpact } from './older-sdks.ts';

function impact(rules: PolicyRule[], projectDefault: DefaultAction = 'deny') {
  const { rules: found, addsVersionFloor } = olderSdkImpact({ version: '1', rules }, projectDefault);
  return { addsVersionFloor, rules: found.map((rule) => [rule.ruleIndex, rule.kind, rule.causes.join()]) };
}

const deny = (more: Partial<PolicyRule>): PolicyRule => ({ effect: 'deny', actions: ['mcp__x'], ...more });
const allow = (more: Partial<PolicyRule>): PolicyRule => ({ effect: 'allow', actions: ['mcp__x'], ...more });

describe('older SDKs', () => {
  it('widen rules with clients or conditions; those that let calls through add a version floor', () => {
    expect(impact([allow({ clients: ['go'] })])).toEqual({
      addsVersionFloor: true,
      rules: [[0, 'widened', 'clients']],
    });
    expect(impact([{ ...allow({}), effect: 'warn', conditions: { a: 1 } }])).toEqual({
      addsVersionFloor: true,
      rules: [[0, 'widened', 'conditions']],
    });
    expect(impact([deny({ clients: ['go'], conditions: { a: 1 } })])).toEqual({
      addsVersionFloor: false,
      rules: [[0, 'widened', 'clients,conditions']],
    });
    expect(impact([allow({ projects: ['p'] }), allow({ resources: ['a'] })])).toEqual({
      addsVersionFloor: false,
      rules: [],
    });
  });

  it('miss a deny whose star has to cross a slash, where the default lets the call through', () => {
    const rule = deny({ actions: ['github:*'] });
    expect(impact([rule]).rules).toEqual([]);
    expect(impact([rule], 'warn').rules).toEqual([[0, 'missed', 'slash_in_action']]);
    expect(impact([deny({ actions: ['github:*', 'github:*/*', 'github:*/*/*'] })], 'allow').rules).toEqual([]);
    expect(impact([deny({ actions: ['github:delete'] })], 'allow').rules).toEqual([]);
    const tightened = olderSdkImpact({ version: '1', settings: { default_action: 'deny' }, rules: [rule] }, 'allow');
    expect(tightened.rules).toEqual([]);
  });

  it('miss a deny on a resource with slashes, where the default or a later rule lets the call through', () => {
    const rule = deny({ resources: ['/data/*'] });
    expect(impact([rule]).rules).toEqual([]);
    expect(impact([rule, allow({ actions: ['other'] })]).rules).toEqual([]);
    expect(impact([allow({}), rule]).rules).toEqual([]);
    expect(impact([rule, allow({})]).rules).toEqual([[0, 'missed', 'slash_in_resource']]);
    expect(impact([rule, allow({ actions: ['mcp_*:y'] })]).rules).toEqual([[0, 'missed', 'slash_in_resource']]);
    expect(impact([deny({ resources: ['*', '/data/*'] }), allow({})]).rules).toEqual([]);
  });

  it('miss a deny on a class of commands, where the shell is allowed', () => {
    for (const action of ['file_delete:*', 'git_push:main', 'kubectl:delete', 'network']) {
      const rule = deny({ actions: [action] });
      expect(impact([rule, allow({ actions: ['Bash:*'] })]).rules).toEqual([[0, 'missed', 'derived_class']]);
      expect(impact([rule, allow({ actions: ['*'] })]).rules).toEqual([[0, 'missed', 'derived_class']]);
      expect(impact([rule, allow({ actions: ['http:*'] })]).rules).toEqual([]);
    }
  });

  it('are asked about the policies that are tried afterwards too', () => {
    const document = { version: '1' as const, rules: [deny({ resources: ['/data/*'] })] };
    expect(olderSdkImpact(document, 'deny', [allow({ clients: ['go'] })])).toMatchObject({
      rules: [{ ruleIndex: 0, kind: 'missed' }],
      addsVersionFloor: false,
    });
    expect(olderSdkImpact(document, 'deny', [deny({})]).rules).toEqual([]);
  });

  it('are given variants with slashes until nothing is missing', () => {
    expect(missingSlashVariants(['/data/*', 'x'])).toEqual(['/data/*/*', '/data/*/*/*']);
    expect(missingSlashVariants(['/data/*', '/data/*/*', '/data/*/*/*'])).toEqual([]);
    expect(missingSlashVariants(['*/b'])).toEqual(['*/*/b', '*/*/*/b']);
  });
});
