import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDocument } from '../document/arbitrary.fixture.ts';
import { CLIENT_LABELS, clientSpellings } from '../document/client-labels.ts';
import { STANDARD_DEFAULTS } from '../document/defaults.ts';
import type { DlpRule, PolicyDocument, PolicyRule } from '../document/document.ts';
import { decide } from '../evaluator/decide.ts';
import { PolicyBuildError } from './errors.ts';
import type { LivePolicy } from './order.ts';
import { type BundleInput, buildPayload } from './payload.ts';
import { verifyPayload } from './verify.ts';

const tagFor = (policyId: string, version: number, ruleIndex: number) => `r${policyId.length}0${version}0${ruleIndex}`;

function live(rules: PolicyRule[], more: Partial<LivePolicy> = {}, rest: Partial<PolicyDocument> = {}): LivePolicy {
  const document: PolicyDocument = { version: '1', rules, ...rest };
  return { policyId: 'p', version: 1, scope: 'project', priority: 100, createdAt: 0, document, ...more };
}

function build(policies: LivePolicy[], more: Partial<BundleInput> = {}) {
  const built = buildPayload({
    project: { id: 'proj-1' },
    policies,
    defaults: STANDARD_DEFAULTS,
    mode: 'live',
    tagFor,
    ...more,
  });
  verifyPayload(built);
  return built;
}

const rulesOf = (built: ReturnType<typeof build>) => built.payload.policies.map((policy) => policy.rules[0]);

describe('rules', () => {
  it('are flat, one pattern each, under the tag of the rule they came from', () => {
    const built = build([
      live([
        { effect: 'deny', actions: ['Bash:rm', 'file_delete:*'], reason: 'No' },
        { effect: 'allow', actions: ['*'] },
      ]),
    ]);
    const common = { resources: ['*'] };
    expect(built.payload.policies).toEqual([
      {
        id: 'r10100',
        priority: 100,
        rules: [{ id: 'r10100', effect: 'deny', actions: ['Bash:rm'], reason: 'No [r10100]', ...common }],
      },
      {
        id: 'r10100',
        priority: 100,
        rules: [{ id: 'r10100', effect: 'deny', actions: ['file_delete:*'], reason: 'No [r10100]', ...common }],
      },
      { id: 'r10101', priority: 100, rules: [{ id: 'r10101', effect: 'allow', actions: ['*'], ...common }] },
    ]);
    expect(built.ruleIndex).toEqual([
      { index: 0, tag: 'r10100', policyId: 'p', version: 1, ruleIndex: 0 },
      { index: 1, tag: 'r10100', policyId: 'p', version: 1, ruleIndex: 0 },
      { index: 2, tag: 'r10101', policyId: 'p', version: 1, ruleIndex: 1 },
    ]);
  });

  it('tell their tag in every reason that an SDK echoes', () => {
    const rule: PolicyRule = {
      effect: 'deny',
      actions: ['x'],
      reason: 'Nein',
      reason_localized: { ko: '아니', de: 'Nein' },
    };
    expect(rulesOf(build([live([rule])]))[0]).toMatchObject({
      reason: 'Nein [r10100]',
      reason_localized: { ko: '아니 [r10100]', de: 'Nein [r10100]' },
    });
    const policy = verifyPayload(build([live([{ effect: 'deny', actions: ['x'] }])]));
    expect(decide(policy, { tool: 'x' }).reason).toBe('policy:r10100');
  });

  it('come in the order of the policies: priority, then org before project, then age, then id', () => {
    const named = (policyId: string, more: Partial<LivePolicy>) =>
      live([{ effect: 'deny', actions: [policyId] }], { policyId, ...more });
    const policies = [
      named('b', { createdAt: 5 }),
      named('a', { createdAt: 5 }),
      named('old', { createdAt: 1 }),
      named('org', { scope: 'org', createdAt: 9 }),
      named('high', { priority: 200, createdAt: 99 }),
      named('low', { priority: 1, scope: 'org' }),
    ];
    const byId = { tagFor: (policyId: string) => `r${policyId}` };
    const expected = ['high', 'org', 'old', 'a', 'b', 'low'];
    expect(rulesOf(build(policies, byId)).map((rule) => rule.actions[0])).toEqual(expected);
    expect(rulesOf(build([...policies].reverse(), byId)).map((rule) => rule.actions[0])).toEqual(expected);
  });

  it('for other projects are left out and no selector is sent', () => {
    const rules: PolicyRule[] = [
      { effect: 'deny', actions: ['a'], projects: ['proj-2'] },
      { effect: 'deny', actions: ['b'], projects: ['proj-2', 'proj-?'] },
      { effect: 'deny', actions: ['c'], projects: ['shop'] },
    ];
    const built = build([live(rules)], { project: { id: 'proj-1', names: ['shop'] } });
    expect(rulesOf(built).map((rule) => rule.actions[0])).toEqual(['b', 'c']);
    expect(built.bytes.toString()).not.toContain('projects');
    expect(built.ruleIndex.map((origin) => origin.ruleIndex)).toEqual([1, 2]);
  });

  it('name clients in every spelling that an SDK compares', () => {
    const built = build([live([{ effect: 'deny', actions: ['x'], clients: ['claude-code', 'python'] }])]);
    expect(rulesOf(built)[0]!.clients).toEqual(['claude-code', 'claude_code', 'python', 'python_sdk', 'python-sdk']);
    for (const label of CLIENT_LABELS)
      expect(clientSpellings(label)).toEqual(expect.arrayContaining([label, label.replaceAll('_', '-')]));
    expect(clientSpellings('[a-c]_x-*')).toEqual(['[a-c]_x-*', '[a-c]_x_*', '[a-c]-x-*']);
  });

  it('refuse tags that an SDK would not carry back', () => {
    for (const tag of ['', 'x1', 'sk1', 'r', `r${'1'.repeat(23)}`, 'R1', 'r-1', 'robserve', 'rdefault']) {
      expect(() => build([live([{ effect: 'deny', actions: ['x'] }])], { tagFor: () => tag })).toThrow(
        PolicyBuildError,
      );
    }
  });
});

