import { describe, expect, it } from 'vitest';
import { compile, toJson } from '../index.ts';

const USER = '{type: object, properties: {name: {type: string}, age: {type: integer}}}';

/** A metadata block with the given lines. */
const block = (...lines: string[]) => ['# METADATA', ...lines.map((line) => `# ${line}`), ''].join('\n');
const schemas = (...entries: string[]) => ['schemas:', ...entries.map((entry) => `  - ${entry}`)];

/** The errors of modules as `row: message` with the first line of details. */
function errorsOf(...modules: string[]): string[] {
  const { errors } = compile(modules.map((text, index) => ({ file: `${index}.rego`, text })));
  return errors.map(({ location, message, details }) => `${location?.row}: ${message}, ${details?.split('\n')[0]}`);
}

/** The type that a schema gives, as an error shows it. */
function typeOf(schema: string): string {
  const rule = `${block(...schemas(`input.place: ${schema}`))}p if trim(input.place, 1)\n`;
  return /have: \((.*), number/.exec(errorsOf(`package a\n\n${rule}`).join())?.[1] ?? 'none';
}

describe('the type of a schema', () => {
  it.each([
    ['{type: string}', 'string'],
    ['{type: integer}', 'number'],
    ['{type: "null"}', 'any'],
    ['{}', 'any'],
    ['{type: unknown}', 'any'],
    ['{type: ["null", string]}', 'string'],
    ['{type: [number, string]}', 'string'],
    ['{type: [array, object]}', 'object[any: any]'],
    ['{type: object}', 'object[any: any]'],
    [USER, 'object<name: string, age: number>'],
    ['{properties: {a: {type: string}}, additionalProperties: {type: number}}', 'object<a: string>'],
    ['{type: object, properties: {a: {}}}', 'object<a: any>'],
    ['{type: array}', 'array[any]'],
    ['{items: {type: string}}', 'array[string]'],
    ['{type: array, items: [{type: string}, {type: number}]}', 'array<string, number>'],
    ['{anyOf: [{type: string}, {type: number}]}', 'any<number, string>'],
    ['{anyOf: []}', 'any'],
    ['{oneOf: [{type: string}]}', 'any'],
    ['{enum: [a]}', 'any'],
    ['{allOf: [{properties: {a: {type: string}}}, {properties: {b: {type: number}}}]}', 'object<a: string, b: number>'],
    [
      '{type: object, properties: {p: {type: string}}, allOf: [{properties: {q: {type: "null"}}}]}',
      'object<p: string, q: any>',
    ],
    ['{allOf: [{type: string}, {type: string}]}', 'string'],
    ['{allOf: [{type: string}, {type: number}]}', 'any'],
    ['{$ref: "#/definitions/x", definitions: {x: {type: string}}}', 'string'],
    ['{$ref: "https://example.org/x.json"}', 'any'],
    ['{$ref: "#/definitions/none"}', 'any'],
    ['{$ref: "#"}', 'any'],
  ])('%s', (schema, type) => {
    expect(typeOf(schema)).toBe(type);
  });

  it('that doubles at each reference ends', () => {
    const doubling = Array.from({ length: 45 }, (_, index) => {
      const next = `{$ref: "#/definitions/d${index + 1}"}`;
      return `d${index}: {type: object, properties: {a: ${next}, b: ${next}}}`;
    });
    expect(typeOf(`{$ref: "#/definitions/d0", definitions: {${doubling.join(', ')}}}`)).toContain('object<a: object');
  });

  it('of a schema within itself ends', () => {
    expect(typeOf('{type: object, properties: {a: {$ref: "#"}, b: {$ref: "#"}}}')).toBe('object<a: any, b: any>');
  });
});

describe('a schema in a metadata block', () => {
  const own = block(...schemas(`input: ${USER}`));

  it('finds steps into what it does not have, in every part of the rule', () => {
    for (const rule of [
      'p if input.mail',
      'p := input.mail',
      'p contains input.mail',
      'p := [x | x := input.mail]',
      'p if every x in [1] { input.mail == x }',
      'p if not input.mail',
      'f(x) := x + input.mail',
      'p if { x := input; x.mail }',
    ]) {
      expect([rule, ...errorsOf(`package a\n\n${own}${rule}\n`)]).toEqual([
        rule,
        expect.stringMatching(/^6: undefined ref: (input|x)\.mail/),
      ]);
    }
  });

  it('finds values of other types', () => {
    expect(errorsOf(`package a\n\n${own}p if input.name == 1\n`)).toEqual(['6: match error, left  : string']);
    expect(errorsOf(`package a\n\n${own}p := input.name + 1\n`)[0]).toContain('plus: invalid argument(s)');
    expect(errorsOf(`package a\n\n${own}p := input\n\nq := p.mail\n`)[0]).toContain('8: undefined ref: data.a.p.mail');
  });

  it('applies to its rule alone, without the else branches', () => {
    const rules = 'p if input.name\n\np if input.mail\n\nq if input.mail\n';
    expect(errorsOf(`package a\n\n${own}${rules}`)).toEqual([]);
    expect(errorsOf(`package a\n\n${own}p := 1 if input.name == "x" else := input.mail\n`)).toEqual([]);
  });

  it('applies to a document, a package or the packages below, also from other modules', () => {
    const scoped = (scope: string) => block(`scope: ${scope}`, ...schemas(`input: ${USER}`));
    const wanted = [expect.stringContaining('undefined ref: input.mail')];
    expect(errorsOf(`package a\n\n${scoped('document')}p if input.name\n\np if input.mail\n`)).toEqual(wanted);
    expect(errorsOf(`${scoped('package')}package a\n`, 'package a\n\np if input.mail\n')).toEqual(wanted);
    expect(errorsOf(`${scoped('subpackages')}package a\n`, 'package a.b.c\n\np if input.mail\n')).toEqual(wanted);
    expect(errorsOf(`${scoped('package')}package a\n`, 'package a.b\n\np if input.mail\n')).toEqual([]);
  });

  it('of a rule goes before the one of its package', () => {
    const above = block('scope: package', ...schemas(`input: ${USER}`));
    const closer = block(...schemas('input: {type: object, properties: {mail: {type: string}}}'));
    expect(errorsOf(`${above}package a\n\n${closer}p if input.mail == "x"\n`)).toEqual([]);
    const added = block(...schemas('input.mail: {type: string}'));
    expect(errorsOf(`${above}package a\n\n${added}p if { input.mail == "x"; input.name == "y" }\n`)).toEqual([]);
    expect(errorsOf(`${above}package a\n\n${added}p if input.phone\n`)).toHaveLength(1);
  });

  it('tells of base data, and goes before what a rule is known to be', () => {
    const data = block(...schemas('data.users.first: {type: string}', 'data.a.q: {type: string}'));
    expect(errorsOf(`package a\n\n${data}p if data.users.first == 1\n`)).toEqual(['7: match error, left  : string']);
    expect(errorsOf(`package a\n\n${data}p if data.users.second == 1\n`)).toEqual([]);
    expect(errorsOf(`package a\n\n${data}p if q == 1\n\nq := 1\n`)).toEqual(['7: match error, left  : string']);
  });

  it('takes paths with steps in brackets', () => {
    const odd = block(...schemas('input["given-name"][0]: {type: string}'));
    expect(errorsOf(`package a\n\n${odd}p if input["given-name"][0] == 1\n`)).toEqual([
      '6: match error, left  : string',
    ]);
  });

  it.each(['input[true]', 'input[`true`]', 'input["if"]', 'input.if'])('takes the step of %s', (path) => {
    expect(errorsOf(`package a\n\n${block(...schemas(`'${path}': {type: string}`))}p if ${path} == 1\n`)).toEqual([
      '6: match error, left  : string',
    ]);
  });

  it('leaves alone what `with` replaces', () => {
    expect(errorsOf(`package a\n\n${own}p if input.mail == 1 with input.mail as 1\n`)).toEqual([]);
    expect(errorsOf(`package a\n\n${own}p if input.mail == 1 with input as {}\n`)).toEqual([]);
    expect(errorsOf(`package a\n\n${own}p if input.mail == 1 with data.x as 1\n`)).toHaveLength(1);
  });

  it.each([
    'schema',
    'schema.user',
    'schema["cloud"]',
    'schema.a["b c"].if',
    '"schema[`raw`]"',
    'schema[0]',
    '" schema.a"',
  ])('that names a schema of a file, %s, tells nothing here', (reference) => {
    expect(errorsOf(`package a\n\n${block(...schemas(`input: ${reference}`))}p if input.mail\n`)).toEqual([]);
  });

  it('stand in the metadata as lists of texts', () => {
    const entries = block(...schemas(`'input["a b"][1.50][[1, "x"]][y].c': schema["d e"].f`));
    const { policy } = compile([
      { file: 'a.rego', text: `package a\n\n${entries}p := rego.metadata.rule().schemas\n` },
    ]);
    const found = policy!.evaluate('data.a.p', {})!;
    expect(toJson(found)).toEqual([
      { path: ['input', 'a b', '1.50', '[1, "x"]', 'y', 'c'], schema: ['schema', 'd e', 'f'] },
    ]);
  });

  it.each([
    [['schemas:', '  input: {type: string}'], "annotation 'schemas' must be a list"],
    [['schemas:', '  - input'], 'an entry must be a path with its schema'],
    [schemas('user: {type: string}'), 'invalid document reference'],
    [schemas('"input[x]": {type: string}'), 'invalid document reference'],
    [schemas('"input . x": {type: string}'), 'invalid document reference'],
    [schemas('"": {type: string}'), 'invalid document reference'],
    [schemas('input: user'), 'invalid schema reference'],
    [schemas('input: schemas.user'), 'invalid schema reference'],
    [schemas('input: "schema.a b"'), 'invalid schema reference'],
    [schemas('input: schema.1'), 'invalid schema reference'],
    [schemas('input: "schema.a(1)"'), 'invalid schema reference'],
    [schemas('input: ""'), 'invalid schema reference'],
    [schemas('input: 5'), 'invalid schema declaration for path "input"'],
  ])('%j is refused', (lines, message) => {
    const [error, ...more] = errorsOf(`package a\n\n${block(...lines)}p := 1\n`);
    expect([error, more]).toEqual([expect.stringMatching(/^3: /), []]);
    expect(error).toContain(message);
  });
});
