import { type Feature, type Json, oneRule, type Pair } from './feature.ts';
import type { Case, Judgement } from './judge.ts';
import type { Random } from './random.ts';

const call = { tool: 'github', method: 'list' };
const other = { tool: 'stranger' };

function payloadCase(payload: Json, more: Partial<Case> = {}): Case {
  return { payload, projectId: 'proj-1', calls: [call], ...more };
}

const isSynthetic = (name: string, effect?: string) => (judgement: Judgement) =>
  judgement.policy_id === `synthetic:${name}` && (effect === undefined || judgement.effect === effect);

const ruleFor = (effect: string): Json => ({ policies: [{ id: 'p', rules: [{ effect, actions: ['github'] }] }] });

const defaults: Feature[] = [
  ...['deny', 'allow', 'warn', undefined].map((word) => ({
    name: `default_action ${word ?? 'absent'}`,
    make: (random: Random): Pair => {
      const effect = word ?? 'deny';
      const payload = {
        ...ruleFor(random.pick(['deny', 'allow', 'warn'])),
        ...(word === undefined ? {} : { default_action: word }),
      };
      return {
        first: payloadCase(payload, { calls: [other] }),
        second: payloadCase(payload),
        isProbe: isSynthetic('NO_RULE_MATCH', effect),
      };
    },
  })),
  ...['deny', 'allow', undefined].map((word) => ({
    name: `default_on_missing ${word ?? 'absent'}`,
    make: (random: Random): Pair => {
      const more = word === undefined ? {} : { default_on_missing: word };
      const degraded = random.pick<Json>([
        {},
        { policies: null },
        { policies: [{ rules: [] }] },
        { policies: [], metadata: { active_policy_count: 2 } },
        { policies: 'x' },
      ]);
      const isProbe = isSynthetic('BUNDLE_MISSING', word ?? 'deny');
      return {
        first: payloadCase({ ...degraded, ...more }),
        second: payloadCase({ ...ruleFor('warn'), ...more }),
        isProbe,
      };
    },
  })),
  ...['observe', 'deny', 'allow', 'warn', undefined].map((word) => ({
    name: `default_on_empty ${word ?? 'absent'}`,
    make: (random: Random): Pair => {
      const more = word === undefined ? {} : { default_on_empty: word };
      const metadata = random.pick<Json>([
        {},
        { metadata: { active_policy_count: 0 } },
        { metadata: { active_policy_count: true } },
      ]);
      const observes = word === undefined || word === 'observe';
      const isProbe = observes
        ? isSynthetic('OBSERVE_MODE_NO_POLICY', 'allow')
        : isSynthetic('NO_ACTIVE_POLICIES', word);
      return {
        first: payloadCase({ policies: [], ...metadata, ...more }),
        second: payloadCase({ ...ruleFor('deny'), ...more }),
        isProbe,
      };
    },
  })),
];

