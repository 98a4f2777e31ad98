import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltCzctl, freePort } from '../tour/built-czctl.ts';
import { sdk, titled } from './quickstart.ts';
import type { SdkUser } from './sdk-process.ts';
import { SdkUsers } from './sdk-users.ts';

describe.skipIf(sdk.python === undefined)(titled('the published SDK over HTTPS with the private CA'), () => {
  let czctl: BuiltCzctl;
  let url: string;
  let key: string;
  let users: SdkUsers;
  let trusting: SdkUser;
  let doubting: SdkUser;

  beforeAll(async () => {
    czctl = new BuiltCzctl();
    const home = czctl.home('deployment');
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
    const ca = path.join(home, 'config/certs/ca.pem');
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

  it('refuses a certificate that it does not know', async () => {
    await expect(doubting.open('agent', key)).rejects.toThrow(/CERTIFICATE_VERIFY_FAILED/);
  });
});