it('refuses one tag for two rules', () => {
  const policy = live([
    { effect: 'deny', actions: ['x'] },
    { effect: 'deny', actions: ['y'] },
  ]);
  expect(() => build([policy], { tagFor: () => 'r1' })).toThrow(
    expect.objectContaining({ code: 'bad_rule_tag', place: { policyId: 'p', version: 1, ruleIndex: 1 } }),
  );
});

describe('version floor', () => {
  it.each<[string, Partial<PolicyRule>, boolean]>([
    ['an allow rule with clients', { effect: 'allow', clients: ['go_sdk'] }, true],
    ['a warn rule with conditions', { effect: 'warn', conditions: { a: 1 } }, true],
    ['a deny rule with both', { effect: 'deny', clients: ['go_sdk'], conditions: { a: 1 } }, false],
    ['an allow rule with resources', { effect: 'allow', resources: ['a'] }, false],
  ])('is judged for %s, alike for both kinds of keys', (_name, rule, floor) => {
    for (const mode of ['live', 'test'] as const) {
      const built = build([live([{ actions: ['x'], effect: 'deny', ...rule }])], { mode });
      expect(built.payload.metadata.min_sdk_version).toBe(floor ? '1.13.0' : undefined);
      expect(built.minSdkVersion).toBe(floor ? '1.13.0' : undefined);
    }
  });

  it('does not come from a rule of another project', () => {
    expect(
      build([live([{ effect: 'allow', actions: ['x'], clients: ['a'], projects: ['other'] }])]).minSdkVersion,
    ).toBeUndefined();
  });
});

describe('defaults', () => {
  it('are tightened by documents, never loosened, and the strictest wins', () => {
    const first = live(
      [{ effect: 'deny', actions: ['x'] }],
      {},
      { settings: { default_action: 'allow', default_on_tamper: 'deny' } },
    );
    const second = live(
      [{ effect: 'deny', actions: ['x'] }],
      { policyId: 'q2' },
      { settings: { default_action: 'warn', default_on_tamper: 'quarantine' } },
    );
    const defaults = { ...STANDARD_DEFAULTS, default_action: 'allow' as const };
    expect(build([first, second], { defaults }).payload).toMatchObject({
      default_action: 'warn',
      default_on_tamper: 'quarantine',
    });
    expect(build([first, second]).payload.default_action).toBe('deny');
  });
});

describe('a project without policies', () => {
  it('observes through one catch-all rule, so that an old bundle does not deny', () => {
    const built = build([]);
    expect(built).toMatchObject({ policyCount: 0, ruleIndex: [{ index: 0, policyId: null }] });
    expect(built.payload).toMatchObject({
      default_action: 'allow',
      default_on_empty: 'observe',
      metadata: { active_policy_count: 0 },
    });
    const decision = decide(verifyPayload(built), { tool: 'anything', method: 'x' });
    expect(decision).toMatchObject({ effect: 'allow', reasonCode: 'OBSERVE_MODE_NO_POLICY' });
  });

  it('does what default_on_empty says', () => {
    const denying = build([], { defaults: { ...STANDARD_DEFAULTS, default_on_empty: 'deny' } });
    expect(decide(verifyPayload(denying), { tool: 'x' })).toMatchObject({
      effect: 'deny',
      reasonCode: 'NO_ACTIVE_POLICIES',
    });
    expect(denying.payload.default_action).toBe('deny');
    const warning = build([], { defaults: { ...STANDARD_DEFAULTS, default_on_empty: 'deny' }, mode: 'test' });
    expect(decide(verifyPayload(warning), { tool: 'x' }).effect).toBe('warn');
  });
});

it('sends the effective default as a rule where policies leave no rule for a project', () => {
  const policy = live(
    [{ effect: 'allow', actions: ['*'], projects: ['other'] }],
    {},
    { settings: { default_action: 'warn' } },
  );
  const built = build([policy]);
  expect(rulesOf(built)).toEqual([
    { id: 'rdefault', effect: 'deny', actions: ['*'], resources: ['*'], reason_code: 'NO_RULE_MATCH' },
  ]);
  expect(built.payload.metadata.active_policy_count).toBe(1);
});