const readings: Feature[] = [
  {
    name: 'age of a cached empty bundle',
    make: () => {
      const payload = { policies: [] };
      return {
        first: payloadCase(payload, { stale: true }),
        second: payloadCase(payload),
        isProbe: isSynthetic('BUNDLE_MISSING'),
      };
    },
  },
  {
    name: 'version floor',
    make: (random) => {
      const floor = (version: unknown) => payloadCase({ ...ruleFor('allow'), metadata: { min_sdk_version: version } });
      const above = floor(random.pick(['1.14', '2', 'v1.13.17', '1.13.17-beta', 'V99']));
      const below = floor(random.pick(['1.13.4', '1.13.16', '1.13.16-rc1', '1.8.0', 'abc', '', 5]));
      return { first: above, second: below, isProbe: isSynthetic('SDK_BELOW_FLOOR') };
    },
  },
  {
    name: 'priority',
    make: (random) => {
      const [low, high] = random.pick<readonly [unknown, unknown]>([
        [1, 200],
        [99, undefined],
        [undefined, 101],
        ['5', '6'],
        [1.9, 2],
        [false, true],
        [-2, -1],
      ]);
      const policy = (id: string, priority: unknown) => ({
        id,
        rules: [{ effect: 'deny', actions: ['*'] }],
        ...(priority === undefined ? {} : { priority }),
      });
      const ordered = (first: unknown, second: unknown) =>
        payloadCase({ policies: [policy('one', first), policy('two', second)] });
      return {
        first: ordered(high, low),
        second: ordered(low, high),
        isProbe: (judgement) => judgement.reason === 'policy:one',
      };
    },
  },
  {
    name: 'first match wins',
    make: (random) => {
      const rules = [
        { effect: 'warn', actions: [random.pick(['github', '*', 'github:list'])] },
        { effect: 'deny', actions: ['*'] },
      ];
      const inOrder = (list: Json[]) => payloadCase({ policies: [{ id: 'p', rules: list }] });
      return {
        first: inOrder(rules),
        second: inOrder(rules.toReversed()),
        isProbe: (judgement) => judgement.effect === 'warn',
      };
    },
  },
  {
    name: 'unknown effect',
    make: (random) => {
      const first = oneRule(random, { effect: random.pick(['audit', 'ALLOW', 'hitl', 'redact', '']) }, call, {
        default_action: 'allow',
      });
      return {
        first,
        second: oneRule(random, { effect: 'allow' }, call),
        isProbe: (judgement) => judgement.effect === 'deny',
      };
    },
  },
  ...['tool', 'pattern', 'action', 'match.tool', 'match.action', 'actions'].map((source) => ({
    name: `pattern from ${source}`,
    make: (random: Random): Pair => {
      const written = (pattern: string): Json => {
        if (source === 'actions') return { actions: [5, '', pattern] };
        return source.startsWith('match.') ? { match: { [source.slice(6)]: pattern } } : { [source]: pattern };
      };
      const effect = random.pick(['deny', 'warn']);
      return {
        first: oneRule(random, { effect, ...written('github') }, call),
        second: oneRule(random, { effect, ...written('x') }, call),
      };
    },
  })),
  {
    name: 'malformed selector is absent',
    make: (random) => {
      const field = random.pick(['clients', 'projects']);
      const rule = (value: unknown) => oneRule(random, { effect: 'deny', [field]: value }, call);
      return { first: rule(random.pick(['x', [], [5], null, { a: 1 }])), second: rule(['x']) };
    },
  },
  {
    name: 'resource star',
    make: (random) => {
      const rule = (value: unknown) => oneRule(random, { effect: 'deny', resources: value }, call);
      return {
        first: rule(random.pick(['*', ['a', '*'], [], null])),
        second: rule(random.pick([['**'], ['?*'], 'a'])),
      };
    },
  },
  {
    name: 'resource gate named',
    make: (random) => {
      const gated = (actions: string[]) =>
        payloadCase({
          policies: [{ rules: [{ effect: random.pick(['allow', 'deny']), actions, resources: ['acme/*'] }] }],
        });
      return { first: gated(['github']), second: gated(['x']), isProbe: isSynthetic('RESOURCE_GATE_SKIP') };
    },
  },
  {
    name: 'localised reason',
    make: (random) => {
      const rule = {
        effect: 'deny',
        reason: 'no',
        reason_localized: random.pick([{ ko: 'nein' }, { 'KO-kr ': 'nein', ko: 'x' }]),
      };
      const first = oneRule(random, rule, { ...call, locale: 'ko-KR' });
      return {
        first,
        second: { ...first, calls: [{ ...call, locale: random.pick(['en', '', 'de']) }] },
        isProbe: (judgement) => judgement.reason === 'nein',
      };
    },
  },
  {
    name: 'escalation',
    make: (random) => {
      const rule = (value: unknown) => oneRule(random, { effect: 'deny', escalate_on_deny: value }, call);
      return {
        first: rule(random.pick([true, 1, 'no', [0]])),
        second: rule(random.pick([false, 0, '', null, []])),
        isProbe: (judgement) => judgement.escalates === true,
      };
    },
  },
  {
    name: 'reason code',
    make: (random) => {
      const rule = (value: unknown) => oneRule(random, { effect: 'deny', reason_code: value }, call);
      return {
        first: rule('HITL_REQUIRED'),
        second: rule(random.pick(['', 5, null])),
        isProbe: (judgement) => judgement.reason_code === 'HITL_REQUIRED',
      };
    },
  },
];

/** Features about how a payload is read and what decides when no rule does. */
export const bundleFeatures: readonly Feature[] = [...defaults, ...readings];
