import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Czctl, type Ended, type QuickstartReport } from '../testing/czctl.ts';

const POLICY = `version: "1"
rules:
  - id: no-delete
    effect: deny
    action: "files:delete"
  - effect: allow
    action: "*"
`;
const CASES = `description: deleting is denied
policy:
  version: "1"
  rules:
    - deny: "files:delete"
    - allow: "*"
calls:
  - tool: files
    method: delete
    expect: { effect: deny, rule: 0 }
`;

describe.each(['in this process', 'over the socket'])('commands %s', (way) => {
  let czctl: Czctl;
  let home: string;
  let report: QuickstartReport;
  let policy: string;
  beforeAll(async () => {
    czctl = new Czctl();
    ({ home, report } = await czctl.quickstart());
    if (way === 'over the socket') await czctl.serve(home);
    policy = czctl.path('production.yaml');
    writeFileSync(policy, POLICY);
  });
  afterAll(() => czctl.discard());
  const run = (...args: string[]) => czctl.run([...args, '--dir', home]);
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  const json = (...args: string[]) => czctl.json<any>([...args, '--dir', home]);
  const refused = async (code: number, message: RegExp, ...args: string[]) => {
    const ended = await run(...args);
    expect(ended, args.join(' ')).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(message);
    const document = JSON.parse((await run(...args, '--json')).stdout);
    expect(document).toMatchObject({
      version: 1,
      kind: 'error',
      exit_code: code,
      error: expect.stringMatching(message),
    });
  };

  it('make and list organizations and projects', async () => {
    await refused(6, /account/, 'org', 'create', 'Example Corp', '--owner', 'stranger@example.com');
    expect(await json('org', 'create', 'Example Corp', '--owner', 'admin@localhost')).toMatchObject({
      version: 1,
      kind: 'org',
      name: 'Example Corp',
      slug: 'example-corp',
    });
    expect((await json('org', 'list')).orgs.map(({ name }: { name: string }) => name).sort()).toEqual([
      'Example Corp',
      'Quickstart',
    ]);
    await refused(2, /several organizations/, 'project', 'list');
    await refused(6, /no organization nowhere/, 'project', 'list', '--org', 'nowhere');
    const made = await json('project', 'create', 'agents', '--org', 'example-corp');
    expect(made).toMatchObject({
      version: 1,
      kind: 'project',
      name: 'agents',
      public_id: expect.stringMatching(/^proj_/),
    });
    const listed = await run('project', 'list', '--org', 'Example Corp');
    expect(listed.stdout.split('\n')[0]).toMatch(/^ID +NAME +UNMATCHED CALLS$/);
    expect(listed.stdout).toContain(made.id);
  });

  it('make, list and revoke keys, and show a key once', async () => {
    const made = await json('key', 'create', 'build', '--project', 'first-project', '--scopes', 'read,write');
    expect(made).toMatchObject({ version: 1, kind: 'key', key: expect.stringMatching(/^cz_live_[0-9a-f]{64}$/) });
    const test = await json('key', 'create', 'trial', '--project', 'first-project', '--test');
    expect(test.key).toMatch(/^cz_test_/);
    const listed = await run('key', 'list', '--project', report.quickstart.project_id);
    expect(listed.stdout).toContain(made.prefix);
    expect(listed.stdout).not.toContain(made.key);
    expect(await json('key', 'revoke', made.id, '--project', 'first-project')).toEqual({
      version: 1,
      kind: 'key-revoked',
      id: made.id,
    });
    const { api_keys } = await json('key', 'list', '--project', 'first-project');
    expect(api_keys.find(({ id }: { id: string }) => id === made.id)).toMatchObject({ status: 'revoked' });
    await refused(6, /key/i, 'key', 'revoke', '00000000-0000-7000-8000-000000000000', '--project', 'first-project');
    await refused(1, /scopes/, 'key', 'create', 'bad', '--project', 'first-project', '--scopes', 'everything');
  });

  it('say what is wrong with a value in words of the command line', async () => {
    const made = ['key', 'create', 'bad', '--project', 'first-project', '--expires-at', 'soon'];
    const { code, stderr } = await run(...made);
    expect(code).toBe(1);
    expect(stderr).toMatch(/expires_at.*--help/);
    expect(stderr).not.toContain('openapi');
  });

  it('apply and list policies, again without a change', async () => {
    const project = ['--project', 'first-project'];
    expect(await json('policy', 'apply', '-f', policy, ...project)).toMatchObject({
      version: 1,
      kind: 'policy-applied',
      policy: { name: 'production', version: 1, outcome: 'created', status: 'live' },
    });
    expect((await run('policy', 'apply', '-f', policy, ...project)).stdout).toContain('is unchanged (version 1');
    writeFileSync(policy, POLICY.replace('files:delete', 'files:remove'));
    expect((await run('policy', 'apply', '-f', policy, ...project)).stdout).toContain('is changed (version 2');
    writeFileSync(policy, POLICY);
    expect((await json('policy', 'list', ...project)).policies).toMatchObject([{ name: 'production', version: 2 }]);
    const broken = czctl.path('broken.yaml');
    writeFileSync(broken, 'rules:\n  - effect: perhaps\n    action: "*"\n');
    const ended = await run('policy', 'apply', '-f', broken, ...project);
    expect(ended.code).toBe(1);
    await refused(6, /cannot be read/, 'policy', 'apply', '-f', czctl.path('missing.yaml'), ...project);
    expect((await json('policy', 'list', ...project)).policies).toHaveLength(1);
  });

  it('show, verify and refuse licenses', async () => {
    expect(await json('license', 'show')).toMatchObject({
      version: 1,
      kind: 'license',
      status: 'trial',
      tier: 'enterprise',
    });
    const verdict = await run('license', 'verify', 'cz_ent_bm90aGluZw==', '--json');
    expect(verdict.code).toBe(1);
    expect(JSON.parse(verdict.stdout)).toMatchObject({ version: 1, kind: 'license-verdict' });
    await refused(1, /license/i, 'license', 'install', 'cz_ent_bm90aGluZw==');
    expect((await json('license', 'show')).status).toBe('trial');
  });

  it('print one-time links, and make an admin whose password comes from standard input', async () => {
    const link = await json('link', 'setup', 'admin@localhost');
    expect(link).toMatchObject({
      version: 1,
      kind: 'link',
      purpose: 'setup',
      url: expect.stringContaining('/ui/setup?token='),
    });
    await refused(7, /no platform admin/, 'link', 'setup', 'stranger@example.com');
    await refused(6, /./, 'link', 'reset', 'stranger@example.com');
    const account = [
      'bootstrap-admin',
      '--email',
      `${way.replaceAll(' ', '-')}@example.com`,
      '--name',
      'Ada',
      '--password',
      '-',
      '--dir',
      home,
    ];
    const short = await czctl.run(account, { stdin: 'short\n' });
    expect(short).toMatchObject({ code: 1, stdout: '' });
    expect(short.stderr).not.toContain('short\n');
    const made = await czctl.run(account, { stdin: 'three clear lighthouses\n' });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain('is a platform admin');
    expect((await czctl.run(account, { stdin: 'three clear lighthouses\n' })).code).toBe(7);
  });

  it('record who did it', async () => {
    await json('key', 'create', 'recorded', '--project', 'first-project');
    const { default: Database } = await import('better-sqlite3');
    const actors: string[] = [];
    for (const file of ['state.db', 'audit.db']) {
      const database = new Database(join(home, 'data', file), { readonly: true });
      const table = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%activity%'")
        .pluck();
      for (const name of table.all() as string[])
        for (const row of database.prepare(`SELECT * FROM "${name}"`).all() as Record<string, unknown>[])
          if (Object.values(row).includes('api-key.create')) actors.push(JSON.stringify(row));
      database.close();
    }
    expect(actors.length).toBeGreaterThan(0);
    for (const actor of actors) expect(actor).toContain(`uid:${process.getuid!()}`);
  });
});

