import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltCzctl, freePort } from '../tour/built-czctl.ts';
import { waitFor } from '../tour/wait.ts';
import { askHook, permission } from './claude-code.ts';
import { sdk, titled } from './quickstart.ts';
import type { SdkUser } from './sdk-process.ts';
import { SdkUsers } from './sdk-users.ts';

describe.skipIf(sdk.python === undefined)(titled('the published SDK over HTTPS with the private CA'), () => {
  let czctl: BuiltCzctl;
  let home: string;
  let ca: string;
  let url: string;
  let key: string;
  let users: SdkUsers;
  let trusting: SdkUser;
  let doubting: SdkUser;

  beforeAll(async () => {
    czctl = new BuiltCzctl();
    home = czctl.home('deployment');
    const answers = [
      '--hostname',
      'localhost',
      '--admin-emails',
      'ops@example.com',
      '--port',
      String(await freePort()),
    ];
    ({ url } = await czctl.json<{ url: string }>(['init', '--yes', '--dir', home, ...answers]));
    await czctl.serve(home);
    await czctl.json(['org', 'create', 'Example', '--owner', 'ops@example.com', '--dir', home]);
    await czctl.json(['project', 'create', 'agents', '--dir', home]);
    ({ key } = await czctl.json<{ key: string }>(['key', 'create', 'agent', '--dir', home]));
    ca = path.join(home, 'config/certs/ca.pem');
    users = new SdkUsers(sdk.python!, url);
    trusting = users.user('trusting', { CONTROLZERO_TLS_CA_BUNDLE: ca });
    doubting = users.user('doubting');
  });
  afterAll(async () => {
    await users?.discard();
    await czctl?.discard();
  });

  it('works when it is told the CA', async () => {
    await trusting.open('agent', key);
    expect(await trusting.guard('agent', { tool: 'github', method: 'list' })).toMatchObject({
      effect: 'allow',
      reason_code: 'OBSERVE_MODE_NO_POLICY',
    });
    const status = await trusting.command(['status'], { variables: { CONTROLZERO_API_KEY: key } });
    expect(status.stdout).toMatch(/key status +: active/);
  });

  it('denies in a hook that learnt the CA from its set-up, and delivers what it saw', async () => {
    const rules = "version: '1'\nrules:\n  - id: no-delete\n    deny: file_delete:*\n  - allow: Bash:*\n";
    const policy = ['policy', 'apply', '-f', trusting.write('guards.yaml', rules), '--dir', home];
    await czctl.json(policy);
    const hooked = users.user('hooked', { CLAUDECODE: '1' });
    const setup = [
      'setup',
      '--api-url',
      url,
      '--api-key',
      key,
      '--tls-ca-bundle',
      ca,
      '--agent',
      'claude-code',
      '--yes',
    ];
    expect((await hooked.command(setup)).stdout).toContain('policy: 1 active attachment');
    expect(permission(await askHook(hooked, 'rm -rf build'))).toMatchObject({ code: 2, decision: 'deny' });
    await waitFor('the entry of the denial', async () => {
      const search = ['audit', 'search', '--decision', 'deny', '--dir', home];
      return (await czctl.json<{ entries: unknown[] }>(search)).entries.at(0);
    });
  });

  it('refuses a certificate that it does not know', async () => {
    await expect(doubting.open('agent', key)).rejects.toThrow(/CERTIFICATE_VERIFY_FAILED/);
  });
});
