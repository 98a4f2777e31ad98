import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext, PASSWORD, type Person, signUp } from '../../../test/people.ts';
import { activityOf, joinTenant, openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let home: Tenant;
  let other: Tenant;
  let names = 0;
  beforeAll(async () => {
    appliance = await open({ clock: manualClock() });
    other = await openTenant(appliance, 'other');
  });
  beforeEach(async () => {
    names += 1;
    home = await openTenant(appliance, `home${names}`);
  });

  const join = (role: 'member' | 'analyst' | 'admin' | 'owner', name: string = `the-${role}`) =>
    joinTenant(appliance, home.orgId, role, `${name}@home${names}.example`);
  const roleUrl = (person: Person) => `/api/orgs/${home.orgId}/members/${person.id}/role`;
  const memberUrl = (person: Person) => `/api/orgs/${home.orgId}/members/${person.id}`;
  const roleOf = (person: Person) => appliance.services.orgs.members.roleOf(person.id, home.orgId);

  it('lists who belongs to the organization', async () => {
    const url = `/api/orgs/${home.orgId}/members`;
    const analyst = await join('analyst');
    expect((await appliance.request('GET', url)).status).toBe(401);
    expect((await appliance.request('GET', url, { bearer: home.key })).status).toBe(401);
    expect((await other.owner.request('GET', url)).status).toBe(403);
    const { members, next_cursor } = (await analyst.request('GET', url)).body;
    expect(next_cursor).toBeNull();
    expect(members).toMatchObject([
      { user_id: home.owner.id, role: 'owner', email: home.owner.email, email_verified: true, status: 'active' },
      { user_id: analyst.id, role: 'analyst', email: analyst.email },
    ]);
    const page = (await analyst.request('GET', `${url}?limit=1`)).body;
    expect((await analyst.request('GET', `${url}?limit=1&cursor=${page.next_cursor}`)).body.members).toEqual([
      members[1],
    ]);
  });

  it('lets admins move people between member and analyst, and nobody else', async () => {
    const admin = await join('admin');
    const analyst = await join('analyst');
    const member = await join('member');
    const body = { role: 'analyst' };
    expect((await appliance.request('PATCH', roleUrl(member), { body })).status).toBe(401);
    expect((await appliance.request('PATCH', roleUrl(member), { body, bearer: admin.token })).status).toBe(403);
    expect((await analyst.request('PATCH', roleUrl(member), body)).status).toBe(403);
    expect((await other.owner.request('PATCH', roleUrl(member), body)).status).toBe(403);
    expect((await admin.request('PATCH', roleUrl(member), { role: 'king' })).status).toBe(400);
    expect((await admin.request('PATCH', roleUrl(other.owner), body)).status).toBe(404);
    expect(await roleOf(member)).toBe('member');

    const answer = await admin.request('PATCH', roleUrl(member), body);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ user_id: member.id, role: 'analyst' });
    const byMembership = `/api/orgs/${home.orgId}/members/${answer.body.id}/role`;
    expect((await admin.request('PATCH', byMembership, { role: 'member' })).body.role).toBe('member');
    const records = (await activityOf(appliance, 'member.role-change')).filter((row) => row.org_id === home.orgId);
    expect(records.map((row) => JSON.parse(row.details))).toEqual([
      { user_id: member.id, from: 'member', to: 'analyst' },
      { user_id: member.id, from: 'analyst', to: 'member' },
    ]);
  });

  it('lets only owners make and unmake admins and owners; nobody raises himself', async () => {
    const admin = await join('admin');
    const second = await join('admin', 'second');
    const analyst = await join('analyst');
    for (const [person, role] of [
      [admin, 'owner'],
      [analyst, 'admin'],
      [second, 'member'],
      [home.owner, 'member'],
    ] as const) {
      const answer = await admin.request('PATCH', roleUrl(person), { role });
      expect([person.email, role, answer.status]).toEqual([person.email, role, 403]);
    }
    expect((await analyst.request('PATCH', roleUrl(analyst), { role: 'admin' })).status).toBe(403);
    expect((await admin.request('DELETE', memberUrl(second))).status).toBe(403);
    expect((await admin.request('DELETE', memberUrl(home.owner))).status).toBe(403);
    expect([await roleOf(admin), await roleOf(second), await roleOf(analyst)]).toEqual(['admin', 'admin', 'analyst']);

    expect((await home.owner.request('PATCH', roleUrl(second), { role: 'owner' })).status).toBe(200);
    expect((await second.request('PATCH', roleUrl(home.owner), { role: 'admin' })).status).toBe(200);
    expect((await home.owner.request('PATCH', roleUrl(analyst), { role: 'admin' })).status).toBe(403);
  });

  it('lets people step down and leave by themselves', async () => {
    const analyst = await join('analyst');
    const member = await join('member');
    expect((await analyst.request('PATCH', roleUrl(analyst), { role: 'member' })).status).toBe(200);
    expect((await analyst.request('PATCH', roleUrl(analyst), { role: 'analyst' })).status).toBe(403);
    expect((await member.request('DELETE', memberUrl(analyst))).status).toBe(403);
    expect((await member.request('DELETE', memberUrl(member))).status).toBe(204);
    expect((await member.request('GET', `/api/orgs/${home.orgId}`)).status).toBe(403);
  });

  it('ends access with the very next request after a role is lost or a member removed', async () => {
    const admin = await join('admin');
    const seen: unknown[] = [];
    appliance.kernel.events.on('membership.changed', (event) => {
      if (event.userId === admin.id) seen.push(event.role);
    });
    const invites = `/api/orgs/${home.orgId}/invites`;
    expect((await admin.request('GET', invites)).status).toBe(200);
    expect((await home.owner.request('PATCH', roleUrl(admin), { role: 'member' })).status).toBe(200);
    const refused = await admin.request('GET', invites);
    expect([refused.status, refused.body.reason]).toEqual([403, 'insufficient_role']);
    expect((await home.owner.request('DELETE', memberUrl(admin))).status).toBe(204);
    expect((await admin.request('GET', `/api/orgs/${home.orgId}`)).body.reason).toBe('wrong_tenant');
    expect((await admin.request('GET', `/api/projects/${home.projectId}`)).body.reason).toBe('wrong_tenant');
    expect(seen).toEqual(['member', null]);
    expect((await home.owner.request('DELETE', memberUrl(admin))).status).toBe(404);
  });

  it('always keeps an owner who can sign in', async () => {
    const second = await join('owner');
    const operator = operatorContext(appliance);
    await appliance.services.auth.users.setStatus(operator, second.id, 'disabled');
    for (const answer of [
      await home.owner.request('PATCH', roleUrl(home.owner), { role: 'admin' }),
      await home.owner.request('DELETE', memberUrl(home.owner)),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([409, 'LAST_OWNER']);
    }
    expect(await roleOf(home.owner)).toBe('owner');
    await appliance.services.auth.users.setStatus(operator, second.id, 'active');
    expect((await home.owner.request('DELETE', memberUrl(home.owner))).status).toBe(204);
  });

  it('keeps one owner when two owners leave at the same time', async () => {
    const second = await join('owner');
    const answers = await Promise.all([
      home.owner.request('DELETE', memberUrl(home.owner)),
      second.request('DELETE', memberUrl(second)),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 409]);
    const left = await appliance.services.orgs.members.list(home.orgId, {});
    expect(left.rows.map((row) => row.role)).toEqual(['owner']);
  });

  it('keeps an account that is the only owner of an organization with others, and names it', async () => {
    await join('admin');
    const remove = () => home.owner.request('DELETE', '/api/account', { email: home.owner.email, password: PASSWORD });
    const refused = await remove();
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'LAST_OWNER', organizations: [`home${names}`] });
    expect(await roleOf(home.owner)).toBe('owner');

    const heir = await join('owner');
    expect((await remove()).status).toBeLessThan(300);
    expect(await roleOf(home.owner)).toBeNull();
    expect((await heir.request('GET', `/api/orgs/${home.orgId}`)).status).toBe(200);
  });

  it('removes the organizations in which a removed account was alone', async () => {
    const loner = await signUp(appliance, `loner@home${names}.example`);
    await appliance.services.orgs.members.add(operatorContext(appliance), home.orgId, loner.id, 'analyst');
    const own = (await loner.request('POST', '/api/orgs', { name: 'Alone' })).body;
    expect(own.role).toBe('owner');
    const gone: string[] = [];
    appliance.kernel.events.on('org.deleted', (event) => void gone.push(event.orgId));
    const answer = await loner.request('DELETE', '/api/account', { email: loner.email, password: PASSWORD });
    expect(answer.status).toBeLessThan(300);
    expect(gone).toEqual([own.id]);
    expect(await appliance.services.orgs.tierOf(own.id)).toBeNull();
    expect((await home.owner.request('GET', `/api/orgs/${home.orgId}/members`)).body.members).toHaveLength(1);
  });
});
