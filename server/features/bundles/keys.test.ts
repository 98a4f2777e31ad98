import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { signUp } from '../../../test/people.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';
import {
  addProject,
  bootstrap,
  makeProject,
  policy,
  pull,
  pullAndOpen,
  type TestProject,
  TestRules,
} from './rules.fixture.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let clock: ManualClock;
  let rules: TestRules;
  let project: TestProject;

  beforeAll(async () => {
    clock = manualClock(Date.UTC(2026, 10, 21, 12));
    appliance = await open({ clock });
    await appliance.operate('POST', '/operator/trial');
    rules = new TestRules(appliance);
  });
  beforeEach(async () => {
    project = await makeProject(appliance);
  });

  const url = (path: string) => `/api/projects/${project.projectId}/${path}`;
  const keyVersion = async (key: string) => (await bootstrap(appliance, key)).body.key_version;

  /** As a project that was stored before keys existed. */
  async function unprovision(): Promise<void> {
    await appliance.kernel.databases.state.write(async (trx, { publish }) => {
      await trx.deleteFrom('bundles').where('project_id', '=', project.projectId).execute();
      await trx.deleteFrom('builds').where('project_id', '=', project.projectId).execute();
      await trx.deleteFrom('project_keys').where('project_id', '=', project.projectId).execute();
      await trx.deleteFrom('signing_keys').where('org_id', '=', project.orgId).execute();
      await publish('bundles', project.projectId);
    });
  }

  describe('every key and bundle route of the dashboard', () => {
    it('refuses strangers, members and API keys, and changes nothing', async () => {
      const stranger = await signUp(appliance, `stranger-${randomBytes(4).toString('hex')}@example.com`);
      const before = await pull(appliance, project.key);
      for (const path of ['keys/provision', 'keys/rotate', 'policies/bundle', 'policies/withdraw']) {
        expect((await appliance.request('POST', url(path), { body: {} })).status).toBe(401);
        expect((await appliance.request('POST', url(path), { body: {}, bearer: project.key })).status).toBe(401);
        expect((await appliance.request('POST', url(path), { body: {}, bearer: project.owner.token })).status).toBe(
          403,
        );
        expect((await stranger.request('POST', url(path), {})).status).toBe(403);
        expect((await project.owner.request('POST', url(path), { unknown: 1 })).status).toBe(400);
      }
      for (const path of ['keys/public', 'policies/bundle', 'policies/builds']) {
        expect((await appliance.request('GET', url(path))).status).toBe(401);
        expect((await stranger.request('GET', url(path))).status).toBe(403);
      }
      expect((await pull(appliance, project.key, String(before.headers['etag']))).status).toBe(304);
      expect(await keyVersion(project.key)).toBe(1);
    });
  });

  describe('provisioning', () => {
    it('happens with the project, and doing it again changes nothing', async () => {
      const before = await pull(appliance, project.key);
      const { kid } = (await bootstrap(appliance, project.key)).body;
      const answer = await project.owner.request('POST', url('keys/provision'));
      expect([answer.status, answer.body]).toMatchObject([
        200,
        { project_id: project.projectId, org_id: project.orgId, kid, key_version: 1, bundle: { changed: false } },
      ]);
      expect((await pull(appliance, project.key, String(before.headers['etag']))).status).toBe(304);
    });

    it('gives keys and an observing bundle to a project that never had any', async () => {
      await unprovision();
      const missing = await pull(appliance, project.key);
      expect([missing.status, missing.body.reason]).toEqual([404, 'not_provisioned']);
      const noKeys = await bootstrap(appliance, project.key);
      expect([noKeys.status, noKeys.body.code]).toEqual([404, 'KEYS_NOT_PROVISIONED']);
      expect((await project.owner.request('GET', url('keys/public'))).status).toBe(404);
      expect((await project.owner.request('GET', url('policies/bundle'))).status).toBe(404);
      expect((await project.owner.request('POST', url('keys/provision'))).body.bundle.changed).toBe(true);
      expect((await pullAndOpen(appliance, project.key)).payload).toMatchObject({ default_on_empty: 'observe' });
    });

    it('shares one signing key between the projects of an organization', async () => {
      const second = await addProject(project.owner, project.orgId, 'second');
      const [mine, other] = [await bootstrap(appliance, project.key), await bootstrap(appliance, second.key)];
      expect(other.body.kid).toBe(mine.body.kid);
      expect(other.body.encryption_key).not.toBe(mine.body.encryption_key);
    });
  });

  describe('a rotation', () => {
    it('renews both keys, rebuilds every project of the organization, and keeps the old signing key', async () => {
      const second = await addProject(project.owner, project.orgId, 'second');
      const elsewhere = await makeProject(appliance);
      await rules.apply(second.projectId, [policy([{ effect: 'deny', actions: ['a:b'] }])]);
      const before = (await bootstrap(appliance, project.key)).body;
      const [secondBefore, elsewhereBefore] = [
        await pullAndOpen(appliance, second.key),
        await pull(appliance, elsewhere.key),
      ];

      clock.advance(1_000);
      const rotated = await project.owner.request('POST', url('keys/rotate'), {});
      expect([rotated.status, rotated.body]).toMatchObject([
        200,
        { key_version: 2, version: 2, retired_kid: before.kid, projects_rebuilt: 2 },
      ]);

      const after = (await bootstrap(appliance, project.key)).body;
      expect([after.kid === before.kid, after.encryption_key === before.encryption_key]).toEqual([false, false]);
      expect((await pullAndOpen(appliance, project.key)).payload['project_id']).toBe(project.projectId);
      const secondAfter = await pullAndOpen(appliance, second.key);
      expect(secondAfter.payload).toEqual(secondBefore.payload);
      expect(secondAfter.etag).not.toBe(secondBefore.etag);
      expect(await keyVersion(second.key)).toBe(2);
      expect((await pull(appliance, elsewhere.key, String(elsewhereBefore.headers['etag']))).status).toBe(304);

      const keys = (await project.owner.request('GET', url('keys/public'))).body;
      expect(keys).toMatchObject({
        kid: after.kid,
        public_key: after.signing_public_key,
        retired: [{ kid: before.kid }],
      });
      const old = await appliance.services.bundles.signingKey(project.orgId, before.kid);
      expect(old?.publicKey.toString('hex')).toBe(before.signing_pubkey_hex);
      expect((await appliance.services.bundles.signingKey(project.orgId))?.kid).toBe(after.kid);
      expect(await appliance.services.bundles.signingKey(project.orgId, 'unknown')).toBeNull();
    });

    it('of the encryption key alone concerns this project alone', async () => {
      const second = await addProject(project.owner, project.orgId, 'second');
      const untouched = await pull(appliance, second.key);
      const { kid } = (await bootstrap(appliance, project.key)).body;
      const rotated = await project.owner.request('POST', url('keys/rotate'), { signing_key: false });
      expect(rotated.body).toMatchObject({ kid, key_version: 2, retired_kid: null, projects_rebuilt: 1 });
      expect((await pull(appliance, second.key, String(untouched.headers['etag']))).status).toBe(304);
      await pullAndOpen(appliance, project.key);
    });

    it('of nothing is refused', async () => {
      const nothing = { signing_key: false, project_key: false };
      expect((await project.owner.request('POST', url('keys/rotate'), nothing)).status).toBe(400);
      expect(await keyVersion(project.key)).toBe(1);
    });

    it('changes nothing at all when one project cannot be built', async () => {
      const second = await addProject(project.owner, project.orgId, 'second');
      const [mine, other] = [await pull(appliance, project.key), await pull(appliance, second.key)];
      const broken = { effect: 'deny' as const, actions: ['a:b'], conditions: { x: { op: 'no_such_operator' } } };
      await appliance.services.bundles.addSource({
        name: 'broken',
        policies: async (_trx, id) => (id === second.projectId ? [policy([broken], { policyId: `broken-${id}` })] : []),
      });
      const answer = await project.owner.request('POST', url('keys/rotate'), {});
      expect([answer.status, answer.body.policy_id]).toEqual([422, `broken-${second.projectId}`]);
      expect(await keyVersion(project.key)).toBe(1);
      expect((await pull(appliance, project.key, String(mine.headers['etag']))).status).toBe(304);
      expect((await pull(appliance, second.key, String(other.headers['etag']))).status).toBe(304);
      expect((await project.owner.request('GET', url('keys/public'))).body.retired).toEqual([]);
    });

    it('that happens twice at once ends in one consistent state', async () => {
      const answers = await Promise.all([
        project.owner.request('POST', url('keys/rotate'), {}),
        project.owner.request('POST', url('keys/rotate'), {}),
      ]);
      expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
      expect(await keyVersion(project.key)).toBe(3);
      await pullAndOpen(appliance, project.key);
      expect((await project.owner.request('GET', url('keys/public'))).body.retired).toHaveLength(2);
    });

    it('is recorded without a key', async () => {
      const { encryption_key: secret } = (await bootstrap(appliance, project.key)).body;
      await project.owner.request('POST', url('keys/rotate'), {});
      const [entry] = await appliance.kernel.databases.state.read
        .selectFrom('activity_outbox')
        .selectAll()
        .where('project_id', '=', project.projectId)
        .where('verb', '=', 'keys.rotate')
        .execute();
      expect(JSON.parse(entry!.details)).toMatchObject({ signing_key: true, project_key: true, key_version: 2 });
      expect(JSON.stringify(entry)).not.toContain(secret);
    });
  });

  describe('the operator', () => {
    it('rotates, publishes and looks at bundles through the socket', async () => {
      const path = `/operator/projects/${project.projectId}`;
      const rotated = await appliance.operate('POST', `${path}/rotate-keys`, { signing_key: false });
      expect([rotated.status, rotated.body]).toMatchObject([200, { projects_rebuilt: 1, bundle: { key_version: 2 } }]);
      const published = await appliance.operate('POST', `${path}/bundle`);
      const status = await appliance.operate('GET', `${path}/bundle`);
      expect(status.body).toMatchObject({ status: 'live', key_version: 2, live: { etag: published.body.etag } });
    });

    it('revokes a retired signing key, never the active one', async () => {
      const { kid } = (await bootstrap(appliance, project.key)).body;
      const revoke = (id: string) =>
        appliance.operate('POST', `/operator/orgs/${project.orgId}/signing-keys/${id}/revoke`);
      expect((await revoke('unknown')).status).toBe(404);
      expect((await revoke(kid)).status).toBe(409);
      await project.owner.request('POST', url('keys/rotate'), {});
      expect(await appliance.services.bundles.signingKey(project.orgId, kid)).not.toBeNull();
      expect((await revoke(kid)).status).toBe(204);
      expect(await appliance.services.bundles.signingKey(project.orgId, kid)).toBeNull();
      expect((await project.owner.request('GET', url('keys/public'))).body.retired).toEqual([]);
      await pullAndOpen(appliance, project.key);
    });

    it('builds everything afresh, and hears which project could not be built', async () => {
      const own = await open({ clock });
      await own.operate('POST', '/operator/trial');
      const [good, bad] = [await makeProject(own), await makeProject(own)];
      const broken = { effect: 'deny' as const, actions: ['a:b'], conditions: { x: { op: 'no_such_operator' } } };
      own.services.bundles.addSource({
        name: 'broken',
        policies: async (_trx, id) => (id === bad.projectId ? [policy([broken])] : []),
      });
      const before = await pullAndOpen(own, good.key);
      const answer = await own.operate('POST', '/operator/bundles/rebuild', { reason: 'restored' });
      expect([answer.status, answer.body]).toEqual([
        200,
        { rebuilt: 1, failed: [{ project_id: bad.projectId, code: 'BUNDLE_NOT_BUILT', error: expect.any(String) }] },
      ]);
      const after = await pullAndOpen(own, good.key);
      expect([after.etag === before.etag, after.payload]).toEqual([false, before.payload]);
      await pullAndOpen(own, bad.key);
    });
  });

  describe('what is stored', () => {
    it('holds no key in the clear', async () => {
      const { encryption_key: secret } = (await bootstrap(appliance, project.key)).body;
      const { read } = appliance.kernel.databases.state;
      const row = await read
        .selectFrom('project_keys')
        .selectAll()
        .where('project_id', '=', project.projectId)
        .executeTakeFirstOrThrow();
      expect(row.key.includes(Buffer.from(secret, 'base64'))).toBe(false);
    });

    it('leaves with the project', async () => {
      const { name } = (await project.owner.request('GET', `/api/projects/${project.projectId}`)).body;
      await appliance.request('POST', '/v1/sdk/init', { bearer: project.key, body: { sdk_version: '1.13.16' } });
      await appliance.services.bundles.sdks.flush();
      const gone = await project.owner.request('DELETE', `/api/projects/${project.projectId}?confirm=${name}`);
      expect(gone.status).toBe(204);
      for (const table of ['bundles', 'builds', 'project_keys', 'seen_sdks'] as const) {
        const rows = await appliance.kernel.databases.state.read
          .selectFrom(table)
          .select('project_id')
          .where('project_id', '=', project.projectId)
          .execute();
        expect([table, rows]).toEqual([table, []]);
      }
      expect((await pull(appliance, project.key)).status).toBe(401);
    });
  });
});
