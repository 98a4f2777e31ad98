import { describe, expect, it } from 'vitest';
import { applyFix, applyFixToYaml } from './fix.ts';
import { parsePolicyDocument } from './parse.ts';
import type { Problem } from './problem.ts';
import { checkPolicyDocument, checkPolicyValue, type ValidateOptions, validatePolicyDocument } from './validate.ts';

function check(rules: unknown[], options: ValidateOptions = {}, rest: object = {}): Problem[] {
  return checkPolicyValue({ version: '1', rules, ...rest }, options).problems;
}

const codes = (problems: Problem[]) => problems.map((problem) => problem.code);
const errors = (problems: Problem[]) => codes(problems.filter((problem) => problem.severity === 'error'));

describe('patterns', () => {
  it.each([
    ['Bash:rm'],
    ['*'],
    ['*:read'],
    ['database:admin'],
    ['database:DROP'],
    ['database:*'],
    ['database:D*'],
    ['git_push:main'],
    ['kubectl:delete'],
    ['mcp__github__create_issue'],
    ['file_delete:*'],
    ['Secrets:read'],
    ['llm:generate'],
    ['github_*:x'],
    ['network'],
    ['mine:run'],
  ])('%s is known', (pattern) => {
    expect(check([{ deny: pattern }], { tools: ['mine'] })).toEqual([]);
  });

  it.each([
    ['bahs:rm', 'unknown_action', 'warning', 'Bash'],
    ['minne:run', 'unknown_action', 'warning', 'mine'],
    ['frobnicate:x', 'unknown_action', 'warning', undefined],
    ['BASH:rm', 'tool_case', 'warning', 'Bash'],
    ['MINE:run', 'tool_case', 'warning', 'mine'],
    ['file_read.read', 'dot_separator', 'warning', 'file_read:read'],
    ['database:SELEKT', 'unknown_database_method', 'error', 'SELECT'],
    ['PostgreSQL:admn', 'unknown_database_method', 'error', 'admin'],
    ['database:Select', 'unknown_database_method', 'error', 'SELECT'],
    ['database:frobnicate', 'unknown_action', 'warning', undefined],
    ['Bash : rm', 'blanks_in_pattern', 'error', 'Bash:rm'],
    [':rm', 'half_pattern', 'error', undefined],
    ['Bash:', 'half_pattern', 'error', undefined],
    ['mcp__x:[ab', 'unclosed_class', 'error', undefined],
    ['mcp__x:[!a]', 'negated_class', 'warning', undefined],
    ['mcp__x:a\\b', 'backslash', 'warning', undefined],
  ])('%s draws %s', (pattern, code, severity, suggestion) => {
    const [problem] = check([{ deny: pattern }], { tools: ['mine'] });
    expect(problem).toMatchObject({ code, severity, path: '/rules/0/deny' });
    expect(problem!.suggestion).toBe(suggestion);
  });
});

describe('who an allow rule reaches', () => {
  it('is told for a family that libraries call by other names', () => {
    const [problem] = check([{ allow: ['file_read:read'] }]);
    expect(problem).toMatchObject({ code: 'callers_not_reached', severity: 'warning' });
    expect(problem!.fix!.patch).toContainEqual({ op: 'add', path: '/rules/0/allow/-', value: 'Read:read' });
  });

  it('does not count the name that is written among those that are not reached', () => {
    for (const name of ['database', 'file_read', 'Bash']) {
      const [problem] = check([{ allow: `${name}:read` }]);
      const listed = /by another name \((.*) …\)/.exec(problem!.message)![1]!.split(', ');
      expect(listed.map((other) => other.toLowerCase())).not.toContain(name.toLowerCase());
    }
  });

  it('is told for a library name that hooks do not pass', () => {
    expect(check([{ warn: 'Read:read' }])[0]!.message).toContain('Hooks pass file_read');
  });

  it('is no question for deny rules, globs, unknown families, or when several names are written', () => {
    expect(
      check([
        { deny: 'file_read:read' },
        { allow: 'file_*:x' },
        { allow: 'mcp__a__b' },
        { allow: ['file_search:search', 'Grep:search'] },
      ]),
    ).toEqual([]);
  });
});

