import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext, type Person, signIn, signUpAdmin } from '../../../test/people.ts';
import { joinTenant, openTenant, type Tenant } from '../../../test/tenant.ts';
import { encodeLicense } from '../../crypto/license.ts';
import { generateSigningSeed, signingKeyFromSeed } from '../../crypto/signing.ts';
import { manualClock } from '../../kernel/clock.ts';

const MONTH_BEGINS = Date.UTC(2026, 6, 1);
const HOUR = 3_600_000;
const issuer = signingKeyFromSeed(generateSigningSeed());

const LICENSE = encodeLicense(
  {
    license_id: 'usage',
    org_id: 'usage',
    seats: 3,
    tier: 'teams',
    features: [],
    limits: { guarded_calls: 5, projects: 50 },
    issued_at: new Date(MONTH_BEGINS).toISOString(),
    expires_at: new Date(MONTH_BEGINS + 3_000 * HOUR).toISOString(),
  },
  issuer,
);

describeEachAppliance((open) => {
  const clock = manualClock(MONTH_BEGINS);
  let appliance: TestAppliance;
  let admin: Person;
  let tenant: Tenant;
  let made = 0;
  beforeAll(async () => {
    appliance = await open({
      clock,
      settings: { CZ_LICENSE_TRUST: issuer.publicKey.toString('base64') },
    });
    await appliance.services.licenses.install(operatorContext(appliance), LICENSE);
    await signUpAdmin(appliance, 'root@appliance.example');
  });
  beforeEach(async () => {
    made += 1;
    admin = await signIn(appliance, 'root@appliance.example');
    tenant = await openTenant(appliance, `tenant-${made}`);
  });

  const usage = () => appliance.services.usage.usage(tenant.orgId);
  const pull = (key: string) => appliance.request('GET', '/v1/sdk/policies/pull', { bearer: key });
  const init = () => appliance.request('POST', '/v1/sdk/init', { bearer: tenant.key, body: {} });
  const report = (count: number, at: string) => {
    const entries = Array.from({ length: count }, (_, index) => ({ id: `${at} ${index}`, decision: 'allow' }));
    return appliance.request('POST', '/v1/sdk/audit', { bearer: tenant.key, body: { entries } });
  };
  const newKey = async () => {
    const url = `/api/projects/${tenant.projectId}/api-keys`;
    return (await tenant.owner.request('POST', url, { name: 'another' })).body as { id: string; key: string };
  };
  const alerts = () => appliance.services.alerts.list({ orgId: tenant.orgId, open: true }, 10);

  describe('a seat', () => {
    it('is taken by people of the dashboard and by keys that are used, each once', async () => {
      expect((await usage()).seats).toEqual({ total: 1, by_kind: { user: 1 } });
      const idle = await newKey();
      await pull(tenant.key);
      await pull(tenant.key);
      await pull(idle.key.replace(/.$/, (last) => (last === '0' ? '1' : '0')));
      const analyst = await joinTenant(appliance, tenant.orgId, 'analyst');
      expect((await usage()).seats).toEqual({ total: 2, by_kind: { user: 1, api_key: 1 } });
      await analyst.request('GET', `/api/orgs/${tenant.orgId}`);
      expect((await usage()).seats).toEqual({ total: 3, by_kind: { user: 2, api_key: 1 } });
    });

    it('is free as soon as its key is revoked or its person leaves, and taken again when the person returns', async () => {
      const analyst = await joinTenant(appliance, tenant.orgId, 'analyst');
      await analyst.request('GET', `/api/orgs/${tenant.orgId}`);
      await pull(tenant.key);
      expect((await usage()).seats.total).toBe(3);
      await tenant.owner.request('DELETE', `/api/projects/${tenant.projectId}/api-keys/${tenant.keyId}`);
      await tenant.owner.request('DELETE', `/api/orgs/${tenant.orgId}/members/${analyst.id}`);
      expect((await usage()).seats).toEqual({ total: 1, by_kind: { user: 1 } });
      await appliance.services.orgs.members.add(operatorContext(appliance), tenant.orgId, analyst.id, 'member');
      expect((await usage()).seats.by_kind).toEqual({ user: 2 });
    });

    it('of a rotated key is free when the overlap ends', async () => {
      await pull(tenant.key);
      const url = `/api/projects/${tenant.projectId}/api-keys/${tenant.keyId}/rotate`;
      const fresh = await tenant.owner.request('POST', url, { overlap_seconds: 3_600 });
      await pull(fresh.body.key);
      expect((await usage()).seats.by_kind.api_key).toBe(2);
      clock.advance(HOUR);
      expect((await usage()).seats.by_kind.api_key).toBe(1);
    });

    it('is not taken any more in the next month, until its owner is active again', async () => {
      await pull(tenant.key);
      clock.advance(31 * 24 * HOUR);
      expect((await usage()).seats).toEqual({ total: 0, by_kind: {} });
      await pull(tenant.key);
      expect((await usage()).seats).toEqual({ total: 1, by_kind: { api_key: 1 } });
    });

    it('beyond those of the license refuses new sessions, and a reset lifts that until they are taken again', async () => {
      for (const key of [tenant.key, (await newKey()).key, (await newKey()).key]) await pull(key);
      expect(await usage()).toMatchObject({ seats: { total: 4 }, limits: { seats: 3 }, over_limit: true });
      const refused = await init();
      expect([refused.status, refused.body]).toMatchObject([
        402,
        { code: 'USAGE_LIMIT_EXCEEDED', metric: 'seats', used: 4, limit: 3 },
      ]);
      const reset = await admin.request('POST', `/api/admin/orgs/${tenant.orgId}/reset-usage`);
      expect(reset.body).toMatchObject({ seats: { total: 0 }, over_limit: false });
      expect((await init()).status).toBe(200);
      expect((await usage()).seats).toEqual({ total: 1, by_kind: { api_key: 1 } });
    });
  });

  describe('a passed limit', () => {
    it('is told once a month where SDKs only pull and report, which both go on', async () => {
      expect((await report(6, 'first')).body.accepted).toBe(6);
      expect(await alerts()).toEqual([]);
      await appliance.services.usage.flushAndJudge();
      await report(1, 'second');
      await appliance.services.usage.flushAndJudge();
      expect(await alerts()).toMatchObject([{ kind: 'usage.limit-exceeded', count: 1 }]);
      expect((await pull(tenant.key)).status).toBe(200);
      expect((await report(1, 'third')).status).toBe(200);
      expect((await init()).status).toBe(402);
    });

    it('of seats is told where keys only pull', async () => {
      for (const key of [tenant.key, (await newKey()).key, (await newKey()).key]) await pull(key);
      await appliance.services.usage.flushAndJudge();
      expect(await alerts()).toMatchObject([
        { kind: 'usage.limit-exceeded', message: expect.stringContaining('used 4 seats') },
      ]);
    });

    it("is nobody's concern any more when the organization is removed, and its counts go with it", async () => {
      await report(6, 'all');
      await appliance.services.usage.flushAndJudge();
      expect(await alerts()).toHaveLength(1);
      const name = `tenant-${made}`;
      expect((await tenant.owner.request('DELETE', `/api/orgs/${tenant.orgId}?confirm=${name}`)).status).toBe(204);
      await expect.poll(alerts).toEqual([]);
      const counters = () =>
        appliance.kernel.databases.state.read
          .selectFrom('usage_counters')
          .selectAll()
          .where('org_id', '=', tenant.orgId)
          .execute();
      await expect.poll(counters).toEqual([]);
    });
  });
});
