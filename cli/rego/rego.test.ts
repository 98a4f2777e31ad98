import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { regoWorkspace } from '../testing/rego-workspace.ts';
import { benchCommand } from './bench.ts';
import { checkCommand } from './check.ts';
import { dependenciesCommand } from './dependencies.ts';
import { evaluateCommand } from './evaluate.ts';
import { formatCommand } from './format.ts';
import { testCommand } from './test.ts';

const { folder, file, out, warnings, streams } = regoWorkspace();

const LIMITS = { timeout: '60s' };
const CHECK = { ...LIMITS, maxErrors: '10' };

const json = () => JSON.parse(out.join('\n'));

describe('czctl rego check', () => {
  it('is silent about good policies and reports bad ones by place', async () => {
    const good = file('good.rego', 'package a\n\np := 1\n');
    expect(await checkCommand([good], CHECK, streams)).toBe(0);
    expect([out, warnings]).toEqual([[], []]);
    const bad = file('bad.rego', 'package b\n\np if x == 1\n');
    expect(await checkCommand([bad], CHECK, streams)).toBe(1);
    const hint = 'nothing gives x a value; a string is written in quotes: `"x"`';
    expect(warnings.join()).toBe(`1 error occurred: ${bad}:3: rego_unsafe_var_error: var x is unsafe\n\thint: ${hint}`);
  });

  it('shows the line of a parse error, and gives JSON on request', async () => {
    const bad = file('bad.rego', 'package b\np := }\n');
    expect(await checkCommand([folder], CHECK, streams)).toBe(1);
    expect(warnings[0]).toContain(
      `2 errors occurred during loading:\n${bad}:2: rego_parse_error: unexpected } token\n`,
    );
    expect(warnings[0]).toContain('\n\tp := }\n\t     ^');
    await checkCommand([folder], { ...CHECK, format: 'json' }, streams);
    expect(JSON.parse(warnings[1]!).errors[0]).toMatchObject({
      code: 'rego_parse_error',
      location: { file: bad, row: 2, col: 6 },
      details: { line: 'p := }', idx: 5 },
    });
  });

  it('shows only what is around the place in a long line', async () => {
    const bad = file('long.rego', `package a\np := [${'1, '.repeat(5_000)}} ${'# '.repeat(5_000)}`);
    await checkCommand([bad], CHECK, streams);
    const [, , line, mark] = warnings[0]!.split('\n');
    expect(line!.length).toBeLessThan(210);
    expect(line![mark!.indexOf('^')]).toBe('}');
  });

  it('leaves out what is no policy, follows links, and refuses one that goes round', async () => {
    const notes = file('notes.txt', 'hello');
    expect(await checkCommand([notes], CHECK, streams)).toBe(0);
    expect(warnings.splice(0)).toEqual([`${notes}: skipped, as it is no .rego file`]);
    file('policies/bad.rego', 'package a\np := }\n');
    mkdirSync(join(folder, 'linked'));
    symlinkSync(join(folder, 'policies'), join(folder, 'linked', 'link'));
    expect(await checkCommand([join(folder, 'linked')], CHECK, streams)).toBe(1);
    expect(warnings.splice(0)[0]).toContain(join('link', 'bad.rego:2'));
    symlinkSync(folder, join(folder, 'linked', 'round'));
    expect(await checkCommand([join(folder, 'linked')], CHECK, streams)).toBe(1);
    expect(warnings[0]).toContain('leads back');
  });

  it('says where a policy is no UTF-8, also in comments, and that an empty one is empty', async () => {
    const path = join(folder, 'latin.rego');
    writeFileSync(path, Buffer.from('package a\n# caf\xe9\np := 1\n', 'latin1'));
    expect(await checkCommand([path], CHECK, streams)).toBe(1);
    const place = `${path}:2: rego_parse_error: illegal utf-8 character\n\t# caf\ufffd\n\t     ^`;
    expect(warnings.splice(0)[0]).toContain(`1 error occurred during loading: ${place}`);
    expect(await formatCommand([path], LIMITS, streams)).toBe(2);
    expect(warnings.splice(0)[0]).toContain(`failed to format Rego source file: 1 error occurred: ${place}`);
    const empty = file('empty.rego', '\n');
    expect(await checkCommand([empty], CHECK, streams)).toBe(1);
    expect(warnings[0]).toBe(`1 error occurred during loading: ${empty}:0: rego_parse_error: empty module`);
  });

  it('reads once what is named twice, and does not look at documents', async () => {
    const policy = file('a.rego', 'package a\n\np := data.x\n');
    const broken = file('broken.json', '{');
    expect(await checkCommand([folder, policy, broken], CHECK, streams)).toBe(0);
    rmSync(broken);
    const data = file('x.json', '{"x": 1}');
    const given = { timeout: '60s', data: [folder, data, policy] };
    expect(await evaluateCommand('data.a.p', { ...given, format: 'raw' }, streams)).toBe(0);
    expect(out).toEqual(['1']);
  });

  it('names a path that does not exist', async () => {
    expect(await checkCommand([join(folder, 'none')], CHECK, streams)).toBe(1);
    expect(warnings[0]).toContain('none: no such file or directory');
  });
});

