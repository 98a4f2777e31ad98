import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicyDocument, parsePolicyValue } from './parse.ts';
import type { Problem } from './problem.ts';

const ONE_RULE = "version: '1'\nrules:\n  - deny: Bash:rm\n";

function document(text: string | Uint8Array, format: 'yaml' | 'json' | 'auto' = 'auto') {
  const result = parsePolicyDocument(text, format);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.document;
}

function problems(text: string | Uint8Array, format: 'yaml' | 'json' | 'auto' = 'auto'): Problem[] {
  const result = parsePolicyDocument(text, format);
  if (result.ok) throw new Error('the document was accepted');
  return result.problems;
}

const codes = (list: Problem[]) => list.map((problem) => problem.code);

describe('spellings of a rule', () => {
  it('reads shorthands, lists and the long form into one shape', () => {
    const read = document(`
version: 1
default_action: warn
rules:
  - {id: a, name: First, deny: Bash:rm, resource: /etc/*, when: {path: '*.pem'}}
  - allow: [file_read, 'file_search:*']
    clients: claude_code
    projects: [p1, p2]
  - {effect: warn, actions: ['http:POST'], reason: Careful, reason_code: NET, reason_localized: {KO: 조심}, escalate_on_deny: false}
dlp_rules:
  - {id: emp, pattern: 'emp-\\d{4}'}
`);
    expect(read).toEqual({
      version: '1',
      settings: { default_action: 'warn' },
      rules: [
        {
          id: 'a',
          name: 'First',
          effect: 'deny',
          actions: ['Bash:rm'],
          resources: ['/etc/*'],
          conditions: { path: '*.pem' },
        },
        { effect: 'allow', actions: ['file_read', 'file_search:*'], clients: ['claude_code'], projects: ['p1', 'p2'] },
        {
          effect: 'warn',
          actions: ['http:POST'],
          reason: 'Careful',
          reason_code: 'NET',
          reason_localized: { ko: '조심' },
          escalate_on_deny: false,
        },
      ],
      dlp_rules: [{ id: 'emp', pattern: 'emp-\\d{4}', category: 'pii', action: 'detect' }],
    });
  });

  it('reads the same document from JSON, YAML and a parsed value', () => {
    const value = {
      version: '1',
      settings: { tamper_behavior: 'quarantine' },
      rules: [{ allow: ['a:b'], when: { n: { op: 'gt', value: 3 } } }],
    };
    const text = JSON.stringify(value);
    const fromValue = parsePolicyValue(value);
    expect(fromValue.ok && fromValue.document).toEqual(document(text, 'json'));
    expect(document(text, 'yaml')).toEqual(document(text, 'json'));
    expect(document(text).settings).toEqual({ default_on_tamper: 'quarantine' });
  });

  it('leads from canonical pointers back to the words of the author', () => {
    const result = parsePolicyDocument("version: '1'\nrules:\n  - when: {a: 1}\n    deny: x\n");
    if (!result.ok) throw new Error('not read');
    expect(result.sourceMap.locate('/rules/0/actions/0')).toEqual({
      path: '/rules/0/deny',
      position: { line: 4, column: 11 },
    });
    expect(result.sourceMap.locate('/rules/0/conditions/a').path).toBe('/rules/0/when/a');
    expect(result.sourceMap.locate('/rules/0/conditions/a/op').position).toEqual({ line: 3, column: 15 });
  });
});

