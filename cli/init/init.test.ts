import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateCovers } from '../../server/crypto/certificate-inspection.ts';
import { parseEnvFile } from '../../server/kernel/config/env-file.ts';
import { temporaryPostgres } from '../../test/postgres.ts';
import { Czctl, type QuickstartReport } from '../testing/czctl.ts';

const JWT_SECRET = randomBytes(48).toString('base64');
const PASSPHRASE = 'seven quiet lanterns by the harbour';

describe('czctl init', () => {
  let czctl: Czctl;
  beforeAll(() => {
    czctl = new Czctl();
  });
  afterAll(() => czctl.discard());
  const settingsOf = (home: string) => parseEnvFile(readFileSync(join(home, '.env'), 'utf8'));
  const init = (home: string, args: string[], options = {}) => czctl.run(['init', '--dir', home, ...args], options);

  it('needs no answer with --quickstart and says everything once', async () => {
    const { home, report } = await czctl.quickstart();
    expect(report).toMatchObject({ version: 1, kind: 'init', home, license: { status: 'trial', tier: 'enterprise' } });
    expect(report.quickstart.api_key).toMatch(/^cz_live_[0-9a-f]{64}$/);
    expect(report.setup_links).toEqual([
      {
        id: expect.any(String),
        email: 'admin@localhost',
        url: expect.stringContaining('/ui/setup?token='),
        expires_at: expect.any(String),
      },
    ]);
    expect(report.preflight.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'disk-space',
        'memory',
        'cpu-cores',
        'port-availability',
        'file-permissions',
        'clock-sync',
      ]),
    );
    const days = (Date.parse(report.license.expires_at) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(13.9);
    expect(days).toBeLessThanOrEqual(14);
    expect(settingsOf(home)).toMatchObject({
      CZ_HOSTNAME: 'localhost',
      CZ_TLS: 'off',
      CZ_BIND: '127.0.0.1',
      CZ_REGISTRATION: 'open',
    });
  });

  it('keeps every secret file to its owner', async () => {
    const { home } = await czctl.quickstart();
    const modes = Object.fromEntries(
      [
        '.env',
        'config/master.key',
        'config/jwt.key',
        'config/appliance.key',
        'config/certs/ca-key.pem',
        'config/certs/server-key.pem',
        'recovery-key.txt',
        'data/state.db',
        'data/audit.db',
      ].map((file) => [file, (statSync(join(home, file)).mode & 0o777).toString(8)]),
    );
    expect(new Set(Object.values(modes)), JSON.stringify(modes)).toEqual(new Set(['600']));
    for (const folder of ['', 'config', 'config/certs', 'data', 'run', 'backups'])
      expect((statSync(join(home, folder)).mode & 0o777).toString(8), folder).toBe('700');
    expect(readFileSync(join(home, 'recovery-key.txt'), 'utf8')).toContain(settingsOf(home).CZ_RECOVERY_RECIPIENT);
  });

  it('takes its answers from flags before the environment before the answers file', async () => {
    const answers = czctl.path('answers.yaml');
    writeFileSync(
      answers,
      'hostname: file.example.com\nport: 1111\nadmin_emails: [one@example.com, two@example.com]\nregistration: closed\n',
    );
    const home = czctl.path();
    const ended = await init(home, ['--answers', answers, '--hostname', 'flag.example.com'], {
      env: { CZ_HOSTNAME: 'environment.example.com', CZ_PORT: '2222' },
    });
    expect(ended).toMatchObject({ code: 0 });
    expect(settingsOf(home)).toMatchObject({
      CZ_HOSTNAME: 'flag.example.com',
      CZ_PORT: '2222',
      CZ_ADMIN_EMAILS: 'one@example.com,two@example.com',
      CZ_REGISTRATION: 'closed',
      CZ_TLS: 'init',
      CZ_BIND: '0.0.0.0',
    });
    expect(ended.stdout).toContain('Set-up link of one@example.com');
    expect(ended.stdout).toContain('Set-up link of two@example.com');
    const certificate = readFileSync(join(home, 'config/certs/server.pem'), 'utf8');
    expect(certificateCovers(certificate, 'flag.example.com')).toBe(true);
    expect(certificateCovers(certificate, 'environment.example.com')).toBe(false);
  });

  it('makes the quickstart for other admins than the usual one', async () => {
    const home = czctl.path();
    const report = await czctl.json<QuickstartReport>([
      'init',
      '--quickstart',
      '--dir',
      home,
      '--admin-emails',
      'ops@example.com',
    ]);
    expect(report.setup_links.map(({ email }) => email)).toEqual(['ops@example.com']);
  });

  it('names every bad answer at once, without the value of a secret, and leaves nothing', async () => {
    const home = czctl.path();
    const bad = [
      '--hostname',
      'a b',
      '--port',
      'many',
      '--tls',
      'maybe',
      '--admin-emails',
      'nobody',
      '--jwt-secret',
      'c2hvcnQ=',
      '--master-passphrase',
      'tiny-secret',
      '--database-url',
      'mysql://root:hush@db',
      '--registration',
      'some',
    ];
    const { code, stdout, stderr } = await init(home, bad);
    expect(code).toBe(2);
    for (const name of [
      'hostname',
      'port',
      'tls',
      'admin_emails',
      'jwt_secret',
      'master_passphrase',
      'database_url',
      'registration',
    ])
      expect(stderr).toContain(`- ${name} `);
    for (const secret of ['c2hvcnQ=', 'tiny-secret', 'hush']) expect(stdout + stderr).not.toContain(secret);
    expect(existsSync(home)).toBe(false);
    const { problems } = JSON.parse((await init(home, [...bad, '--json'])).stdout);
    expect(problems).toHaveLength(8);
  });

  it('names the answers that are missing where nobody can be asked', async () => {
    const home = czctl.path();
    const { code, stderr } = await init(home, []);
    expect(code).toBe(2);
    expect(stderr).toContain('--admin-emails');
    expect(stderr).toContain('CZ_ADMIN_EMAILS');
    expect(existsSync(home)).toBe(false);
  });

  it.each([
    ['hostnane: example.com\n', 'unknown member "hostnane". Did you mean hostname?'],
    ['- hostname\n', 'name: value'],
    ['hostname: [\n', 'cannot be read'],
  ])('refuses the answers file %j', async (text, message) => {
    const file = czctl.path('bad-answers.yaml');
    writeFileSync(file, text);
    const home = czctl.path();
    const { code, stderr } = await init(home, ['--answers', file]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(home)).toBe(false);
  });

  it('neither prints nor stores passphrase and session secret outside their place', async () => {
    const home = czctl.path();
    const env = { CZ_MASTER_PASSPHRASE: PASSPHRASE, CZ_JWT_SECRET: JWT_SECRET };
    const ended = await init(home, ['--admin-emails', 'ops@example.com', '--port', '0', '--tls', 'off'], { env });
    expect(ended.code).toBe(0);
    for (const secret of [PASSPHRASE, JWT_SECRET]) {
      expect(ended.stdout + ended.stderr).not.toContain(secret);
      expect(readFileSync(join(home, '.env'), 'utf8')).not.toContain(secret);
    }
    expect(existsSync(join(home, 'config/master.key'))).toBe(false);
    expect(readFileSync(join(home, 'config/jwt.key'), 'utf8').trim()).toBe(JWT_SECRET);
    const without = await czctl.run(['org', 'list', '--dir', home]);
    expect(without.code).toBe(4);
    expect(without.stderr).toContain('CZ_MASTER_PASSPHRASE');
    const wrong = await czctl.run(['org', 'list', '--dir', home], {
      env: { CZ_MASTER_PASSPHRASE: 'another passphrase altogether' },
    });
    expect(wrong.code).toBe(4);
    expect((await czctl.run(['org', 'list', '--dir', home], { env: { CZ_MASTER_PASSPHRASE: PASSPHRASE } })).code).toBe(
      0,
    );
  });

  it('writes no key file where the environment brings the master key', async () => {
    const home = czctl.path();
    const env = { CZ_MASTER_KEY: randomBytes(32).toString('base64') };
    expect((await init(home, ['--quickstart', '--port', '0'], { env })).code).toBe(0);
    expect(existsSync(join(home, 'config/master.key'))).toBe(false);
    expect((await czctl.run(['org', 'list', '--dir', home], { env })).code).toBe(0);
    expect((await czctl.run(['org', 'list', '--dir', home])).code).toBe(4);
  });

  it('says what exists when run again, and changes nothing without a yes', async () => {
    const { home } = await czctl.quickstart();
    const before = snapshot(home);
    const again = await init(home, ['--hostname', 'new.example.com']);
    expect(again.code).toBe(7);
    expect(again.stdout).toContain('There is a deployment in');
    expect(again.stderr).toContain('--yes');
    const asJson = await init(home, ['--json']);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ kind: 'error', deployment: { home, tls: 'off' } });
    expect(snapshot(home)).toEqual(before);
  });

  it('rewrites settings and certificate when run again with --yes, and keeps keys and data', async () => {
    const home = czctl.path();
    await init(home, ['--admin-emails', 'ops@example.com', '--hostname', 'old.example.com']);
    const key = readFileSync(join(home, 'config/master.key'));
    const ca = readFileSync(join(home, 'config/certs/ca.pem'));
    const refused = await init(home, ['--yes', '--tls', 'proxy']);
    expect(refused.code).toBe(2);
    const ended = await init(home, ['--yes', '--hostname', 'new.example.com', '--json']);
    expect(JSON.parse(ended.stdout)).toMatchObject({ version: 1, kind: 'init', renewed: true });
    expect(settingsOf(home).CZ_HOSTNAME).toBe('new.example.com');
    expect(statSync(JSON.parse(ended.stdout).previous_env).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(home, 'config/master.key'))).toEqual(key);
    expect(readFileSync(join(home, 'config/certs/ca.pem'))).toEqual(ca);
    expect(certificateCovers(readFileSync(join(home, 'config/certs/server.pem'), 'utf8'), 'new.example.com')).toBe(
      true,
    );
    expect((await czctl.run(['config', 'check', '--dir', home])).code).toBe(0);
  });

  it('lets the address to listen on follow TLS when run again, unless somebody chose one', async () => {
    const { home } = await czctl.quickstart();
    expect((await init(home, ['--yes', '--tls', 'init'])).code).toBe(0);
    expect(settingsOf(home)).toMatchObject({ CZ_TLS: 'init', CZ_BIND: '0.0.0.0' });
    expect((await init(home, ['--yes', '--tls', 'off'])).code).toBe(0);
    expect(settingsOf(home)).toMatchObject({ CZ_TLS: 'off', CZ_BIND: '127.0.0.1' });
    await czctl.run(['config', 'set', 'CZ_BIND', '::1', '--dir', home]);
    expect((await init(home, ['--yes', '--tls', 'init'])).code).toBe(0);
    expect(settingsOf(home)).toMatchObject({ CZ_TLS: 'init', CZ_BIND: '::1' });
  });

  it('says which answers a second run leaves as they are', async () => {
    const { home } = await czctl.quickstart();
    const key = readFileSync(join(home, 'config/master.key'));
    const again = await init(home, ['--yes', '--master-passphrase', PASSPHRASE, '--license-key', 'cz_ent_x']);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('license_key, master_passphrase') });
    expect(readFileSync(join(home, 'config/master.key'))).toEqual(key);
    expect(existsSync(join(home, 'config/master-key.json'))).toBe(false);
  });

  it('says so when its directory is a file', async () => {
    const home = czctl.path();
    writeFileSync(home, 'mine');
    const ended = await init(home, ['--quickstart']);
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`${home} is not a directory`) });
    expect(readFileSync(home, 'utf8')).toBe('mine');
  });

  it('refuses a directory that holds other things, and leaves them', async () => {
    const home = czctl.path();
    mkdirSync(join(home, 'data'), { recursive: true });
    writeFileSync(join(home, 'data', 'mine.txt'), 'precious');
    const { code, stderr } = await init(home, ['--quickstart']);
    expect(code).toBe(7);
    expect(stderr).toContain('is not empty');
    expect(readFileSync(join(home, 'data', 'mine.txt'), 'utf8')).toBe('precious');
    expect(readdirSync(home)).toEqual(['data']);
  });

  it('uses a PostgreSQL server, and keeps its address out of what is printed', async () => {
    const { location, remove } = await temporaryPostgres();
    try {
      const home = czctl.path();
      const report = await czctl.json<QuickstartReport>([
        'init',
        '--quickstart',
        '--dir',
        home,
        '--database-url',
        location.databaseUrl,
      ]);
      expect(report.quickstart.project_id).toMatch(/^[0-9a-f-]{36}$/);
      expect(existsSync(join(home, 'data', 'state.db'))).toBe(false);
      const { orgs } = await czctl.json<{ orgs: { name: string }[] }>(['org', 'list', '--dir', home]);
      expect(orgs.map(({ name }) => name)).toEqual(['Quickstart']);
      const shown = await czctl.run(['config', 'show', '--dir', home]);
      expect(shown.stdout).toContain('DATABASE_URL');
      expect(shown.stdout).not.toContain(location.databaseUrl);

      const beside = czctl.path();
      for (const file of ['.env', 'config/master.key', 'config/jwt.key'])
        cpSync(join(home, file), join(beside, file), { recursive: true });
      expect((await czctl.run(['org', 'list', '--dir', beside])).stdout).toContain('Quickstart');

      const second = czctl.path();
      const taken = await init(second, ['--quickstart', '--database-url', location.databaseUrl]);
      expect(taken.code).toBe(4);
      expect((await czctl.run(['org', 'list', '--dir', home])).code).toBe(0);
    } finally {
      await remove();
    }
  });
});

/** Every file of a directory with its content. */
function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('-shm') && !entry.name.endsWith('-wal'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path).toString('base64')]),
  );
}
