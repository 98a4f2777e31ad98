import { beforeAll, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type Person, signUpAdmin } from '../../../test/people.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';
import { AdminOverview } from './overview.ts';

const DAY = 86_400_000;

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let clock: ManualClock;
  let admin: Person;
  let home: Tenant;
  beforeAll(async () => {
    clock = manualClock();
    appliance = await open({ clock, settings: { CZ_RATE_KEY: '10', CZ_RATE_SIGN_IN: '1000000' } });
    admin = await signUpAdmin(appliance, 'root@appliance.example');
    home = await openTenant(appliance, 'home');
  });

  const renewed = async () => {
    const answer = await appliance.request('POST', '/auth/login', {
      body: { email: admin.email, password: 'violet tram kettle' },
    });
    return answer.body.token as string;
  };
  const get = async (path: string) => appliance.request('GET', `/api/admin/${path}`, { bearer: await renewed() });

  it('is shown to platform admins only', async () => {
    for (const path of ['stats/overview', 'system/health', 'system/metrics', 'system/rate-limits']) {
      const url = `/api/admin/${path}`;
      expect((await appliance.request('GET', url)).status).toBe(401);
      expect((await appliance.request('GET', url, { bearer: home.key })).status).toBe(401);
      expect((await home.owner.request('GET', url)).status).toBe(403);
      expect((await admin.request('GET', url)).status).toBe(200);
    }
  });

  describe('the overview', () => {
    const entry = (id: string, decision: string) => ({
      id,
      decision,
      action: 'database:query',
      timestamp: new Date(clock.now()).toISOString(),
    });
    const report = (entries: unknown[], key = home.key) =>
      appliance.request('POST', '/v1/sdk/audit', { bearer: key, body: { entries } });

    it('counts what there is', async () => {
      const answer = await get('stats/overview');
      expect(answer.body).toEqual({
        orgs: { total: 1, active: 1, suspended: 0 },
        users: { total: 2, active: 2, disabled: 0 },
        projects: 1,
        active_api_keys: 1,
        live_policies: 0,
        decisions_24h: { total: 0, by_outcome: { allow: 0, deny: 0, warn: 0, audit: 0, other: 0 } },
        audit_entries: 0,
        open_alerts: { total: 0, info: 0, warning: 0, critical: 0 },
        license: { status: 'trial', tier: 'enterprise', expires_at: expect.any(String) },
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        uptime_seconds: expect.any(Number),
      });
    });

    it('counts live policies, open alerts and ended keys', async () => {
      const policies = `/api/projects/${home.projectId}/policies`;
      const document = { name: 'reads', rules: [{ effect: 'allow', action: 'database:read' }] };
      expect((await home.owner.request('POST', policies, document)).status).toBe(201);
      const keys = `/api/projects/${home.projectId}/api-keys`;
      const ended = (await home.owner.request('POST', keys, { name: 'ended' })).body;
      expect((await home.owner.request('DELETE', `${keys}/${ended.id}`)).status).toBe(204);
      await appliance.services.alerts.raise({
        kind: 'test',
        severity: 'critical',
        orgId: home.orgId,
        projectId: null,
        repeats: '1',
        message: 'Look at it.',
      });
      const { body } = await get('stats/overview');
      expect(body).toMatchObject({ live_policies: 1, active_api_keys: 1, open_alerts: { total: 1, critical: 1 } });
    });

    it('counts decisions of the last 24 hours by outcome, without those of test keys', async () => {
      const keys = `/api/projects/${home.projectId}/api-keys`;
      const test = (await home.owner.request('POST', keys, { name: 'test', mode: 'test' })).body.key;
      expect((await report([entry('old', 'allow')])).status).toBe(200);
      clock.advance(DAY + 1);
      await report([entry('1', 'allow'), entry('2', 'deny'), entry('3', 'deny'), entry('4', '__proto__')]);
      await report([entry('5', 'allow')], test);
      const { body } = await get('stats/overview');
      expect(body.audit_entries).toBe(6);
      expect(body.decisions_24h).toEqual({
        total: 4,
        by_outcome: { allow: 1, deny: 2, warn: 0, audit: 0, other: 1 },
      });
      await report([entry('6', 'warn')]);
      clock.advance(10_000);
      expect((await get('stats/overview')).body.decisions_24h.by_outcome.warn).toBe(1);
    });

    it('tells how long the appliance has been serving', () => {
      const own = manualClock(0);
      const overview = new AdminOverview({ clock: own }, {} as never);
      own.advance(90_400);
      expect(overview.uptimeSeconds()).toBe(90);
    });
  });

  describe('the health of the system', () => {
    it('shows databases, queues, disk, license and clock', async () => {
      const { body } = await get('system/health');
      expect(body.checks).not.toEqual({});
      expect(
        Object.values(body.checks as Record<string, { status: string }>).every(({ status }) => status === 'ok'),
      ).toBe(true);
      expect(body.databases.map((database: { name: string }) => database.name)).toEqual(['state', 'audit']);
      for (const { bytes, engine } of body.databases) {
        expect(bytes).toBeGreaterThan(10_000);
        expect(engine).toBe(appliance.kernel.databases.dialect);
      }
      expect(body.queues).toMatchObject({
        audit_writer: { batches: 0, rows: 0, bytes: 0 },
        passwords: { running: 0, waiting: 0 },
        mail: { waiting: 0 },
      });
      expect(body.queues.activity_outbox.rows).toBeGreaterThan(0);
      expect(body.disk.total_bytes).toBeGreaterThan(body.disk.free_bytes);
      expect(body.certificate).toBeNull();
      expect(body.license.status).toBe('trial');
      expect(body.clock).toEqual({ now: new Date(clock.now()).toISOString(), set_back_ms: 0 });
    });

    it('warns of a trial that ends and of a clock that was set back', async () => {
      const before = await get('system/health');
      expect(before.body.warnings).toContainEqual(expect.stringMatching(/^The trial ends at /));
      expect(before.body.status).toBe('degraded');
      const bearer = await renewed();
      clock.advance(-120_000);
      const after = await appliance.request('GET', '/api/admin/system/health', { bearer });
      clock.advance(120_000);
      expect(after.body.clock.set_back_ms).toBe(120_000);
      expect(after.body.warnings).toContainEqual(expect.stringMatching(/^The clock is 120 s behind/));
    });
  });

  describe('the metrics', () => {
    it('sum up requests by route and status', async () => {
      await appliance.request('GET', '/api/orgs');
      const polls = (await get('system/metrics')).body.requests.bundle_polls;
      await appliance.request('GET', '/v1/sdk/policies/pull', { bearer: home.key });
      expect((await get('system/metrics')).body.requests.bundle_polls).toBe(polls + 1);
      const { body } = await get('system/metrics');
      const row = body.requests.routes.find(
        ({ route, method }: { route: string; method: string }) => route === '/api/orgs' && method === 'GET',
      );
      expect(row.by_status['4xx']).toBeGreaterThan(0);
      expect(row.latency_ms.p99).toBeGreaterThanOrEqual(row.latency_ms.p50);
      const listed = body.requests.routes.map(({ requests }: { requests: number }) => requests);
      expect(listed.reduce((sum: number, count: number) => sum + count, 0)).toBe(body.requests.total);
      expect(listed).toEqual([...listed].sort((a, b) => b - a));
      expect(body.memory.rss_bytes).toBeGreaterThan(body.memory.heap_used_bytes);
      expect(body.event_loop.utilization).toBeGreaterThan(0);
      expect(body.unrecorded_changes).toBe(0);
    });
  });

  describe('the rate limits', () => {
    it('name the limits in force and who comes near them, without the text of a key', async () => {
      clock.advance(60_000);
      const url = `/v1/sdk/init`;
      for (let call = 0; call < 11; call += 1) {
        await appliance.request('POST', url, { bearer: home.key, body: {} });
      }
      const answer = await get('system/rate-limits');
      expect(answer.body.limits).toContainEqual({
        limit: 'api_key',
        requests_per_minute: 10,
        setting: 'CZ_RATE_KEY',
      });
      expect(answer.body.busy).toContainEqual({
        limit: 'api_key',
        subject_type: 'api-key',
        subject_id: home.keyId,
        subject_name: 'home / home-project / test key',
        requests: 11,
        requests_per_minute: 10,
        exceeded: true,
      });
      expect(answer.text).not.toContain(home.key.slice(0, 16));
      clock.advance(60_000);
      expect((await get('system/rate-limits')).body.busy).toEqual([]);
    });
  });
});
