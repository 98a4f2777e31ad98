import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
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

  it('says that its port is taken or no address of this machine, and ends with everything released', async () => {
    const { home } = await czctl.quickstart();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = String((other.address() as AddressInfo).port);
    const taken = await czctl.run(['serve', '--dir', home], { env: { CZ_PORT: port } });
    await new Promise((resolve) => other.close(resolve));
    expect(taken.code).toBe(5);
    expect(taken.stderr).toContain(`Port ${port} of 127.0.0.1 is in use`);
    expect(taken.stderr).toContain('czctl config set CZ_PORT');
    expect(existsSync(join(home, 'run/czctl.sock'))).toBe(false);
    const nowhere = await czctl.run(['serve', '--dir', home], { env: { CZ_BIND: '127.0.0.256' } });
    expect(nowhere).toMatchObject({ code: 4, stderr: expect.stringContaining('CZ_BIND') });
    const server = await czctl.serve(home);
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });

  it('takes another log level from .env while it runs, and says what waits for a restart', async () => {
    const { home } = await czctl.quickstart();
    const server = await czctl.serve(home);
    await czctl.run(['config', 'set', 'CZ_RATE_IP', '2000', '--dir', home]);
    await server.printed(/"settings":\["CZ_RATE_IP"\]/);
    await czctl.run(['config', 'set', 'CZ_LOG_LEVEL', 'debug', '--dir', home]);
    const poll = setInterval(() => void fetch(`${server.url}/health`), 100);
    await server.printed(/"level":"debug"/).finally(() => clearInterval(poll));
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });

  it('says which key or database cannot be used', async () => {
    const { home } = await czctl.quickstart();
    const key = join(home, 'config/jwt.key');
    chmodSync(key, 0o644);
    expect(await orgs(home)).toMatchObject({ code: 4, stderr: expect.stringContaining(`chmod 600 ${key}`) });
    rmSync(key);
    expect(await orgs(home)).toMatchObject({ code: 4, stderr: expect.stringContaining('session key file') });
    const elsewhere = await czctl.run(['org', 'list', '--dir', (await czctl.quickstart()).home], {
      env: { DATABASE_URL: 'postgres://u:hush@127.0.0.1:1/db' },
    });
    expect(elsewhere).toMatchObject({ code: 5, stderr: expect.stringContaining('DATABASE_URL cannot be used') });
    expect(elsewhere.stderr).not.toContain('hush');
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
    expect((await config('set', 'cz_prot', '1')).stderr).toContain('Did you mean CZ_PORT?');
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
    expect(await config('set', 'CZ_SMTP_URL', '@/nowhere.txt')).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('/nowhere.txt cannot be read'),
    });
    const lines = await czctl.run(['config', 'set', 'CZ_SMTP_URL', `${secret}\nCZ_TLS=own`, '--dir', home]);
    expect(lines.code).toBe(4);
    expect(lines.stderr).not.toContain('hush');
  });

  it('changes the line that counts when .env has several of one name', async () => {
    const file = join(home, '.env');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `${before}CZ_RATE_KEY=5\nCZ_RATE_KEY=6\n`);
    expect((await config('set', 'CZ_RATE_KEY', '7')).code).toBe(0);
    expect((await config('get', 'CZ_RATE_KEY')).stdout).toBe('7\n');
    writeFileSync(file, before);
  });

  it('mends a broken configuration one setting at a time, and says what is still wrong', async () => {
    const file = join(home, '.env');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `${before}CZ_RATE_KEY=many\nCZ_RATE_IP=few\nCZ_RATE_SESSION=5\n`);
    expect((await config('set', 'CZ_RATE_KEY', 'more')).code).toBe(4);
    expect((await config('set', 'CZ_RATE_SESSION', 'all')).code).toBe(4);
    const first = await config('set', 'CZ_RATE_KEY', '10', '--json');
    expect(JSON.parse(first.stdout)).toMatchObject({ remaining_problems: [expect.stringMatching(/^CZ_RATE_IP /)] });
    expect(await config('set', 'CZ_RATE_IP', '10')).toMatchObject({ code: 0, stderr: '' });
    expect((await config('check')).code).toBe(0);
    writeFileSync(file, 'CZ_PORT=1\nnonsense\n');
    expect(await config('check')).toMatchObject({ code: 4, stderr: expect.stringContaining('line 2') });
    writeFileSync(file, before);
  });

  it('says which names in .env nothing reads, and that the environment comes first', async () => {
    const file = join(home, '.env');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `${before}CZ_HOSTNAEM=x\nHTTP_PROXY=x\nAUTH_MOD=x\n`);
    const check = await config('check', '--json');
    expect(JSON.parse(check.stdout)).toMatchObject({
      valid: true,
      unread: [
        { name: 'CZ_HOSTNAEM', suggestion: 'CZ_HOSTNAME' },
        { name: 'AUTH_MOD', suggestion: 'AUTH_MODE' },
      ],
    });
    writeFileSync(file, before);
    const set = ['config', 'set', 'CZ_RATE_KEY', '500', '--dir', home];
    const overridden = await czctl.run(set, { env: { CZ_RATE_KEY: '5' } });
    expect(overridden).toMatchObject({ code: 0, stderr: expect.stringContaining('comes first') });
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