describe('conditions', () => {
  it.each([
    [{ op: 'near', value: 1 }, 'unknown_operator'],
    [{ op: 'greater_tan', value: 1 }, 'unknown_operator'],
    [{ op: 'constructor', value: 1 }, 'unknown_operator'],
    [{ op: 'gt' }, 'bad_operand'],
    [{ op: 'gt', value: 'many' }, 'bad_operand'],
    [{ op: 'lte', value: true }, 'bad_operand'],
    [{ op: 'equals', value: ['a'] }, 'bad_operand'],
    [{ op: 'equals', value: '' }, 'bad_operand'],
    [{ op: 'in', value: [] }, 'bad_operand'],
    [{ op: 'not_in', value: ' , ' }, 'bad_operand'],
    [{ op: 'in_range', value: [5, 1] }, 'bad_operand'],
    [{ op: 'in_range', value: '-5-10' }, 'bad_operand'],
    [{ op: 'in_range', value: [1, 'x'] }, 'bad_operand'],
    [{ op: 'outside_range', value: [1, 2, 3] }, 'bad_operand'],
    [{ op: 'exists', value: false }, 'bad_operand'],
    [{ op: 'matches', value: '(?=a)' }, 'bad_operand'],
    [{ op: 'matches', value: '\\Sx', case_insensitive: true }, 'bad_operand'],
    [{ op: 'matches_pattern', value: '(' }, 'bad_operand'],
    ['', 'empty_text'],
  ])('%j is refused', (condition, code) => {
    expect(errors(check([{ deny: 'Bash', when: { field: condition } }]))).toEqual([code]);
  });

  it.each([
    ['text*'],
    [5],
    [true],
    [{ op: 'exists' }],
    [{ op: 'not_exists', value: true }],
    [{ op: 'greater_than_or_equal', value: '5' }],
    [{ op: 'in', value: 'a, b' }],
    [{ op: 'in_range', value: '09:00 - 17:00' }],
    [{ op: 'outside_range', value: [-5, 5] }],
    [{ op: 'matches', value: '(?i)^(?:a|b)+\\d{2,4}$' }],
    [{ op: 'contains', value: 'x', case_insensitive: true }],
  ])('%j is accepted', (condition) => {
    expect(errors(check([{ deny: 'Bash', when: { field: condition } }]))).toEqual([]);
  });

  it('warn about expressions that can take a backtracking engine for ever', () => {
    const slow = (value: string) =>
      codes(check([{ deny: 'Bash', when: { f: { op: 'matches', value } } }])).includes('slow_expression');
    expect(['(a+)+$', '(?:a*b?)*c', '(?:x{2,})+', '((a+)b?)*'].map(slow)).toEqual([true, true, true, true]);
    expect(['a+b+', '(a|b)+', '(ab)+c*', '[(a+)]+', '(a{2,3})+'].map(slow)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('rules among each other', () => {
  it('an earlier rule that matches everything makes a later one unreachable', () => {
    const problems = check([
      { allow: 'mcp__a:*' },
      { deny: ['mcp__a:x', 'MCP__A:y*'] },
      { deny: ['mcp__a:x', 'mcp__b'] },
    ]);
    expect(problems.filter((problem) => problem.code === 'unreachable_rule')).toMatchObject([{ path: '/rules/1' }]);
  });

  it.each([
    ['other patterns', { allow: 'mcp__a:x' }, { deny: 'mcp__a:*' }],
    ['resources', { allow: 'mcp__a', resources: ['r'] }, { deny: 'mcp__a' }],
    ['conditions', { allow: 'mcp__a', when: { a: 1 } }, { deny: 'mcp__a' }],
    ['clients', { allow: 'mcp__a', clients: ['go'] }, { deny: 'mcp__a' }],
    ['projects', { allow: 'mcp__a', projects: ['p'] }, { deny: 'mcp__a' }],
    ['a question mark against a star', { allow: 'mcp__a:?' }, { deny: 'mcp__a:*' }],
    ['case of the method', { allow: 'mcp__a:X' }, { deny: 'mcp__a:x' }],
  ])('%s keep it reachable', (_name, first, second) => {
    expect(codes(check([first, second]))).not.toContain('unreachable_rule');
  });

  it('equal gates do not keep it reachable', () => {
    expect(
      codes(
        check([
          { allow: 'mcp__a', when: { a: 1, b: 2 } },
          { deny: 'mcp__a', when: { b: 2, a: 1 } },
        ]),
      ),
    ).toContain('unreachable_rule');
    expect(codes(check([{ allow: 'mcp__a', resources: ['*', 'x'] }, { deny: 'mcp__a' }]))).toContain(
      'unreachable_rule',
    );
  });

  it('ids are unique', () => {
    expect(
      errors(
        check([
          { id: 'a', deny: 'Bash' },
          { id: 'a', deny: 'http' },
        ]),
      ),
    ).toEqual(['repeated_id']);
  });
});

describe('members that need each other', () => {
  it('secrets under approval have a rule each', () => {
    const secret = (more: object) => errors(check([{ deny: 'Secrets:read', reason_code: 'HITL_REQUIRED', ...more }]));
    expect(secret({})).toEqual(['shared_secret_rule']);
    expect(secret({ resources: ['a', 'b'] })).toEqual(['shared_secret_rule']);
    expect(secret({ resources: ['db-*'] })).toEqual(['shared_secret_rule']);
    expect(secret({ resources: ['db/pass'] })).toEqual(['bad_form']);
    expect(secret({ resources: ['db-password'] })).toEqual([]);
  });

  it('escalation belongs to deny, and a star opens a list of resources', () => {
    expect(codes(check([{ warn: 'mcp__x', escalate_on_deny: true }]))).toEqual(['no_effect_here']);
    expect(codes(check([{ deny: 'mcp__x', resources: ['a', '*'] }]))).toEqual(['open_resources']);
  });

  it('a reason that an approval request carries does not look like a secret to SDKs', () => {
    const escalated = (more: object) => errors(check([{ deny: 'mcp__x', escalate_on_deny: true, ...more }]));
    expect(escalated({ reason: 'skip this' })).toEqual(['reason_like_secret']);
    expect(escalated({ reason: 'no', reason_localized: { ko: 'pk 안돼' } })).toEqual(['reason_like_secret']);
    expect(escalated({ reason: 'Skip this' })).toEqual([]);
    expect(errors(check([{ deny: 'mcp__x', reason: 'skip this' }]))).toEqual([]);
  });

  it('clients are names that SDKs use', () => {
    const [problem] = check([{ deny: 'Bash', clients: ['clade-code', 'Claude Code', 'my*'] }]).filter(
      (each) => each.code === 'unknown_client',
    );
    expect(problem).toMatchObject({ suggestion: 'claude_code', path: '/rules/0/clients/0' });
  });

  it('a setting that only loosens has no effect', () => {
    expect(codes(check([{ deny: 'Bash' }], {}, { default_action: 'allow' }))).toEqual(['setting_without_effect']);
  });
});

describe('DLP rules', () => {
  const dlp = (more: object) => check([{ deny: 'Bash' }], {}, { dlp_rules: [{ id: 'a', pattern: 'x', ...more }] });

  it.each([
    [{ category: 'salary' }, 'unknown_word'],
    [{ action: 'BLOCK' }, 'unknown_word'],
    [{ pattern: '[[:digit:]]' }, 'bad_expression'],
    [{ pattern: 'a(?i)b' }, 'bad_expression'],
    [{ context_required: true }, 'no_keywords'],
    [{ scopes: [] }, 'empty_list'],
    [{ scopes: ['skd'] }, 'unknown_word'],
    [{ id: 'a b' }, 'bad_form'],
  ])('%j are refused', (more, code) => {
    expect(errors(dlp(more))).toEqual([code]);
  });

  it('warn where SDKs differ', () => {
    expect(codes(dlp({}))).toEqual(['older_sdk_without_dlp']);
    expect(codes(dlp({ id: 'pii:x' }))).toContain('replaces_builtin_detectors');
    expect(codes(dlp({ scopes: ['gateway'] }))).toContain('not_for_sdks');
    expect(
      codes(
        check(
          [{ deny: 'Bash' }],
          {},
          {
            dlp_rules: [
              { id: 'a', pattern: 'x' },
              { id: 'a', pattern: 'y' },
            ],
          },
        ),
      ),
    ).toContain('repeated_id');
  });
});

describe('problems', () => {
  it('of reading and of meaning come in one run', () => {
    const result = checkPolicyDocument(
      "version: '1'\nrules:\n  - {deny: a, allow: b}\n  - deny: database:SELEKT\n  - deny: [5]\n",
    );
    expect(result.ok).toBe(false);
    expect(result.problems.map((problem) => `${problem.line} ${problem.code}`)).toEqual([
      '3 several_effects',
      '4 unknown_database_method',
      '5 not_text',
    ]);
  });

  it('of a stored document stand at the words of its author', () => {
    const read = parsePolicyDocument("version: '1'\nrules:\n  - when: {a: {op: near}}\n    deny: Bash\n");
    if (!read.ok) throw new Error('not read');
    const place = (options: ValidateOptions) =>
      validatePolicyDocument(read.document, options).find((problem) => problem.code === 'unknown_operator');
    expect(place({ sourceMap: read.sourceMap })).toMatchObject({ path: '/rules/0/when/a/op', line: 3, column: 20 });
    expect(place({})).toMatchObject({ path: '/rules/0/conditions/a/op' });
    expect(place({})).not.toHaveProperty('line');
  });

  it('that carry a fix are gone once it is applied, in parsed documents and in text', () => {
    const text = `# my policy
version: '2'
default_action: Deny
rules:
  - allow: file_read:read # reading
  - allow: [http:GET]
  - effect: audit
    action: mcp__x
  - deny: database:SELEKT
  - deny: bahs:rm
  - deny: BASH:rm
  - deny: [ 'Bash : rm' ]
  - deny: Bash
    clients: clade-code
  - deny: Bash
    whn: {a: {op: gte, value: 1}}
  - deny: Bash
    when: {a: {op: gret, value: 1}, b: [x, y]}
  - deny: mcp__y
    resource: /data/*
  - allow: mcp__y
`;
    let problems = checkPolicyDocument(text, 'yaml').problems.filter((problem) => problem.fix);
    expect(new Set(codes(problems)).size).toBeGreaterThanOrEqual(10);
    let fixed = text;
    let count = 0;
    for (; problems.length > 0 && count < 40; count += 1) {
      const [problem] = problems;
      fixed = applyFixToYaml(fixed, problem!.fix!);
      problems = checkPolicyDocument(fixed, 'yaml').problems.filter((each) => each.fix);
      expect(problems.map((each) => `${each.code} ${each.path}`)).not.toContain(`${problem!.code} ${problem!.path}`);
    }
    expect(problems).toEqual([]);
    expect(fixed).toContain('# my policy');
    expect(fixed).toContain('- Read:read');
    expect(fixed).toContain('/data/*/*');
  });

  it('have fixes that fit parsed JSON too', () => {
    const value = { version: '1', rules: [{ allow: 'file_read:read' }, { deny: 'Bash', reasn: 'x' }] };
    for (const problem of checkPolicyValue(value).problems.filter((each) => each.fix)) {
      const codesAfter = codes(checkPolicyValue(applyFix(value, problem.fix!)).problems);
      expect(codesAfter).not.toContain(problem.code);
    }
    expect(() => applyFix(value, { title: '', patch: [{ op: 'replace', path: '/rules/7/deny', value: 1 }] })).toThrow(
      '/rules/7/deny',
    );
  });
});
