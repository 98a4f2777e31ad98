import fc from 'fast-check';
import type { Condition, DlpRule, PolicyDocument, PolicyRule } from './document.ts';

const text = (maxLength: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength })
    .filter((value) => value.trim() !== '' && value.length <= maxLength && !/[\0-\x1f\x7f\p{Surrogate}]/u.test(value));

const pattern = fc.oneof(
  fc.constantFrom(
    '*',
    'Bash:rm',
    'Bash:*',
    'file_read:read',
    'database:admin',
    'github:delete_*',
    'mcp__*',
    '*:read',
    'Secrets:read',
    'git_push:main',
  ),
  text(30).filter((value) => !value.startsWith('rule')),
);

const condition: fc.Arbitrary<Condition> = fc.oneof(
  text(20),
  fc.integer(),
  fc.boolean(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
    .map((value) => (Number.isInteger(value) ? value + 0 : value)),
  fc.record({ op: fc.constantFrom('gt', 'lte', 'less_than'), value: fc.integer() }),
  fc.record({
    op: fc.constantFrom('equals', 'contains', 'glob'),
    value: text(20),
    case_insensitive: fc.constant(true),
  }),
  fc.record({ op: fc.constantFrom('in', 'not_in'), value: fc.array(text(10), { minLength: 1, maxLength: 4 }) }),
  fc.constantFrom<Condition>(
    { op: 'exists' },
    { op: 'not_exists' },
    { op: 'in_range', value: [1, 5] },
    { op: 'matches', value: '^a+\\d{2}$' },
  ),
);

const fieldName = text(15).filter((key) => !['time_range', 'ip_whitelist', 'tags', '__proto__'].includes(key));
const names = fc.uniqueArray(text(20), { minLength: 1, maxLength: 3 });
const clients = fc.uniqueArray(
  fc.constantFrom('claude-code', 'claude_code', 'python', 'cursor*', 'gemini_cli', '[a-c]-x', 'my_bot'),
  { minLength: 1, maxLength: 3 },
);

const rule: fc.Arbitrary<PolicyRule> = fc
  .record(
    {
      name: text(30),
      effect: fc.constantFrom('allow' as const, 'deny' as const, 'warn' as const),
      actions: fc.uniqueArray(pattern, { minLength: 1, maxLength: 4 }),
      resources: names,
      conditions: fc.dictionary(fieldName, condition, { minKeys: 1, maxKeys: 4 }),
      reason: text(60),
      reason_code: fc.constantFrom('HITL_REQUIRED', 'NO_NET'),
      reason_localized: fc.dictionary(fc.constantFrom('ko', 'de', 'pt-br'), text(30), { minKeys: 1 }),
      escalate_on_deny: fc.constant(true),
      clients,
      projects: fc.uniqueArray(fc.constantFrom('proj-1', 'proj-*', 'other', '*'), { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ['effect', 'actions'] },
  )
  .map((value) => value as PolicyRule);

const dlpRule: fc.Arbitrary<Omit<DlpRule, 'id'>> = fc.record(
  {
    name: text(20),
    pattern: fc.constantFrom('emp-\\d{4}', '\\bsecret\\b', '(?i)internal only'),
    category: fc.constantFrom('pii', 'custom', 'secret'),
    action: fc.constantFrom('detect' as const, 'mask' as const, 'block' as const),
    scopes: fc.constantFrom(['sdk'], ['gateway'], ['sdk', 'scout']),
    context_keywords: names,
    enabled: fc.constant(false),
  },
  { requiredKeys: ['pattern', 'category', 'action'] },
) as fc.Arbitrary<Omit<DlpRule, 'id'>>;

/** Valid author documents in their canonical shape, for property tests. */
export const anyDocument: fc.Arbitrary<PolicyDocument> = fc
  .record(
    {
      settings: fc.record(
        {
          default_action: fc.constantFrom('deny' as const, 'warn' as const, 'allow' as const),
          default_on_tamper: fc.constantFrom('warn' as const, 'quarantine' as const),
        },
        { requiredKeys: ['default_action'] },
      ),
      rules: fc.array(rule, { minLength: 1, maxLength: 6 }),
      dlp_rules: fc.array(dlpRule, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['rules'] },
  )
  .map(({ rules, dlp_rules: dlpRules, ...rest }) => ({
    version: '1' as const,
    ...rest,
    rules: rules.map((each, index) => ({ id: `rule-${index}`, ...each })),
    ...(dlpRules && { dlp_rules: dlpRules.map((each, index) => ({ id: `dlp-${index}`, ...each })) }),
  })) as fc.Arbitrary<PolicyDocument>;
