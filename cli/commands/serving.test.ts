import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Czctl } from '../testing/czctl.ts';

describe('czctl serve', () => {
  let czctl: Czctl;
  beforeAll(() => {
    czctl = new Czctl();
  });
  afterAll(() => czctl.discard());
  const orgs = (home: string) => czctl.run(['org', 'list', '--dir', home]);

  it('keeps a second server and a second process out, and leaves no socket behind', async () => {
    const { home } = await czctl.quickstart();
    const server = await czctl.serve(home);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    expect(lstatSync(join(home, 'run/czctl.sock')).mode & 0o777).toBe(0o600);
    const second = await czctl.run(['serve', '--dir', home]);
    expect(second).toMatchObject({ code: 5, stderr: expect.stringContaining('in use by another process') });
    expect((await orgs(home)).code).toBe(0);
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
    expect(existsSync(join(home, 'run/czctl.sock'))).toBe(false);
    expect((await orgs(home)).code).toBe(0);
  });

  it('leaves a directory that works when it was killed', async () => {
    const { home } = await czctl.quickstart();
    const server = await czctl.serve(home);
    server.child.kill('SIGKILL');
    await server.ended;
    expect(existsSync(join(home, 'run/czctl.sock'))).toBe(true);
    expect((await orgs(home)).code).toBe(0);
    const next = await czctl.serve(home);
    expect((await orgs(home)).code).toBe(0);
    next.child.kill('SIGINT');
    expect((await next.ended).code).toBe(0);
  });

  it('is reached in a directory whose path is too long for a socket', async () => {
    const home = join(czctl.path(), 'a-rather-long-folder-name'.repeat(5), 'control-zero');
    mkdirSync(czctl.path('runtime'));
    const env = { XDG_RUNTIME_DIR: czctl.path('runtime') };
    await czctl.json(['init', '--quickstart', '--port', '0', '--dir', home]);
    const server = await czctl.serve(home, env);
    const socket = readFileSync(join(home, 'run/socket-path'), 'utf8').trim();
    expect(Buffer.byteLength(socket)).toBeLessThan(100);
    expect(statSync(join(socket, '..')).mode & 0o777).toBe(0o700);
    // Without the variable that the server had: the directory itself says where the socket is.
    expect(await orgs(home)).toMatchObject({ code: 0, stdout: expect.stringContaining('Quickstart') });
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
    expect(readdirSync(czctl.path('runtime'))).toEqual([]);
    expect((await orgs(home)).code).toBe(0);
  });

  it('refuses a configuration that cannot work, and names every problem', async () => {
    const { home } = await czctl.quickstart();
    const env = { CZ_PORT: 'many', CZ_LOG_LEVEL: 'loud' };
    const ended = await czctl.run(['serve', '--dir', home], { env });
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain('CZ_PORT');
    expect(ended.stderr).toContain('CZ_LOG_LEVEL');
    const open = await czctl.run(['config', 'check', '--dir', home], { env: { CZ_BIND: '0.0.0.0' } });
    expect(open).toMatchObject({ code: 4, stderr: expect.stringContaining('loopback only') });
  });
});

describe('czctl config', () => {
  let czctl: Czctl;
  let home: string;
  beforeAll(async () => {
    czctl = new Czctl();
    ({ home } = await czctl.quickstart());
  });
  afterAll(() => czctl.discard());
  const config = (...args: string[]) => czctl.run(['config', ...args, '--dir', home]);

  it('sets what is valid and writes nothing else', async () => {
    expect(await config('set', 'CZ_SESSION_HOURS', '8')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Restart'),
    });
    expect(await config('get', 'sessionHours')).toMatchObject({ code: 0, stdout: '8\n' });
    const before = readFileSync(join(home, '.env'), 'utf8');
    for (const [name, value, code] of [
      ['CZ_SESSION_HOURS', 'eight', 4],
      ['CZ_TLS', 'proxy', 4],
      ['CZ_UNKNOWN', '1', 6],
    ] as const)
      expect((await config('set', name, value)).code, name).toBe(code);
    expect(readFileSync(join(home, '.env'), 'utf8')).toBe(before);
    expect(statSync(join(home, '.env')).mode & 0o777).toBe(0o600);
  });

  it('takes a secret from standard input and shows it nowhere', async () => {
    const secret = 'smtp://mailer:hush-hush@mail.example.com:587';
    const set = await czctl.run(['config', 'set', 'CZ_SMTP_URL', '-', '--dir', home], { stdin: `${secret}\n` });
    expect(set).toMatchObject({ code: 0, stderr: '' });
    expect(set.stdout).not.toContain('hush');
    expect(readFileSync(join(home, '.env'), 'utf8')).toContain(`CZ_SMTP_URL=${secret}\n`);
    for (const args of [['show'], ['get', 'CZ_SMTP_URL'], ['show', '--json']])
      expect((await config(...args)).stdout).not.toContain('hush');
    const lines = await czctl.run(['config', 'set', 'CZ_SMTP_URL', `${secret}\nCZ_TLS=own`, '--dir', home]);
    expect(lines.code).toBe(4);
    expect(lines.stderr).not.toContain('hush');
  });

  it('says where each value comes from', async () => {
    const { settings } = JSON.parse(
      (await czctl.run(['config', 'show', '--json', '--dir', home], { env: { CZ_LOG_LEVEL: 'debug' } })).stdout,
    ) as { settings: { name: string; source: string; value: string }[] };
    const by = Object.fromEntries(settings.map((setting) => [setting.name, setting]));
    expect(by['CZ_LOG_LEVEL']).toMatchObject({ value: 'debug', source: 'environment' });
    expect(by['CZ_HOSTNAME']).toMatchObject({ value: 'localhost', source: '.env' });
    expect(by['CZ_RATE_IP']).toMatchObject({ value: '1000', source: 'default' });
  });
});

describe('czctl preflight', () => {
  it('prints a line for each check and fails when the port is taken', async () => {
    const czctl = new Czctl();
    try {
      const { home } = await czctl.quickstart();
      const server = await czctl.serve(home);
      const port = new URL(server.url).port;
      const own = await czctl.run(['preflight', '--dir', home]);
      expect(own.stdout).toMatch(/^\[preflight\] port-availability {2}\[pass\] .*served by this appliance$/m);
      const other = czctl.path();
      await czctl.run(['init', '--quickstart', '--dir', other, '--port', port]);
      const taken = await czctl.run(['preflight', '--dir', other, '--json']);
      expect(taken.code).toBe(1);
      const report = JSON.parse(taken.stdout) as {
        passed: boolean;
        checks: { id: string; verdict: string; advice?: string }[];
      };
      expect(report).toMatchObject({ version: 1, kind: 'preflight', passed: false });
      expect(report.checks.find(({ id }) => id === 'port-availability')).toMatchObject({
        verdict: 'fail',
        advice: expect.stringContaining('czctl config set CZ_PORT'),
      });
    } finally {
      await czctl.discard();
    }
  });
});