describe('with a test key', () => {
  it('nothing is denied, and DLP only detects', () => {
    const rules: PolicyRule[] = [
      { effect: 'deny', actions: ['x'], escalate_on_deny: true },
      { effect: 'allow', actions: ['y'] },
    ];
    const dlp: DlpRule = { id: 'd', pattern: 'x', category: 'pii', action: 'block' };
    const built = build([live(rules, {}, { dlp_rules: [dlp] })], { mode: 'test' });
    expect(rulesOf(built).map((rule) => rule.effect)).toEqual(['warn', 'allow']);
    expect(built.payload).toMatchObject({ default_action: 'warn', dlp_rules: [{ action: 'detect' }] });
    expect(built.bytes.toString()).not.toContain('escalate_on_deny');
    expect(built.bytes.equals(build([live(rules, {}, { dlp_rules: [dlp] })]).bytes)).toBe(false);
  });
});

describe('DLP rules', () => {
  const dlp = (id: string, more: Partial<DlpRule> = {}): DlpRule => ({
    id,
    pattern: 'x',
    category: 'pii',
    action: 'mask',
    ...more,
  });

  it('of documents and project are sent once, when enabled and meant for SDKs', () => {
    const policy = live(
      [{ effect: 'deny', actions: ['x'] }],
      {},
      { dlp_rules: [dlp('a'), dlp('off', { enabled: false })] },
    );
    const built = build([policy], {
      dlpRules: [dlp('a', { enabled: true }), dlp('b', { scopes: ['sdk', 'scout'] }), dlp('c', { scopes: ['scout'] })],
    });
    expect(built.payload.dlp_rules?.map((rule) => rule.id)).toEqual(['a', 'b']);
    expect(built.bytes.toString()).not.toContain('enabled');
  });

  it.each<[string, Partial<DlpRule>]>([
    ['dlp_category', { category: 'salary' }],
    ['bad_expression', { pattern: '(?=a)b' }],
    ['dlp_action', { action: 'BLOCK' as 'block' }],
  ])('with %s are not delivered', (code, more) => {
    expect(() => build([], { dlpRules: [dlp('bad', more)] })).toThrow(
      expect.objectContaining({ code, place: { dlpRuleId: 'bad' } }),
    );
  });
});

describe('any valid policies', () => {
  const policies = fc.array(
    fc.tuple(anyDocument, fc.integer({ min: 0, max: 3 }), fc.constantFrom('org' as const, 'project' as const)),
    { maxLength: 4 },
  );

  it('read back as they were written and always give the same bytes', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom('live' as const, 'test' as const), (parts, mode) => {
        const list = parts.map(([document, priority, scope], at) => ({
          ...live([]),
          policyId: 'x'.repeat(at + 1),
          document,
          priority,
          scope,
        }));
        const built = build(list, { mode });
        const again = build(structuredClone(list).reverse(), { mode });
        expect(again.bytes.equals(built.bytes)).toBe(true);
        expect(built.ruleIndex.length).toBeGreaterThan(0);
        expect(new Set(built.payload.policies.map((policy) => policy.priority)).size).toBe(1);
        for (const rule of rulesOf(built)) expect(rule.actions).toHaveLength(1);
      }),
      { numRuns: 200 },
    );
  });
});

describe('reading back', () => {
  it('refuses a bundle that an SDK would refuse, and names the rule', () => {
    const built = buildPayload({
      project: { id: 'p' },
      policies: [
        live([
          { effect: 'deny', actions: ['a'] },
          { effect: 'deny', actions: ['b'], conditions: { x: { op: 'near', value: 1 } } },
        ]),
      ],
      defaults: STANDARD_DEFAULTS,
      mode: 'live',
      tagFor,
    });
    expect(() => verifyPayload(built)).toThrow(
      expect.objectContaining({ code: 'bundle_unreadable', place: { policyId: 'p', version: 1, ruleIndex: 1 } }),
    );
  });

  it('refuses a bundle that an SDK would read as wider than it is written', () => {
    const built = buildPayload({
      project: { id: 'p' },
      policies: [live([{ effect: 'allow', actions: ['a'] }])],
      defaults: STANDARD_DEFAULTS,
      mode: 'live',
      tagFor,
    });
    const widened = {
      ...built,
      bytes: Buffer.from(built.bytes.toString().replace('"actions":["a"]', '"actions":["*"]')),
    };
    expect(() => verifyPayload(widened)).toThrow(expect.objectContaining({ code: 'bundle_reads_differently' }));
    const loosened = {
      ...built,
      bytes: Buffer.from(built.bytes.toString().replace('"default_action":"deny"', '"default_action":"allow"')),
    };
    expect(() => verifyPayload(loosened)).toThrow(expect.objectContaining({ code: 'bundle_reads_differently' }));
  });
});
