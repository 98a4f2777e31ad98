import { beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../../test/clients/go/bundle.ts';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type Person, signUp } from '../../../test/people.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let owner: Person;
  let projectId: string;
  let key: string;

  beforeAll(async () => {
    appliance = await open();
    await appliance.operate('POST', '/operator/trial');
    owner = await signUp(appliance, 'owner@example.com');
    const org = await owner.request('POST', '/api/orgs', { name: 'Acme' });
    const project = await owner.request('POST', `/api/orgs/${org.body.id}/projects`, { name: 'agents' });
    projectId = project.body.id;
    const created = await owner.request('POST', `/api/projects/${projectId}/api-keys`, { name: 'sdk' });
    key = created.body.key;
  });

  describe('a fresh project', () => {
    it('can be started by an SDK at once, and observes', async () => {
      const bootstrap = await appliance.request('GET', '/v1/sdk/bootstrap', { bearer: key });
      expect([bootstrap.status, bootstrap.text]).toEqual([200, expect.any(String)]);
      const pulled = await appliance.request('GET', '/v1/sdk/policies/pull', { bearer: key });
      expect(pulled.status).toBe(200);
      const opened = openBundle(pulled.bytes, {
        encryptionKey: Buffer.from(bootstrap.body.project_encryption_key_b64, 'base64'),
        signingKey: Buffer.from(bootstrap.body.signing_pubkey_hex, 'hex'),
      });
      expect(opened.payload).toMatchObject({ project_id: projectId, metadata: { active_policy_count: 0 } });
      const again = await appliance.request('GET', '/v1/sdk/policies/pull', {
        bearer: key,
        headers: { 'if-none-match': String(pulled.headers['etag']) },
      });
      expect([again.status, again.bytes.length]).toEqual([304, 0]);
    });
  });
});