describe('czctl rego eval', () => {
  const flags = { timeout: '60s' };

  it('gives results with expressions and bindings, and keeps digits', async () => {
    const data = file('data/deep/list.json', '{"list": [1, 12345678901234567890]}');
    expect(data).toContain('deep');
    const code = await evaluateCommand('x := data.deep.list[_]', { ...flags, data: [join(folder, 'data')] }, streams);
    expect(code).toBe(0);
    expect(out[0]).toContain('"x": 12345678901234567890');
    expect(json().result.map((row: { expressions: unknown }) => row.expressions)).toEqual([
      [{ value: true, text: 'x := data.deep.list[_]', location: { row: 1, col: 1 } }],
      [{ value: true, text: 'x := data.deep.list[_]', location: { row: 1, col: 1 } }],
    ]);
  });

  it('draws a table of variables and values', async () => {
    await evaluateCommand('x := ["a", 2][_]; {x}', { ...flags, format: 'pretty' }, streams);
    const table = ['┌───────┬─────┐', '│  {x}  │  x  │', '├───────┼─────┤', '│ ["a"] │ "a" │', '│ [2]   │ 2   │'];
    expect(out[0]).toBe([...table, '└───────┴─────┘'].join('\n'));
  });

  it('takes YAML as input whatever the file is called, and refuses an empty query', async () => {
    const input = file('input.json', 'n: 41\n');
    expect(await evaluateCommand('input.n + 1', { ...flags, input, format: 'raw' }, streams)).toBe(0);
    expect(out.splice(0)).toEqual(['42']);
    file('input.json', '{"n": ');
    expect(await evaluateCommand('input.n', { ...flags, input }, streams)).toBe(2);
    expect(json().errors[0].message).toContain('input.json: invalid JSON: unexpected end of text');
    out.length = 0;
    expect(await evaluateCommand(' ', flags, streams)).toBe(2);
    expect(json().errors).toEqual([{ message: 'cannot evaluate empty query' }]);
  });

  it('gives exit code 1 for --fail with an undefined result, and 2 for errors', async () => {
    expect(await evaluateCommand('input.none', { ...flags, fail: true }, streams)).toBe(1);
    expect(out.splice(0)).toEqual(['{}']);
    expect(await evaluateCommand('x ==', flags, streams)).toBe(2);
    expect(json().errors[0]).toMatchObject({ code: 'rego_parse_error', location: { row: 1, col: 4 } });
    out.length = 0;
    expect(await evaluateCommand('[x]', flags, streams)).toBe(2);
    expect(json().errors).toMatchObject([{ code: 'rego_unsafe_var_error', message: 'var x is unsafe' }]);
  });
});

describe('czctl rego test', () => {
  const POLICY = 'package a\n\np if input.x == 1\n\nq if input.y\n';
  const TESTS =
    'package a_test\n\nimport data.a\n\ntest_p if a.p with input.x as 1\n\ntest_q if { print("seen"); a.q }\n';

  it('reports failures, exit code 2, and what they printed as base64', async () => {
    file('a.rego', POLICY);
    file('a_test.rego', TESTS);
    expect(await testCommand([folder], { timeout: '60s', format: 'json' }, streams)).toBe(2);
    expect(json()).toMatchObject([
      { name: 'test_p', package: 'data.a_test', location: { row: 5, col: 1 } },
      { name: 'test_q', fail: true, output: Buffer.from('seen\n').toString('base64') },
    ]);
  });

  it('refuses too little coverage', async () => {
    file('a.rego', POLICY);
    file('a_test.rego', TESTS.slice(0, TESTS.indexOf('test_q')));
    expect(await testCommand([folder], { timeout: '60s', threshold: '99' }, streams)).toBe(2);
    expect(warnings).toEqual(['Code coverage threshold not met: got 66.67 instead of 99.00']);
  });
});

