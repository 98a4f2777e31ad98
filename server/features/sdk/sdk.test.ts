import { createHash } from 'node:crypto';
import nacl from 'tweetnacl';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../../test/clients/go/bundle.ts';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { manualClock } from '../../kernel/clock.ts';
import { DomainError } from '../../kernel/errors.ts';
import {
  addKey,
  bootstrap,
  keysOf,
  makeProject,
  policy,
  pull,
  pullAndOpen,
  type TestProject,
  TestRules,
} from '../bundles/rules.fixture.ts';

const UNKNOWN_KEY = `cz_live_${'0'.repeat(64)}`;

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let rules: TestRules;
  let project: TestProject;

  beforeAll(async () => {
    appliance = await open();
    await appliance.operate('POST', '/operator/trial');
    rules = new TestRules(appliance);
    project = await makeProject(appliance);
  });

  describe('every SDK route', () => {
    it('refuses a missing and an unknown key with the reason that SDKs read', async () => {
      for (const [method, path] of [
        ['GET', '/v1/sdk/bootstrap'],
        ['GET', '/v1/sdk/policies/pull'],
        ['GET', '/v1/sdk/keys/public'],
        ['POST', '/v1/sdk/init'],
        ['POST', '/v1/sdk/refresh'],
      ] as const) {
        const body = method === 'POST' ? { body: {} } : {};
        expect((await appliance.request(method, path, body)).status).toBe(401);
        const answer = await appliance.request(method, path, { bearer: UNKNOWN_KEY, ...body });
        expect([answer.status, answer.body]).toEqual([
          401,
          expect.objectContaining({
            error: expect.any(String),
            reason: 'invalid_or_revoked',
            remediation: expect.any(String),
          }),
        ]);
      }
    });

    it('takes the key in X-API-Key as well', async () => {
      const headers = { 'x-api-key': project.key };
      expect((await appliance.request('GET', '/v1/sdk/bootstrap', { headers })).status).toBe(200);
      expect((await appliance.request('GET', '/v1/sdk/policies/pull', { headers })).status).toBe(200);
    });
  });

  describe('bootstrap', () => {
    it('answers in both name sets, without a null, never to be stored', async () => {
      const answer = await bootstrap(appliance, project.key);
      expect(answer.status).toBe(200);
      expect(answer.headers['cache-control']).toBe('no-store');
      const { body } = answer;
      expect(body).toEqual({
        project_id: project.projectId,
        org_id: project.orgId,
        encryption_key: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        project_encryption_key_b64: body.encryption_key,
        signing_public_key: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        signing_pubkey_hex: Buffer.from(body.signing_public_key, 'base64').toString('hex'),
        kid: createHash('sha256').update(Buffer.from(body.signing_public_key, 'base64')).digest('hex').slice(0, 16),
        key_version: 1,
        algorithm: 'ed25519',
      });
    });

    it('gives every project its own encryption key and every organization its own signing key', async () => {
      const other = await makeProject(appliance);
      const [mine, theirs] = [await bootstrap(appliance, project.key), await bootstrap(appliance, other.key)];
      expect(theirs.body.encryption_key).not.toBe(mine.body.encryption_key);
      expect(theirs.body.kid).not.toBe(mine.body.kid);
    });
  });

  describe('the public key', () => {
    it('is the one that bootstrap names', async () => {
      const answer = await appliance.request('GET', '/v1/sdk/keys/public', { bearer: project.key });
      const { kid, signing_public_key: publicKey } = (await bootstrap(appliance, project.key)).body;
      expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ kid, public_key: publicKey })]);
    });
  });

  describe('a pull', () => {
    it('of a fresh project opens with independent code and observes', async () => {
      const { payload, policyCount, createdAt } = await pullAndOpen(appliance, project.key);
      expect(policyCount).toBe(0);
      expect(Math.abs(createdAt - Date.now() / 1000)).toBeLessThan(60);
      expect(payload).toMatchObject({
        project_id: project.projectId,
        default_action: 'allow',
        default_on_empty: 'observe',
        metadata: { active_policy_count: 0 },
        policies: [{ rules: [{ actions: ['*'], effect: 'allow', reason_code: 'OBSERVE_MODE_NO_POLICY' }] }],
      });
    });

    it('carries the digest as its ETag and a signature over its bytes', async () => {
      const answer = await pull(appliance, project.key);
      const { signingKey } = keysOf((await bootstrap(appliance, project.key)).body);
      expect(answer.headers['content-type']).toBe('application/octet-stream');
      expect(answer.headers['etag']).toBe(`"${createHash('sha256').update(answer.bytes).digest('hex')}"`);
      const signature = Buffer.from(String(answer.headers['x-policy-signature']), 'base64');
      expect(nacl.sign.detached.verify(answer.bytes, signature, signingKey)).toBe(true);
    });

    it('answers 304 without a body to every spelling of the ETag that clients send', async () => {
      const answer = await pull(appliance, project.key);
      const digest = String(answer.headers['etag']).replaceAll('"', '');
      for (const known of [
        digest,
        `"${digest}"`,
        `W/"${digest}"`,
        digest.slice(0, 32),
        `"${digest.slice(0, 32)}"`,
        digest.toUpperCase(),
        `"${'0'.repeat(64)}", "${digest}"`,
        '*',
      ]) {
        const again = await pull(appliance, project.key, known);
        expect([known, again.status, again.bytes.length]).toEqual([known, 304, 0]);
        expect(again.headers['etag']).toBe(`"${digest}"`);
      }
      for (const other of ['', '"', digest.slice(0, 31), '0'.repeat(64), `"${digest}x`.slice(5)]) {
        expect([other, (await pull(appliance, project.key, other)).status]).toEqual([other, 200]);
      }
    });

    it('gives the same bytes every time', async () => {
      const [first, second] = [await pull(appliance, project.key), await pull(appliance, project.key)];
      expect(second.bytes.equals(first.bytes)).toBe(true);
    });

    it('with a test key gets a bundle of its own that stops nothing', async () => {
      const test = await makeProject(appliance);
      const testKey = await addKey(test.owner, test.projectId, 'test');
      await rules.apply(test.projectId, [
        policy([
          { effect: 'deny', actions: ['shell:rm'] },
          { effect: 'allow', actions: ['*'] },
        ]),
      ]);
      const live = await pullAndOpen(appliance, test.key);
      const trial = await pullAndOpen(appliance, testKey);
      expect(trial.etag).not.toBe(live.etag);
      const effects = (payload: Record<string, unknown>) =>
        (payload['policies'] as { rules: { effect: string }[] }[]).map((entry) => entry.rules[0]!.effect);
      expect(effects(live.payload)).toEqual(['deny', 'allow']);
      expect(effects(trial.payload)).toEqual(['warn', 'allow']);
      expect([live.payload['default_action'], trial.payload['default_action']]).toEqual(['deny', 'warn']);
      expect((await pull(appliance, testKey, live.etag)).status).toBe(200);
    });

    it('counts in a rate limit of its own, which bootstrap shares', async () => {
      const limited = await open({ settings: { CZ_RATE_BUNDLE: '3', CZ_RATE_KEY: '2' } });
      await limited.operate('POST', '/operator/trial');
      const { key } = await makeProject(limited);
      for (let request = 0; request < 2; request += 1) {
        expect((await limited.request('POST', '/v1/sdk/refresh', { bearer: key })).status).toBe(200);
      }
      expect((await limited.request('POST', '/v1/sdk/refresh', { bearer: key })).status).toBe(429);
      expect((await bootstrap(limited, key)).status).toBe(200);
      expect((await pull(limited, key)).status).toBe(200);
      expect((await pull(limited, key)).status).toBe(200);
      const refused = await pull(limited, key);
      expect([refused.status, Number(refused.headers['retry-after'])]).toEqual([429, expect.any(Number)]);
    });
  });

  describe('a running client', () => {
    it('goes through a rotation: its keys fail once, fresh ones open the new bundle', async () => {
      const running = await makeProject(appliance);
      const oldKeys = keysOf((await bootstrap(appliance, running.key)).body);
      const before = await pull(appliance, running.key);
      openBundle(before.bytes, oldKeys);
      const rotated = await running.owner.request('POST', `/api/projects/${running.projectId}/keys/rotate`);
      expect(rotated.status).toBe(200);
      const after = await pull(appliance, running.key, String(before.headers['etag']));
      expect(after.status).toBe(200);
      expect(() => openBundle(after.bytes, oldKeys)).toThrow('signature');
      const fresh = await bootstrap(appliance, running.key);
      expect(fresh.body.key_version).toBe(2);
      expect(openBundle(after.bytes, keysOf(fresh.body)).payload['project_id']).toBe(running.projectId);
    });
  });

  describe('init and refresh', () => {
    it('describe project, session and bundle', async () => {
      const { headers } = await pull(appliance, project.key);
      const etag = String(headers['etag']).replaceAll('"', '');
      const answer = await appliance.request('POST', '/v1/sdk/init', {
        bearer: project.key,
        body: { sdk_version: '1.13.16', hostname: 'worker-3' },
      });
      expect([answer.status, answer.body]).toMatchObject([
        200,
        {
          project: { id: project.projectId, org_id: project.orgId, name: 'agents', default_action: 'deny' },
          features: expect.arrayContaining(['dlp_scanning', 'approvals']),
          session: {
            session_id: expect.any(String),
            environment: 'live',
            refresh_interval_seconds: 60,
            bundle: { status: 'live', etag, key_version: 1, url: expect.stringMatching(/\/v1\/sdk\/policies\/pull$/) },
            audit: { max_batch: 500 },
          },
        },
      ]);
      const { session } = answer.body;
      const known = { session_id: session.session_id, etag: `"${etag}"` };
      const same = await appliance.request('POST', '/v1/sdk/refresh', { bearer: project.key, body: known });
      expect(same.body.session).toMatchObject({ session_id: session.session_id, bundle: { changed: false } });
      const old = await appliance.request('POST', '/v1/sdk/refresh', { bearer: project.key, body: { etag: 'old' } });
      expect(old.body.session.bundle).toMatchObject({ changed: true, etag, etag_hint: etag.slice(0, 32) });
    });

    it('take no body at all, and refuse one that is no object', async () => {
      expect((await appliance.request('POST', '/v1/sdk/init', { bearer: project.key })).status).toBe(200);
      expect((await appliance.request('POST', '/v1/sdk/refresh', { bearer: project.key })).status).toBe(200);
      expect((await appliance.request('POST', '/v1/sdk/init', { bearer: project.key, body: [1] })).status).toBe(400);
    });

    it('are refused with 402 when the month is used up; pull, bootstrap and keys go on', async () => {
      const metered = await open();
      await metered.operate('POST', '/operator/trial');
      const { key } = await makeProject(metered);
      metered.kernel.usage = {
        active: () => {},
        check: () => {
          throw new DomainError(402, 'USAGE_LIMIT_EXCEEDED', 'used up');
        },
      };
      const statuses = async (method: string, paths: string[]) =>
        Promise.all(paths.map(async (path) => (await metered.request(method, path, { bearer: key })).status));
      expect(await statuses('POST', ['/v1/sdk/init', '/v1/sdk/refresh'])).toEqual([402, 402]);
      const open200 = ['/v1/sdk/policies/pull', '/v1/sdk/bootstrap', '/v1/sdk/keys/public'];
      expect(await statuses('GET', open200)).toEqual([200, 200, 200]);
    });

    it('remember which SDKs were seen', async () => {
      const seen = await makeProject(appliance);
      const init = (body: object) => appliance.request('POST', '/v1/sdk/init', { bearer: seen.key, body });
      await init({ sdk_version: '1.13.16', sdk: 'python' });
      await init({ sdk_version: 'a b\u0000c'.repeat(15) });
      const headers = { 'user-agent': 'Go-http-client/1.1' };
      await appliance.request('GET', '/v1/sdk/policies/pull', { bearer: seen.key, headers });
      const names = async () =>
        (await appliance.services.bundles.seenSdks(seen.projectId))
          .map(({ name, version }) => `${name} ${version}`)
          .sort();
      const expected = [`go_sdk unknown`, 'python_sdk 1.13.16', `sdk ${'a_b_c'.repeat(15).slice(0, 64)}`];
      expect(await names()).toEqual(expected);
      await appliance.services.bundles.sdks.flush();
      expect(await names()).toEqual(expected);
      const status = await seen.owner.request('GET', `/api/projects/${seen.projectId}/policies/bundle`);
      expect(status.body.sdks_seen).toHaveLength(3);
    });

    it('remember the 200 versions seen last, and none for longer than 30 days', async () => {
      const clock = manualClock(Date.UTC(2026, 10, 21, 12));
      const own = await open({ clock });
      await own.operate('POST', '/operator/trial');
      const { projectId } = await makeProject(own);
      const { sdks } = own.services.bundles;
      for (let version = 0; version < 250; version += 1) {
        clock.advance(1);
        own.kernel.events.emit('sdk.seen', { projectId, name: 'python_sdk', version: `1.${version}.0` });
      }
      await sdks.flush();
      const seen = await sdks.list(projectId);
      expect([seen.length, seen[0]?.version, seen.at(-1)?.version]).toEqual([200, '1.249.0', '1.50.0']);
      clock.advance(30 * 86_400_000);
      expect((await sdks.list(projectId)).map((sdk) => sdk.version)).toEqual(['1.249.0']);
      clock.advance(1);
      expect(await sdks.list(projectId)).toEqual([]);
    });
  });
});