describe('commands that need no appliance', () => {
  let czctl: Czctl;
  beforeAll(() => {
    czctl = new Czctl();
  });
  afterAll(() => czctl.discard());
  const parsed = (ended: Ended) => JSON.parse(ended.stdout);

  it('judge policies and run their cases', async () => {
    const file = czctl.path('judged.yaml');
    writeFileSync(file, POLICY);
    expect(await czctl.run(['policy', 'validate', '-f', file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is valid'),
    });
    const broken = await czctl.run(['policy', 'validate', '-f', '-', '--json'], {
      stdin: 'rules:\n  - effect: perhaps\n    action: "*"\n',
    });
    expect(broken.code).toBe(1);
    expect(parsed(broken)).toMatchObject({ version: 1, kind: 'policy-validation', valid: false });
    const cases = czctl.path('judged.cases.yaml');
    writeFileSync(cases, CASES);
    expect(await czctl.run(['policy', 'test', '-f', cases])).toMatchObject({ code: 0, stdout: '1 passed, 0 failed\n' });
    writeFileSync(cases, CASES.replace('effect: deny', 'effect: allow'));
    const failed = await czctl.run(['policy', 'test', '-f', cases, '--json']);
    expect(failed.code).toBe(1);
    expect(parsed(failed)).toMatchObject({ version: 1, kind: 'policy-test', ok: false, failed: 1 });
  });

  it('tell version and completion', async () => {
    expect(await czctl.json(['version'])).toMatchObject({
      version: 1,
      kind: 'version',
      czctl: { version: '0.1.0' },
      node: process.versions.node,
    });
    expect((await czctl.run(['--version'])).stdout).toMatch(/^czctl \d+\.\d+\.\d+ \(commit [0-9a-f]+, built /);
    const bash = await czctl.run(['completion', 'bash']);
    const words = `${bash.stdout}\nCOMP_WORDS=(czctl audit ""); COMP_CWORD=2; _czctl; echo "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', words], { encoding: 'utf8' })).toMatch(/search.*tail/);
    expect((await czctl.run(['completion', 'tcsh'])).code).toBe(2);
  });

  describe.each(['bash', 'zsh', 'fish'] as const)('complete in %s', (shell) => {
    const missing = spawnSync(shell, ['-c', 'true']).error !== undefined;
    it.skipIf(missing).each([
      [['audit', ''], ['search', 'tail'], ['--since']],
      [['org', 'create', '--'], ['--owner', '--dir', '--json'], ['--scopes']],
      [['--dir', 'org', 'project', ''], ['create', 'list'], ['audit']],
      [['key', 'revoke', '--project', 'list', '--'], ['--project', '--yes'], ['--scopes']],
      [['completion', ''], ['bash', 'fish', 'zsh'], []],
      [['config', 'set', 'CZ_TLS'], ['CZ_TLS', 'CZ_TLS_CERTIFICATE'], ['org']],
      [[''], ['init', 'serve', 'audit'], ['tail']],
    ])('what follows %j', async (words, expected, others) => {
      const { stdout: script } = await czctl.run(['completion', shell]);
      const offered = completions(shell, script, words);
      expect(offered).toEqual(expect.arrayContaining(expected));
      for (const other of others) expect(offered).not.toContain(other);
    });
  });

  it.each([
    [['serve']],
    [['org', 'list']],
    [['config', 'show']],
    [['license', 'show']],
    [['audit', 'search']],
    [['audit', 'tail']],
  ])('%j where there is no deployment ends with 3 or 5 and says what to do', async (args) => {
    const ended = await czctl.run([...args, '--dir', czctl.path('nowhere'), '--json']);
    expect(ended.code).toBe(args[1] === 'tail' ? 5 : 3);
    expect(parsed(ended)).toMatchObject({
      version: 1,
      kind: 'error',
      error: expect.stringMatching(/czctl (init|serve)/),
    });
  });

  it.each([[['unknown']], [['org']], [['org', 'create']], [['serve', '--unknown']], [[]]])(
    'a wrong command line %j ends with 2, also as JSON',
    async (args) => {
      const ended = await czctl.run([...args, '--json']);
      expect(ended.code).toBe(2);
      expect(parsed(ended)).toMatchObject({ version: 1, kind: 'error', exit_code: 2 });
    },
  );
});

/** What a shell offers for the last of the words after `czctl`. */
function completions(shell: 'bash' | 'zsh' | 'fish', script: string, words: readonly string[]): string[] {
  const line = ['czctl', ...words];
  const quoted = line.map((word) => `'${word}'`).join(' ');
  const programs = {
    bash: `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${line.length - 1}; _czctl; printf '%s\\n' "\${COMPREPLY[@]}"`,
    // Outside of its line editor zsh completes nothing, so the function is called the way bashcompinit calls it.
    zsh: `compdef() { :; }\n${script}\nsetopt ksharrays\nCOMP_WORDS=(${quoted}); COMP_CWORD=${line.length - 1}; _czctl; print -l -- "\${COMPREPLY[@]}"`,
    fish: `${script}\ncomplete -C '${line.join(' ')}'`,
  };
  const text = execFileSync(shell, ['-c', programs[shell]], { encoding: 'utf8' });
  return text.split('\n').map((offer) => offer.split('\t', 1)[0]!.trim());
}