describe('czctl rego fmt', () => {
  const MESSY = 'package a\np if{input.x==1 ;input.y}\n';
  const NEAT = 'package a\n\np if {\n\tinput.x == 1\n\tinput.y\n}\n';

  it('writes sources of v0 for both versions, and refuses what v1 forbids', async () => {
    const old = file('old.rego', 'package a\n\np[x] { x = input.a }\n');
    const want = 'package a\n\nimport rego.v1\n\np contains x if x = input.a\n';
    expect(await formatCommand([old], { ...LIMITS, v0V1: true, write: true }, streams)).toBe(0);
    expect(readFileSync(old, 'utf8')).toBe(want);
    expect(await formatCommand([old], { ...LIMITS, v0V1: true, list: true, fail: true }, streams)).toBe(0);
    expect(await checkCommand([old], { ...LIMITS, maxErrors: '10' }, streams)).toBe(0);
    const bad = file('bad.rego', 'package a\n\np { any([input.x]) }\n');
    expect(await formatCommand([bad], { ...LIMITS, v0V1: true, write: true }, streams)).toBe(2);
    expect(warnings.join()).toContain(
      'bad.rego:3: rego_type_error: deprecated built-in function calls in expression: any',
    );
  });

  it('lists, shows and writes what changes', async () => {
    const messy = file('messy.rego', MESSY);
    file('neat.rego', NEAT);
    expect(await formatCommand([folder], { ...LIMITS, list: true }, streams)).toBe(0);
    expect(out.splice(0)).toEqual([messy]);
    expect(await formatCommand([folder], { ...LIMITS, diff: true }, streams)).toBe(0);
    expect(out.splice(0).join()).toContain('@@ -1,2 +1,6 @@\n package a\n-p if{input.x==1 ;input.y}\n+\n+p if {');
    expect(await formatCommand([folder], { ...LIMITS, list: true, fail: true }, streams)).toBe(2);
    expect(readFileSync(messy, 'utf8')).toBe(MESSY);
    expect(await formatCommand([folder], { ...LIMITS, write: true }, streams)).toBe(0);
    expect(readFileSync(messy, 'utf8')).toBe(NEAT);
    expect(await formatCommand([folder], { ...LIMITS, list: true, fail: true }, streams)).toBe(0);
  });
});

describe('czctl rego deps', () => {
  it('lists what a query reads, as a table and as JSON', async () => {
    const policy = file('a.rego', 'package a\n\np if { input.role == "x"; data.open[input.place]; q }\n\nq := 1\n');
    expect(await dependenciesCommand('data.a.p', { ...LIMITS, data: [policy] }, streams)).toBe(0);
    expect(out.splice(0)[0]).toContain('│ data.open      │ data.a.p          │');
    expect(await dependenciesCommand('data.a.p', { ...LIMITS, data: [policy], format: 'json' }, streams)).toBe(0);
    expect(json()).toEqual({
      input: ['input.place', 'input.role'],
      data: ['data.open'],
      rules: ['data.a.p', 'data.a.q'],
    });
    expect(await dependenciesCommand('data.a.', { ...LIMITS, data: [policy] }, streams)).toBe(1);
    expect(warnings[0]).toContain('rego_parse_error');
  });
});

describe('czctl rego bench', () => {
  it('measures a query, and refuses one without a result', async () => {
    const flags = { count: '1', duration: '50ms', format: 'json' as const };
    expect(await benchCommand('count([1, 2])', flags, streams)).toBe(0);
    const { N, T, Extra } = json();
    expect(N).toBeGreaterThan(10);
    expect(T).toBeGreaterThanOrEqual(50e6);
    expect(Extra['histogram_timer_rego_query_eval_ns_median']).toBeGreaterThan(0);
    expect(await benchCommand('input.none', flags, streams)).toBe(1);
  });
});
