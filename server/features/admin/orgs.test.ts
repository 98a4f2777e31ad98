import { beforeAll, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type Person, signUpAdmin } from '../../../test/people.ts';
import { activityOf, joinTenant, openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let admin: Person;
  let home: Tenant;
  let other: Tenant;
  beforeAll(async () => {
    appliance = await open({ clock: manualClock() });
    admin = await signUpAdmin(appliance, 'root@appliance.example');
    home = await openTenant(appliance, 'home');
    other = await openTenant(appliance, 'other');
    await joinTenant(appliance, home.orgId, 'analyst');
  });

  const read = async (orgId: string) => (await admin.request('GET', `/api/admin/orgs/${orgId}`)).body;

  /** Shows the refusals that every route of the administration shares, and that they change nothing. */
  async function refused(method: string, url: string, body?: unknown) {
    const before = await read(home.orgId);
    const options = body === undefined ? {} : { body };
    expect((await appliance.request(method, url, options)).status).toBe(401);
    expect((await appliance.request(method, url, { ...options, bearer: home.key })).status).toBe(401);
    expect((await home.owner.request(method, url, body)).status).toBe(403);
    expect((await other.owner.request(method, url, body)).status).toBe(403);
    if (method !== 'GET') {
      const withoutCsrf = await appliance.request(method, url, { ...options, bearer: admin.token });
      expect(withoutCsrf.status).toBe(403);
    }
    expect(await read(home.orgId)).toEqual(before);
  }

  describe('the list of organizations', () => {
    it('is for platform admins only', async () => {
      await refused('GET', '/api/admin/orgs');
    });

    it('refuses what it does not know', async () => {
      for (const query of ['tier=gold', 'status=gone', 'limit=0', 'limit=101', 'q=', 'q=%00', 'cursor=abc']) {
        expect([query, (await admin.request('GET', `/api/admin/orgs?${query}`)).status]).toEqual([query, 400]);
      }
    });

    it('counts members and projects', async () => {
      const answer = await admin.request('GET', '/api/admin/orgs');
      expect(answer.status).toBe(200);
      expect(answer.body.orgs).toEqual([
        expect.objectContaining({
          id: home.orgId,
          name: 'home',
          members: 2,
          projects: 1,
          effective_tier: 'enterprise',
        }),
        expect.objectContaining({ id: other.orgId, name: 'other', members: 1, projects: 1 }),
      ]);
      expect(answer.body.next_cursor).toBeNull();
    });

    it('finds by text, id, tier and status', async () => {
      const found = async (query: string) =>
        (await admin.request('GET', `/api/admin/orgs?${query}`)).body.orgs.map((org: { name: string }) => org.name);
      expect(await found('q=OTHER')).toEqual(['other']);
      expect(await found('q=the')).toEqual(['other']);
      expect(await found('q=h_me')).toEqual([]);
      expect(await found(`q=${home.orgId}`)).toEqual(['home']);
      expect(await found('tier=free')).toEqual([]);
      expect(await found('status=active&tier=enterprise')).toEqual(['home', 'other']);
    });

    it('comes in pages', async () => {
      const first = (await admin.request('GET', '/api/admin/orgs?limit=1')).body;
      expect(first.orgs).toHaveLength(1);
      const second = await admin.request('GET', `/api/admin/orgs?limit=1&cursor=${first.next_cursor}`);
      expect(second.body.orgs[0].id).toBe(other.orgId);
      expect(second.body.next_cursor).toBeNull();
    });
  });

  describe('an organization', () => {
    const unknown = '/api/admin/orgs/00000000-0000-7000-8000-000000000000';

    it('is refused to everybody else, and 404 when there is none', async () => {
      await refused('GET', `/api/admin/orgs/${home.orgId}`);
      expect((await admin.request('GET', unknown)).status).toBe(404);
      expect((await admin.request('PUT', unknown, { name: 'x' })).status).toBe(404);
      expect((await admin.request('PATCH', `${unknown}/tier`, { tier: 'free' })).status).toBe(404);
      expect((await admin.request('GET', `${unknown}/usage`)).status).toBe(404);
      expect((await admin.request('POST', `${unknown}/reset-usage`)).status).toBe(404);
    });

    it('is renamed and suspended in one change, which ends the access of its members at once', async () => {
      const url = `/api/admin/orgs/${other.orgId}`;
      await refused('PUT', url, { name: 'Taken over' });
      for (const wrong of [{}, { name: ' ' }, { status: 'gone' }, { tier: 'free' }, { name: 'a\u0000' }]) {
        expect((await admin.request('PUT', url, wrong)).status).toBe(400);
      }
      const answer = await admin.request('PUT', url, { name: ' Renamed ', status: 'suspended' });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ name: 'Renamed', status: 'suspended', product_type: 'teams' });
      expect((await other.owner.request('GET', `/api/orgs/${other.orgId}`)).status).toBe(403);
      const [record] = await activityOf(appliance, 'org.administer');
      expect(record).toMatchObject({ actor_id: admin.id, org_id: other.orgId });
      expect(JSON.parse(record!.details)).toEqual({ name: 'Renamed', status: 'suspended' });

      expect((await admin.request('PUT', url, { status: 'active' })).body.name).toBe('Renamed');
      expect((await other.owner.request('GET', `/api/orgs/${other.orgId}`)).status).toBe(200);
    });

    it('changes its tier', async () => {
      const url = `/api/admin/orgs/${other.orgId}/tier`;
      await refused('PATCH', url, { tier: 'free' });
      expect((await admin.request('PATCH', url, { tier: 'gold' })).status).toBe(400);
      const answer = await admin.request('PATCH', url, { tier: 'solo' });
      expect(answer.body).toMatchObject({ tier: 'solo', effective_tier: 'solo' });
      expect(await appliance.services.flags.effectiveTier(other.orgId)).toBe('solo');
      expect(await activityOf(appliance, 'org.tier-change')).toHaveLength(1);
    });

    it('shows its usage and starts counting again', async () => {
      const url = `/api/admin/orgs/${home.orgId}`;
      appliance.services.usage.count(home.orgId, 'guarded_calls', 7);
      await refused('GET', `${url}/usage`);
      await refused('POST', `${url}/reset-usage`);
      const usage = await admin.request('GET', `${url}/usage`);
      expect(usage.body).toMatchObject({ month: '2026-01', guarded_calls: 7, over_limit: false });
      const reset = await admin.request('POST', `${url}/reset-usage`);
      expect(reset.status).toBe(200);
      expect(reset.body.guarded_calls).toBe(0);
      expect(await activityOf(appliance, 'org.usage-reset')).toHaveLength(1);
    });
  });

  it('left no change without an activity record', async () => {
    expect((await appliance.kernel.metrics.unrecordedChanges.get()).values).toEqual([]);
  });
});
