import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Czctl } from '../testing/czctl.ts';

describe('czctl rego, run as a person runs it', () => {
  let czctl: Czctl;
  let folder: string;
  beforeAll(() => {
    czctl = new Czctl();
    folder = czctl.path('policies');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'a.rego'),
      'package a\n\np := count([1 | some x in input.xs; some y in input.xs; some z in input.xs; x + y == z])\n',
    );
  });
  afterAll(() => czctl.discard());
  const run = (...args: string[]) => czctl.run(['rego', ...args]);

  it('gives the exit code of opa for a wrong command line, and that of czctl for its own', async () => {
    for (const args of [
      ['check'],
      ['check', '--none', folder],
      ['eval'],
      ['eval', 'true', 'false'],
      ['fmt', '--none'],
      ['eval', '--fail', '--fail-defined', '1'],
      ['eval', '--stdin', '1'],
      ['test', '--run', '(', folder],
    ]) {
      const { code, stderr } = await run(...args);
      expect([args, code]).toEqual([args, 1]);
      expect(stderr).toContain('error: ');
    }
    expect((await czctl.run(['rego-none'])).code).toBe(2);
  });

  it('refuses numbers that are none', async () => {
    for (const args of [
      ['check', '-m', 'x', folder],
      ['eval', '--memory', '0', '1'],
      ['test', '--threshold', '101', folder],
      ['bench', '--count', '1.5', '1'],
    ]) {
      const { code, stderr, stdout } = await run(...args);
      expect([args, code, stdout]).toEqual([args, 1, '']);
      expect(stderr).toContain('Give a');
    }
  });

  it('reads policies and documents from standard input', async () => {
    const check = await czctl.run(['rego', 'check', '-'], { stdin: 'package a\np := }\n' });
    expect(check).toMatchObject({ code: 1, stderr: expect.stringContaining('-:2: rego_parse_error') });
    const format = await czctl.run(['rego', 'fmt'], { stdin: 'package   a\np:=1\n' });
    expect(format).toMatchObject({ code: 0, stdout: 'package a\n\np := 1\n' });
    expect((await czctl.run(['rego', 'fmt'], { stdin: 'package a\np := }\n' })).code).toBe(1);
    const input = ['rego', 'eval', '-I', '-f', 'raw', 'input.n + 1'];
    expect(await czctl.run(input, { stdin: '{"n": 41}' })).toMatchObject({ code: 0, stdout: '42\n' });
    const query = await czctl.run(['rego', 'eval', '--stdin', '-f', 'raw'], { stdin: '6 * 7' });
    expect(query.stdout).toBe('42\n');
  });

  it('ends what takes too long to compile, or too much memory, also from standard input', async () => {
    const rules = Array.from({ length: 60_000 }, (_, index) => `p${index} := [x | some x in input.list; x > ${index}]`);
    const text = `package large\n\n${rules.join('\n')}\n`;
    const path = join(folder, '..', 'large.rego');
    writeFileSync(path, text);
    const soon = ['--timeout', '400ms'];
    const small = ['--memory', '24'];
    for (const [args, code, stdin] of [
      [['check', path], 1],
      [['check', '-'], 1, text],
      [['fmt', path], 1],
      [['fmt'], 1, text],
      [['deps', '-d', path, 'data.large.p1'], 1],
      [['build', path, '-o', join(folder, '..', 'large.tar.gz')], 1],
    ] as const) {
      const given = stdin === undefined ? {} : { stdin };
      const late = await czctl.run(['rego', ...args, ...soon], given);
      expect([args, late.code, late.stdout]).toEqual([args, code, '']);
      expect(late.stderr).toContain('stopped: it took longer than 400 ms');
      const large = await czctl.run(['rego', ...args, ...small], given);
      expect([args, large.code, large.stdout]).toEqual([args, code, '']);
      expect(large.stderr).toContain('stopped: it needed more than 24 MiB of memory');
    }
  });

  it('reads no further than a bound where a file does not end', async () => {
    const link = join(folder, '..', 'endless.rego');
    symlinkSync('/dev/zero', link);
    const { code, stderr } = await run('check', link);
    expect(code).toBe(1);
    expect(stderr).toContain('endless.rego: larger than 128 MiB');
  });

  it('ends a policy that would run on, with an error that says why', async () => {
    const data = JSON.stringify({ xs: Array.from({ length: 3_000 }, (_, index) => index) });
    const started = performance.now();
    const { code, stdout } = await czctl.run(['rego', 'eval', '-d', folder, '-I', '--timeout', '500ms', 'data.a.p'], {
      stdin: data,
    });
    expect(code).toBe(2);
    expect(JSON.parse(stdout).errors[0]).toMatchObject({
      code: 'eval_cancel_error',
      message: expect.stringContaining('time limit of 500 ms'),
    });
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
