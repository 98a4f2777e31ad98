import { beforeAll, describe, expect, it } from 'vitest';
import { type Cache, GoClient, HostedAuthError, HostedBootstrapError } from '../clients/go/client.ts';
import { NewerSdkRequired } from '../clients/go/policy.ts';
import { describeEachAppliance } from '../each-appliance.ts';
import { GovernedProject } from './governed-project.ts';
import { type ListeningAppliance, listening, tamperWith, unprovision } from './listening.ts';

const CALL = { tool: 'github', method: 'list' };
const ALLOW = [{ id: 'open', allow: 'github:*' }];
const DENY = [{ id: 'closed', deny: 'github:*', reason: 'Not from here' }];

describeEachAppliance((openAppliance) => {
  let appliance: ListeningAppliance;
  beforeAll(async () => {
    appliance = await listening(await openAppliance());
  });

  const open = (name: string) => GovernedProject.open(appliance, name);
  const start = (project: GovernedProject, cache?: Cache) => GoClient.start(appliance.url, project.key, cache);

  describe('decisions of the older SDK', () => {
    it('allows, denies and warns as written, first match first, and denies the rest', async () => {
      const project = await open('effects');
      await project.policy([
        { deny: 'github:delete_repo', reason: 'Nothing is deleted' },
        { allow: 'github:*' },
        { warn: 'http:*' },
        { deny: 'database:admin' },
        { allow: 'database:*' },
      ]);
      const client = await start(project);
      const judged = [
        { tool: 'github', method: 'delete_repo' },
        { tool: 'github', method: 'list' },
        { tool: 'http', method: 'GET' },
        { tool: 'database', method: 'query', args: { sql: 'DROP TABLE people' } },
        { tool: 'database', method: 'query', args: { sql: 'SELECT 1' } },
        { tool: 'mail', method: 'send' },
      ].map((call) => client.guard(call));
      expect(judged.map(({ effect }) => effect)).toEqual(['deny', 'allow', 'warn', 'deny', 'allow', 'deny']);
      expect(judged[0]!.reason).toMatch(/^Nothing is deleted \[r\w+\]$/);
      expect(judged[5]).toMatchObject({ policyId: 'synthetic:NO_RULE_MATCH' });
    });

    it('keeps to resources and to the order of policies', async () => {
      const project = await open('resources');
      await project.policy([{ allow: 'github:*', resources: ['acme'] }], {}, 'first');
      await project.policy([{ warn: 'github:*', resources: ['acme', 'other'] }], {}, 'second');
      const client = await start(project);
      const effect = (resource?: string) => client.guard({ ...CALL, ...(resource === undefined ? {} : { resource }) });
      expect(effect('acme')).toMatchObject({ effect: 'allow' });
      expect(effect('other')).toMatchObject({ effect: 'warn' });
      expect(effect()).toMatchObject({ effect: 'deny', policyId: 'synthetic:RESOURCE_GATE_SKIP' });
    });

    it.each([
      ['allow', { effect: 'allow' }],
      ['warn', { effect: 'warn' }],
    ] as const)('takes the default of the project: %s', async (effect, expected) => {
      const project = await open(`default-${effect}`);
      await project.asked('PATCH', `/api/projects/${project.id}`, { default_action: effect });
      await project.policy(DENY);
      const client = await start(project);
      expect(client.guard(CALL)).toMatchObject({ effect: 'deny' });
      expect(client.guard({ tool: 'other' })).toMatchObject(expected);
    });

    it('observes an empty project, also from the cache', async () => {
      const project = await open('empty');
      const cache: Cache = {};
      for (const _ of [1, 2]) {
        const client = await start(project, cache);
        expect(client.guard(CALL)).toMatchObject({ effect: 'allow', reasonCode: 'OBSERVE_MODE_NO_POLICY' });
      }
    });

    it('evaluates with a test key but blocks nothing', async () => {
      const project = await open('test-key');
      await project.policy(DENY);
      const body = { name: 'trial', scopes: ['read'], mode: 'test' };
      const { key } = await project.change('POST', 'api-keys', body);
      const client = await GoClient.start(appliance.url, key);
      expect(client.guard(CALL)).toMatchObject({ effect: 'warn' });
      expect(client.guard({ tool: 'other' })).toMatchObject({ effect: 'warn' });
      expect(await client.flush()).toBe(200);
      expect((await project.entries()).map((entry) => entry.is_test)).toEqual([true, true]);
    });
  });

  describe('changes that reach the older SDK', () => {
    it('sees a changed policy when it starts again, and gets 304 with its stored ETag otherwise', async () => {
      const project = await open('changing');
      const policy = await project.policy(ALLOW);
      const cache: Cache = {};
      const running = await start(project, cache);
      const { bundle } = cache;
      await start(project, cache);
      expect(cache.bundle).toBe(bundle);
      for (const etag of [bundle!.etag, `W/${bundle!.etag}`, bundle!.etag.slice(1, 33)]) {
        const headers = { authorization: `Bearer ${project.key}`, 'if-none-match': etag };
        expect((await fetch(`${appliance.url}/v1/sdk/policies/pull`, { headers })).status).toBe(304);
      }
      await project.rewrite(policy, DENY);
      expect(running.guard(CALL)).toMatchObject({ effect: 'allow' });
      expect((await start(project, cache)).guard(CALL)).toMatchObject({ effect: 'deny' });
      expect(cache.bundle).not.toBe(bundle);
    });

    it('recovers from rotated keys with one bootstrap', async () => {
      const project = await open('rotated');
      const policy = await project.policy(ALLOW);
      const cache: Cache = {};
      await start(project, cache);
      const { bootstrap } = cache;
      await project.change('POST', 'keys/rotate');
      await project.rewrite(policy, DENY);
      expect((await start(project, cache)).guard(CALL)).toMatchObject({ effect: 'deny' });
      expect(cache.bootstrap!.key_version).toBeGreaterThan(bootstrap!.key_version);
      expect(cache.bootstrap!.signing_pubkey_hex).not.toBe(bootstrap!.signing_pubkey_hex);
    });

    it('is refused clearly only where it would widen an allow or a warning', async () => {
      const project = await open('floor');
      const narrowed = { when: { amount: { op: 'lt', value: 10 } } };
      const policy = await project.policy([
        { deny: 'pay:*', ...narrowed },
        { allow: 'pay:*', resources: ['x'] },
      ]);
      await start(project);
      for (const rule of [
        { allow: 'pay:*', ...narrowed },
        { warn: 'pay:*', clients: ['cursor'] },
      ]) {
        await project.rewrite(policy, [rule]);
        await expect(start(project)).rejects.toThrow(NewerSdkRequired);
      }
      await project.rewrite(policy, ALLOW);
      expect((await start(project)).guard(CALL)).toMatchObject({ effect: 'allow' });
    });

    it('is not shut out by accident once it was seen', async () => {
      const project = await open('seen');
      const policy = await project.policy(ALLOW);
      const client = await start(project);
      client.guard(CALL);
      expect(await client.flush()).toBe(200);
      const document = { version: '1', rules: [{ allow: 'github:*', clients: ['cursor'] }] };
      const path = `/api/projects/${project.id}/policies/${policy}`;
      const refused = await project.owner.request('PATCH', path, { document });
      expect([refused.status, refused.body.code]).toEqual([409, 'OLDER_SDK_IMPACT']);
      expect((await start(project)).guard(CALL)).toMatchObject({ effect: 'allow' });
      const accepted = await project.owner.request('PATCH', path, { document, accept_older_sdk_impact: true });
      expect(accepted.status).toBe(200);
      await expect(start(project)).rejects.toThrow(NewerSdkRequired);
    });
  });

  describe('projects in every state, seen by the older SDK', () => {
    it.each([
      ['flagged', /not what was signed/, (project: GovernedProject) => tamperWith(appliance, project.id)],
      ['withdrawn', /was withdrawn/, (project: GovernedProject) => project.change('POST', 'policies/withdraw')],
    ])('%s: a cache goes on, a new client is told what to do', async (name, told, interrupt) => {
      const project = await open(name);
      await project.policy(DENY);
      const cache: Cache = {};
      await start(project, cache);
      await interrupt(project);
      expect((await start(project, cache)).guard(CALL)).toMatchObject({ effect: 'deny', reasonCode: 'RULE_MATCH' });
      await expect(start(project)).rejects.toThrow(told);
      await expect(start(project)).rejects.toThrow(HostedBootstrapError);
      await project.change('POST', 'policies/bundle');
      expect((await start(project)).guard(CALL)).toMatchObject({ effect: 'deny' });
    });

    it('never provisioned: says so, and works once it is', async () => {
      const project = await open('unprovisioned');
      await unprovision(appliance, project.id);
      await expect(start(project)).rejects.toThrow(/no keys yet/);
      await project.change('POST', 'keys/provision');
      expect((await start(project)).guard(CALL)).toMatchObject({ reasonCode: 'OBSERVE_MODE_NO_POLICY' });
    });

    it('refuses a revoked key with its reason, also where a cache is at hand', async () => {
      const project = await open('revoked');
      const cache: Cache = {};
      await start(project, cache);
      await project.change('DELETE', `api-keys/${project.keyId}`);
      for (const attempt of [start(project), start(project, cache)]) {
        const error = await attempt.catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(HostedAuthError);
        expect((error as Error).message).toContain('"reason":"invalid_or_revoked"');
        expect((error as Error).message).not.toContain(project.key);
      }
    });
  });
});