describe('problems', () => {
  it('come all at once, in the order of the source, with line and column', () => {
    const found = problems(`version: '2'
settings: {default_action: Deny}
rules:
  - {deny: a, allow: b}
  - effect: audit
    action: x
  - allow: y
    client: [z]
  - {}
  - allow: [5]
`);
    expect(found.map((problem) => `${problem.line}:${problem.column} ${problem.code} ${problem.path}`)).toEqual([
      '1:10 version /version',
      '2:28 unknown_word /settings/default_action',
      '4:5 several_effects /rules/0',
      '5:13 effect_audit /rules/1/effect',
      '8:5 unknown_key /rules/2/client',
      '9:5 no_effect /rules/3',
      '10:13 not_text /rules/4/allow/0',
    ]);
    expect(found[3]).toMatchObject({
      suggestion: 'warn',
      fix: { patch: [{ op: 'replace', path: '/rules/1/effect', value: 'warn' }] },
    });
    expect(found[4]!.suggestion).toBe('clients');
  });

  it('have lines and columns in JSON too', () => {
    const found = problems('{\n  "version": "1",\n  "rules": [\n    {"deny": "a", "reasn": "x"}\n  ]\n}');
    expect(found).toMatchObject([
      { code: 'unknown_key', line: 4, column: 19, path: '/rules/0/reasn', suggestion: 'reason' },
    ]);
  });

  it('have pointers and no lines for a parsed value', () => {
    const result = parsePolicyValue({ version: '1', rules: [{ deny: [] }] });
    expect(result.problems).toEqual([expect.objectContaining({ code: 'empty_list', path: '/rules/0/deny' })]);
    expect(result.problems[0]).not.toHaveProperty('line');
  });

  it.each([
    ['clients: []', 'empty_list'],
    ['projects: []', 'empty_list'],
    ['resources: []', 'empty_list'],
    ['conditions: {}', 'empty_conditions'],
    ['conditions: [a]', 'not_object'],
    ['conditions: {time_range: "09:00-17:00"}', 'reserved_condition'],
    ['conditions: {ip_whitelist: 10.0.0.0/8}', 'reserved_condition'],
    ['conditions: {tags: x}', 'reserved_condition'],
    ['conditions: {a: [x, y]}', 'condition_list'],
    ['conditions: {a: {value: 1}}', 'missing_operator'],
    ['conditions: {a: null}', 'not_text'],
    ['conditions: {a: {op: gt, valu: 1}}', 'unknown_key'],
    ['when: {a: b}, conditions: {a: b}', 'several_keys'],
    ['resource: a, resources: [b]', 'several_keys'],
    ['tags: [x]', 'unsupported_key'],
    ['requires_approval: true', 'unsupported_key'],
    ['escalate_on_deny: "yes"', 'not_boolean'],
    ['reason: ""', 'empty_text'],
    ['reason_code: "a b"', 'bad_form'],
    ['reason_localized: {"!": x}', 'bad_locale'],
    ['reason_localized: {ko: x, KO: y}', 'duplicate_key'],
    ['id: "a b"', 'bad_form'],
  ])('refuse %s', (member, code) => {
    expect(codes(problems(`version: '1'\nrules:\n  - {deny: x, ${member}}\n`))).toContain(code);
  });

  it('only warn about keys that nobody knows', () => {
    const result = parsePolicyDocument(`${ONE_RULE}    owner: me\n`);
    expect(result.ok).toBe(true);
    expect(codes(result.problems)).toEqual(['unknown_key']);
  });

  it('refuse too many or too long parts', () => {
    expect(codes(problems(`version: '1'\nrules:\n${'  - deny: x\n'.repeat(1001)}`))).toEqual(['too_many']);
    expect(codes(problems(`version: '1'\nrules: [{deny: "${'x'.repeat(257)}"}]`))).toEqual(['too_long']);
    expect(
      codes(
        problems(JSON.stringify({ version: '1', rules: [{ deny: Array.from({ length: 101 }, (_, i) => `t${i}`) }] })),
      ),
    ).toEqual(['too_many']);
  });

  it('are cut off at a bound that says so, errors before warnings', () => {
    const rules = Array.from({ length: 300 }, () => ({ deny: 'x', owner: 'me' }));
    const result = parsePolicyValue({ version: '1', rules: [...rules, { deny: 5 }] });
    expect(result.ok).toBe(false);
    expect(result.problems).toHaveLength(201);
    expect(codes(result.problems)).toContain('not_text');
    expect(result.problems.at(-1)).toMatchObject({ code: 'too_many_problems' });
  });
});

