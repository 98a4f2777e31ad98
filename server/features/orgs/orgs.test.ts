import { beforeAll, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext, type Person, signUp } from '../../../test/people.ts';
import { activityOf, joinTenant, openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let home: Tenant;
  let stranger: Person;
  let members: Record<'member' | 'analyst' | 'admin', Person>;
  beforeAll(async () => {
    appliance = await open({ clock: manualClock() });
    home = await openTenant(appliance, 'home');
    stranger = (await openTenant(appliance, 'elsewhere')).owner;
    members = {
      member: await joinTenant(appliance, home.orgId, 'member'),
      analyst: await joinTenant(appliance, home.orgId, 'analyst'),
      admin: await joinTenant(appliance, home.orgId, 'admin'),
    };
  });

  const settings = () => home.owner.request('GET', `/api/orgs/${home.orgId}/settings`);

  it('makes an organization for a signed-in person, who owns it', async () => {
    const body = { name: '  Ada & Söhne ' };
    expect((await appliance.request('POST', '/api/orgs', { body })).status).toBe(401);
    expect((await appliance.request('POST', '/api/orgs', { body, bearer: home.key })).status).toBe(401);
    expect((await appliance.request('POST', '/api/orgs', { body, bearer: stranger.token })).status).toBe(403);
    for (const wrong of [
      {},
      { name: '' },
      { name: '   ' },
      { name: 'a\u0000b' },
      { name: 'x'.repeat(101) },
      { name: 'x', tier: 'free' },
    ]) {
      expect((await home.owner.request('POST', '/api/orgs', wrong)).status).toBe(400);
    }
    expect((await home.owner.request('GET', '/api/orgs')).body.orgs).toHaveLength(1);

    const answer = await home.owner.request('POST', '/api/orgs', body);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      name: 'Ada & Söhne',
      slug: 'ada-sohne',
      tier: 'enterprise',
      product_type: 'teams',
      status: 'active',
      role: 'owner',
    });
    const second = await stranger.request('POST', '/api/orgs', { ...body, product_type: 'solo' });
    expect(second.body).toMatchObject({ product_type: 'solo', slug: expect.stringMatching(/^ada-sohne-[0-9a-f]{8}$/) });
    const [record] = (await activityOf(appliance, 'org.create')).filter((row) => row.org_id === answer.body.id);
    expect(record).toMatchObject({ actor_id: home.owner.id, target_id: answer.body.id, target_type: 'org' });
    const own = `/api/orgs/${answer.body.id}`;
    expect((await home.owner.request('GET', own)).body).toEqual(answer.body);
    expect((await home.owner.request('DELETE', `${own}?confirm=${encodeURIComponent('Ada & Söhne')}`)).status).toBe(
      204,
    );
  });

  it('lists the organizations of the caller in pages, with the role in each', async () => {
    const person = await signUp(appliance, 'pages@example.com');
    for (const name of ['one', 'two', 'three']) await person.request('POST', '/api/orgs', { name });
    const first = (await person.request('GET', '/api/orgs?limit=2')).body;
    expect(first.orgs.map((org: { name: string }) => org.name)).toEqual(['one', 'two']);
    const second = (await person.request('GET', `/api/orgs?limit=2&cursor=${first.next_cursor}`)).body;
    expect(second.orgs.map((org: { name: string }) => org.name)).toEqual(['three']);
    expect(second.next_cursor).toBeNull();
    expect((await person.request('GET', '/api/orgs?limit=101')).status).toBe(400);
    const foreign = (await person.request('GET', `/api/orgs/${first.orgs[0].id}/members?limit=1`)).body.next_cursor;
    expect(foreign).toBeNull();
    expect((await person.request('GET', '/api/orgs?cursor=bm9uZQ')).status).toBe(400);
    const invented = Buffer.from(JSON.stringify(['orgs', 'a\u0000'])).toString('base64url');
    expect((await person.request('GET', `/api/orgs?cursor=${invented}`)).status).toBe(400);
    expect((await members.analyst.request('GET', '/api/orgs')).body.orgs).toMatchObject([
      { id: home.orgId, role: 'analyst' },
    ]);
  });

  it('shows an organization to its members only', async () => {
    const url = `/api/orgs/${home.orgId}`;
    expect((await appliance.request('GET', url)).status).toBe(401);
    const refused = await stranger.request('GET', url);
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'FORBIDDEN', reason: 'wrong_tenant' });
    expect((await members.member.request('GET', url)).body).toMatchObject({ id: home.orgId, role: 'member' });
    for (const id of ['not-an-id', '%00', 'a%20b', "'", '..%2F', 'x'.repeat(300)]) {
      expect([id, (await members.member.request('GET', `/api/orgs/${id}`)).status]).toEqual([id, 403]);
      expect([id, (await members.member.request('GET', `/api/projects/${id}`)).status]).toEqual([id, 403]);
    }
  });

  describe('settings', () => {
    it('begin with the strict standard and are readable by every member', async () => {
      expect((await stranger.request('GET', `/api/orgs/${home.orgId}/settings`)).status).toBe(403);
      expect((await members.member.request('GET', `/api/orgs/${home.orgId}/settings`)).body).toMatchObject({
        org_id: home.orgId,
        name: 'home',
        tamper_behavior: 'warn',
        audit_redaction: 'redact',
        self_approval: false,
        project_defaults: { default_action: 'deny', default_on_missing: 'deny', default_on_empty: 'observe' },
      });
    });

    it('are changed by admins, field by field, with PATCH and with PUT', async () => {
      const url = `/api/orgs/${home.orgId}/settings`;
      const before = (await settings()).body;
      expect((await appliance.request('PATCH', url, { body: { self_approval: true } })).status).toBe(401);
      expect((await members.analyst.request('PATCH', url, { self_approval: true })).status).toBe(403);
      expect((await stranger.request('PUT', url, { self_approval: true })).status).toBe(403);
      for (const wrong of [
        {},
        { self_approval: 'yes' },
        { tamper_behavior: 'explode' },
        { audit_redaction: 'none' },
        { project_defaults: { default_action: 'observe' } },
        { project_defaults: { unknown: 1 } },
        { tier: 'enterprise' },
      ]) {
        expect((await members.admin.request('PATCH', url, wrong)).status).toBe(400);
      }
      expect((await settings()).body).toEqual(before);

      const patched = await members.admin.request('PATCH', url, {
        tamper_behavior: 'quarantine',
        project_defaults: { default_on_empty: 'deny' },
      });
      expect(patched.status).toBe(200);
      const put = await members.admin.request('PUT', url, { audit_redaction: 'encrypted', name: 'Home Ltd' });
      expect(put.body).toMatchObject({
        name: 'Home Ltd',
        tamper_behavior: 'quarantine',
        audit_redaction: 'encrypted',
        project_defaults: { default_action: 'deny', default_on_missing: 'deny', default_on_empty: 'deny' },
      });
      expect((await settings()).body).toEqual(put.body);
      expect(await appliance.services.orgs.settingsOf(home.orgId)).toMatchObject({ audit_redaction: 'encrypted' });
      const records = await activityOf(appliance, 'org.settings-change');
      expect(records.map((row) => row.actor_id)).toEqual([members.admin.id, members.admin.id]);
      expect(JSON.parse(records[1]!.details)).toEqual({ audit_redaction: 'encrypted', name: 'Home Ltd' });
      await members.admin.request('PUT', url, { name: 'home', tamper_behavior: 'warn', audit_redaction: 'redact' });
    });

    it('lose nothing when two people change different ones at the same time', async () => {
      const url = `/api/orgs/${home.orgId}/settings`;
      const answers = await Promise.all([
        home.owner.request('PATCH', url, { self_approval: true }),
        members.admin.request('PATCH', url, { project_defaults: { default_action: 'warn' } }),
        members.admin.request('PATCH', url, { tamper_behavior: 'deny' }),
      ]);
      expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
      expect((await settings()).body).toMatchObject({
        self_approval: true,
        tamper_behavior: 'deny',
        project_defaults: { default_action: 'warn' },
      });
    });
  });

  it('lets admins choose the product type', async () => {
    const url = `/api/orgs/${home.orgId}/product-type`;
    expect((await members.analyst.request('PATCH', url, { product_type: 'solo' })).status).toBe(403);
    expect((await members.admin.request('PATCH', url, { product_type: 'enterprise' })).status).toBe(400);
    const answer = await members.admin.request('PATCH', url, { product_type: 'solo' });
    expect(answer.body).toMatchObject({ id: home.orgId, product_type: 'solo', role: 'admin' });
  });

  it('lets only owners choose the audit retention, within what the tier keeps', async () => {
    const url = `/api/orgs/${home.orgId}/settings/audit-retention`;
    const standard = {
      retention_days: 365,
      default_days: 365,
      minimum_days: 1,
      maximum_days: 3650,
      tier: 'enterprise',
    };
    expect((await members.member.request('GET', url)).body).toEqual(standard);
    expect((await members.admin.request('POST', url, { retention_days: 30 })).status).toBe(403);
    expect((await home.owner.request('POST', url, { retention_days: 0 })).status).toBe(400);
    expect((await home.owner.request('POST', url, { retention_days: 3651 })).status).toBe(400);
    expect((await home.owner.request('GET', url)).body).toEqual(standard);

    const operator = operatorContext(appliance);
    await appliance.services.orgs.changeTier(operator, home.orgId, 'teams');
    expect((await home.owner.request('GET', url)).body).toMatchObject({ retention_days: 365, default_days: 90 });
    const tooLong = await home.owner.request('POST', url, { retention_days: 91 });
    expect(tooLong.status).toBe(400);
    expect(tooLong.body.error).toContain('the tier teams keeps audit entries 1 to 90 days');
    expect((await home.owner.request('POST', url, { retention_days: 60 })).body).toMatchObject({ retention_days: 60 });
    await appliance.services.orgs.changeTier(operator, home.orgId, 'free');
    expect((await home.owner.request('GET', url)).body).toEqual({
      retention_days: 60,
      default_days: 7,
      minimum_days: 1,
      maximum_days: 7,
      tier: 'free',
    });
    await appliance.services.orgs.changeTier(operator, home.orgId, 'enterprise');
  });

  it('takes access from the members of a suspended organization at once, and gives it back', async () => {
    const operator = operatorContext(appliance);
    expect((await members.member.request('GET', `/api/orgs/${home.orgId}`)).status).toBe(200);
    await appliance.services.orgs.changeStatus(operator, home.orgId, 'suspended');
    expect((await members.member.request('GET', `/api/orgs/${home.orgId}`)).status).toBe(403);
    expect((await home.owner.request('GET', `/api/projects/${home.projectId}`)).status).toBe(403);
    expect((await home.owner.request('GET', '/api/orgs')).body.orgs[0]).toMatchObject({ status: 'suspended' });
    await appliance.services.orgs.changeStatus(operator, home.orgId, 'active');
    expect((await members.member.request('GET', `/api/orgs/${home.orgId}`)).status).toBe(200);
  });

  it('removes an organization for its owner, who repeats its name, with everything in it', async () => {
    const gone = await openTenant(appliance, 'gone');
    const admin = await joinTenant(appliance, gone.orgId, 'admin');
    const url = `/api/orgs/${gone.orgId}`;
    expect((await admin.request('DELETE', `${url}?confirm=gone`)).status).toBe(403);
    expect((await stranger.request('DELETE', `${url}?confirm=gone`)).status).toBe(403);
    expect((await gone.owner.request('DELETE', url)).status).toBe(400);
    expect((await gone.owner.request('DELETE', `${url}?confirm=Gone`)).body.code).toBe('CONFIRMATION_MISMATCH');
    expect((await gone.owner.request('GET', url)).status).toBe(200);

    const events: string[] = [];
    appliance.kernel.events.on('org.deleted', (event) => void events.push(`org ${event.orgId}`));
    appliance.kernel.events.on('project.deleted', (event) => void events.push(`project ${event.projectId}`));
    appliance.kernel.events.on('api-key.revoked', (event) => void events.push(`key ${event.keyId}`));
    expect((await gone.owner.request('DELETE', `${url}?confirm=gone`)).status).toBe(204);
    expect(events).toEqual([`key ${gone.keyId}`, `project ${gone.projectId}`, `org ${gone.orgId}`]);
    expect((await gone.owner.request('GET', url)).status).toBe(403);
    expect((await gone.owner.request('GET', `/api/projects/${gone.projectId}`)).status).toBe(403);
    expect(await appliance.services.apiKeys.live.resolve(gone.key)).toBeNull();
    const { read } = appliance.kernel.databases.state;
    for (const table of ['projects', 'api_keys', 'memberships'] as const) {
      expect(await read.selectFrom(table).selectAll().where('org_id', '=', gone.orgId).execute()).toEqual([]);
    }
    expect(await activityOf(appliance, 'org.delete')).toEqual(
      expect.arrayContaining([expect.objectContaining({ org_id: gone.orgId, actor_id: gone.owner.id })]),
    );
  });

  it('needs an owner from the start when an operator makes one', async () => {
    const operator = operatorContext(appliance);
    const { orgs } = appliance.services;
    await expect(orgs.create(operator, { name: 'Made' })).rejects.toMatchObject({ status: 400 });
    const unknown = '00000000-0000-7000-8000-000000000000';
    await expect(orgs.create(operator, { name: 'Made', ownerId: unknown })).rejects.toMatchObject({ status: 404 });
    const made = await orgs.create(operator, { name: 'Made', ownerId: members.member.id });
    expect((await members.member.request('GET', `/api/orgs/${made.id}`)).body).toMatchObject({ role: 'owner' });
    expect((await orgs.listAll({ limit: 100 })).rows.map((org) => org.id)).toContain(made.id);
  });
});
