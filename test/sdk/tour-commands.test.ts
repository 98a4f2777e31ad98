import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hookCommand } from './claude-code.ts';
import { Quickstart, sdk, titled } from './quickstart.ts';
import type { SdkUser } from './sdk-process.ts';

const GUARDS = {
  rules: [
    { id: 'no-delete', deny: 'file_delete:*', reason: 'Files are not removed by agents' },
    { id: 'shell', allow: 'Bash:*' },
  ],
};

describe.skipIf(sdk.python === undefined)(titled("the published SDK's commands"), () => {
  let quickstart: Quickstart;
  beforeAll(async () => {
    quickstart = await Quickstart.start();
  });
  afterAll(() => quickstart?.discard());

  it('finds a fresh project observing when it is set up', async () => {
    const { id, key } = await quickstart.project('fresh');
    const user = quickstart.user('setup');
    const { stdout, stderr } = await setUp(user, key);
    expect(stdout).toMatch(/key: +active/);
    expect(stdout).toContain(id);
    expect(stderr).toContain('policy: none attached');
    const config = readFileSync(path.join(user.home, '.controlzero/config.yaml'), 'utf8');
    expect(config).toContain(quickstart.url);
    expect(hookCommand(user)).toContain('hook-check');
  });

  it('finds the policy when it is set up after one was created', async () => {
    const { id, key } = await quickstart.project('governed');
    await quickstart.policy(id, 'guards', GUARDS);
    const user = quickstart.user('set-up-again');
    const { stdout, stderr } = await setUp(user, key);
    expect(stdout).toContain('policy: 1 active attachment');
    expect(stderr).not.toContain('policy: none attached');
    expect((await user.command(['status'])).stdout).toContain('ENFORCING (1 active attachment)');
    expect((await user.command(['verify'])).code).toBe(0);
  });

  it('reports the key, the project and the organization', async () => {
    const user = quickstart.user('status', { CONTROLZERO_API_KEY: quickstart.key });
    const status = await user.command(['status']);
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/key status +: active/);
    expect(status.stdout).toContain(quickstart.projectId);
    const whoami = await user.command(['whoami']);
    expect(whoami.stdout).toContain(quickstart.projectId);
    expect(whoami.stdout).toContain(quickstart.orgId);
  });

  it('says the same of a revoked key and of one that was never made, and E1101 when it is used', async () => {
    const { id } = await quickstart.project('keys');
    const revoked = await quickstart.newKey(id);
    await quickstart.admin.expect(204, 'DELETE', `/api/projects/${id}/api-keys/${revoked.id}`);
    const user = quickstart.user('dead-keys');
    for (const key of [revoked.key, `cz_live_${'0'.repeat(64)}`]) {
      const { stdout } = await user.command(['status'], { variables: { CONTROLZERO_API_KEY: key } });
      expect(stdout).toMatch(/key status +: revoked/);
      await expect(user.open('agent', key)).rejects.toThrow(/E1101/);
    }
  });
});

function setUp(user: SdkUser, key: string) {
  const agent = ['--agent', 'claude-code', '--yes'];
  const url = user.variables['CONTROLZERO_API_URL']!;
  return user.command(['setup', '--api-url', url, '--api-key', key, ...agent]);
}