describe('hostile YAML', () => {
  it.each([
    ['anchors and aliases', "version: '1'\nx: &a [1]\ny: *a\nrules: [{deny: x}]", ['yaml_anchor', 'yaml_alias']],
    ['merge keys', "version: '1'\nrules:\n  - &base {deny: x}\n  - <<: *base", ['yaml_anchor', 'yaml_alias']],
    ['tags', 'version: !!str 1\nrules: [{deny: !evil x}]', ['yaml_tag', 'yaml_tag']],
    ['directives', "%YAML 1.1\n---\nversion: '1'\nrules: [{deny: yes}]", ['yaml_directive']],
    ['several documents', `${ONE_RULE}---\n${ONE_RULE}`, ['several_documents']],
    ['duplicate keys', "version: '1'\nrules:\n  - deny: x\n    deny: y", ['duplicate_key']],
    ['keys that are no text', "version: '1'\nrules: [{deny: x, 5: y}]", ['key_not_text']],
    ['keys that are collections', "version: '1'\nrules: [{deny: x, [a]: y}]", ['key_not_text']],
    ['infinities', "version: '1'\nrules: [{deny: x, when: {a: .inf, b: .nan}}]", ['number_range', 'number_range']],
    ['huge numbers', "version: '1'\nrules: [{deny: x, when: {a: 99999999999999999999}}]", ['number_range']],
    ['tabs as indentation', "version: '1'\nrules:\n\t- deny: x", ['yaml_syntax']],
    ['unclosed brackets', "version: '1'\nrules: [{deny: x", ['yaml_syntax']],
    ['control characters', 'version: \'1\'\nrules: [{deny: "a\0b"}]', ['control_character']],
    ['escaped control characters', `version: '1'\nrules: [{deny: "a\\0b"}]`, ['control_character']],
    ['escaped half surrogates', `version: '1'\nrules: [{deny: "\\ud800"}]`, ['lone_surrogate']],
    ['an empty text', '', ['not_object']],
    ['a scalar', 'rm -rf /', ['not_object']],
  ])('refuses %s', (_name, text, expected) => {
    const found = codes(problems(text, 'yaml'));
    for (const code of new Set(expected)) {
      expect(found.filter((each) => each === code).length).toBeGreaterThanOrEqual(
        expected.filter((each) => each === code).length,
      );
    }
  });

  it('names the line of a duplicate key', () => {
    expect(problems("version: '1'\nrules:\n  - deny: x\n    deny: y")).toMatchObject([{ line: 4, column: 5 }]);
  });

  it('refuses an alias bomb in no time', () => {
    const bomb = [
      'a: &a [x, x]',
      ...'bcdefghij'.split('').map((name, at) => `${name}: &${name} [${`*${'abcdefghi'[at]}, `.repeat(9)}]`),
    ];
    expect(codes(problems(bomb.join('\n')))).toContain('yaml_alias');
  });

  it.each([
    ['brackets', '['.repeat(50_000)],
    ['braces', '{a: '.repeat(50_000)],
    ['dashes', '- '.repeat(50_000)],
    ['question marks', '? '.repeat(50_000)],
    ['indentation', Array.from({ length: 500 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
  ])('refuses deep nesting by %s without running out of stack', (_name, text) => {
    expect(codes(problems(text, 'yaml'))).toEqual(['too_deep']);
  });

  it.each(['a: ', '&a ', '[a],', '# \n', '- x\n'])('gives up on a flood of %j before parsing it', (part) => {
    expect(codes(problems(part.repeat(Math.floor(1_000_000 / part.length)), 'yaml'))).toEqual(['document_too_large']);
  });

  it('gives up on a flood of closing brackets', () => {
    expect(codes(problems(']'.repeat(100_000), 'yaml'))).toEqual(['yaml_syntax']);
  });

  it('treats prototype names as ordinary keys', () => {
    const result = parsePolicyDocument(`${ONE_RULE}    __proto__: {effect: allow}\n    constructor: 1\n`);
    expect(codes(result.problems)).toEqual(['unknown_key', 'unknown_key']);
    expect(result.ok && result.document.rules).toEqual([{ effect: 'deny', actions: ['Bash:rm'] }]);
    expect(({} as Record<string, unknown>)['effect']).toBeUndefined();
    expect(codes(problems("version: '1'\nrules: [{deny: x, when: {__proto__: a}}]"))).toEqual(['bad_form']);
  });

  it('accepts a byte order mark at the start and keeps lines right', () => {
    expect(document(`\uFEFF${ONE_RULE}`).rules).toHaveLength(1);
    expect(document(`\uFEFF${JSON.stringify({ version: '1', rules: [{ deny: 'x' }] })}`).rules).toHaveLength(1);
  });

  it('warns where a number would be read as another text', () => {
    const result = parsePolicyDocument("version: '1'\nrules: [{deny: x, when: {v: 1.10, w: 0x10}}]");
    expect(result.problems.map((problem) => problem.suggestion)).toEqual(['1.1', '16']);
  });
});

describe('hostile bytes', () => {
  it('refuses bytes that are not UTF-8 at their place', () => {
    const bytes = Buffer.concat([
      Buffer.from("version: '1'\n# ä "),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('\nrules: []'),
    ]);
    expect(problems(bytes)).toMatchObject([{ code: 'not_utf8', line: 2, column: 5 }]);
    expect(codes(problems(Buffer.from("version: '1'", 'utf16le')))).toEqual(['control_character']);
    expect(codes(problems(Buffer.from([0xff, 0xfe, 0x61, 0x00])))).toEqual(['not_utf8']);
  });

  it('refuses more than a megabyte before reading it', () => {
    expect(codes(problems(`${ONE_RULE}#${'x'.repeat(1_048_576)}`))).toEqual(['document_too_large']);
  });
});

describe('hostile JSON', () => {
  it.each([
    ['duplicate keys', '{"version":"1","rules":[{"deny":"x","deny":"y"}]}', 'duplicate_key'],
    ['numbers out of range', '{"version":"1","rules":[{"deny":"x","when":{"a":1e999}}]}', 'number_range'],
    ['numbers that vanish', '{"version":"1","rules":[{"deny":"x","when":{"a":1e-999}}]}', 'number_range'],
    ['integers beyond 2^53', '{"version":"1","rules":[{"deny":"x","when":{"a":9007199254740993}}]}', 'number_range'],
    ['NaN', '{"version":NaN}', 'json_syntax'],
    ['comments', '{"version":"1" /* x */}', 'json_syntax'],
    ['trailing commas', '{"version":"1",}', 'json_syntax'],
    ['trailing text', '{"version":"1"} x', 'json_syntax'],
    ['leading zeros', '{"version":01}', 'json_syntax'],
    ['single quotes', "{'version':'1'}", 'json_syntax'],
    ['unclosed text', '{"version":"1', 'json_syntax'],
    ['line breaks in text', '{"version":"1\n"}', 'json_syntax'],
    ['unknown escapes', '{"version":"\\x31"}', 'json_syntax'],
    ['half surrogates', '{"version":"1","rules":[{"deny":"\\udc00"}]}', 'lone_surrogate'],
    ['deep nesting', `{"version":${'['.repeat(200_000)}`, 'too_deep'],
    ['nothing', '', 'json_syntax'],
  ])('refuses %s', (_name, text, code) => {
    expect(codes(problems(text, 'json'))).toContain(code);
  });

  it('refuses a parsed value without bottom', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 50_000; level += 1) deep = [deep];
    expect(codes(parsePolicyValue({ version: '1', rules: deep }).problems)).toEqual(['too_deep']);
    const circle: Record<string, unknown> = { version: '1' };
    circle['rules'] = [circle];
    expect(parsePolicyValue(circle).problems).toHaveLength(1);
  });
});

describe('any input', () => {
  it('is answered with a document or with problems, never with an exception', () => {
    const pieces = fc.array(
      fc.constantFrom(
        "version: '1'\n",
        'rules:\n',
        '  - ',
        'deny: ',
        'x\n',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        ':',
        ',',
        '&a ',
        '*a',
        '!t ',
        '\t',
        '- ',
        '? ',
        '|\n',
        '# c\n',
        '---\n',
        '%Y 1\n',
        '\\u',
        '1e9',
        '__proto__: ',
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        for (const format of ['yaml', 'json', 'auto'] as const) {
          const result = parsePolicyDocument(parts.join(''), format);
          if (!result.ok) expect(result.problems.some((problem) => problem.severity === 'error')).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void parsePolicyDocument(bytes)),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void parsePolicyValue(value)),
      { numRuns: 200 },
    );
  });

  it('gives JSON the value that JSON.parse gives it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => !key.includes('\ud800') && key !== '__proto__'),
          fc.string({ minLength: 1, maxLength: 20 }),
        ),
        (conditions) => {
          const text = JSON.stringify({ version: '1', rules: [{ deny: 'x', when: conditions }] });
          const result = parsePolicyDocument(text, 'json');
          if (result.ok) expect({ ...result.document.rules[0]!.conditions }).toEqual(JSON.parse(text).rules[0].when);
        },
      ),
    );
  });
});
