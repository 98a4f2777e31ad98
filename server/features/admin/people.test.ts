import { beforeAll, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type Person, signIn, signUp, signUpAdmin } from '../../../test/people.ts';
import { activityOf, joinTenant, openTenant, type Tenant } from '../../../test/tenant.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let admin: Person;
  let home: Tenant;
  beforeAll(async () => {
    appliance = await open({ settings: { CZ_ADMIN_EMAILS: 'configured@example.com' } });
    admin = await signUpAdmin(appliance, 'root@appliance.example');
    home = await openTenant(appliance, 'home');
  });

  async function refused(method: string, url: string, body?: unknown) {
    const options = body === undefined ? {} : { body };
    expect((await appliance.request(method, url, options)).status).toBe(401);
    expect((await appliance.request(method, url, { ...options, bearer: home.key })).status).toBe(401);
    expect((await home.owner.request(method, url, body)).status).toBe(403);
    if (method !== 'GET') {
      expect((await appliance.request(method, url, { ...options, bearer: admin.token })).status).toBe(403);
    }
  }
  const addresses = async (query = '') =>
    (await admin.request('GET', `/api/admin/users?${query}`)).body.users.map((user: { email: string }) => user.email);

  describe('the list of accounts', () => {
    it('is for platform admins only and refuses what it does not know', async () => {
      await refused('GET', '/api/admin/users');
      for (const query of ['status=gone', 'limit=0', 'q=%00', 'cursor=abc']) {
        expect((await admin.request('GET', `/api/admin/users?${query}`)).status).toBe(400);
      }
    });

    it('shows accounts without their secrets', async () => {
      const answer = await admin.request('GET', `/api/admin/users?q=${home.owner.id}`);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        users: [
          {
            id: home.owner.id,
            email: 'owner@home.example',
            name: '',
            email_verified: true,
            platform_admin: false,
            status: 'active',
            has_password: true,
            created_at: expect.any(String),
            last_sign_in_at: expect.any(String),
          },
        ],
        next_cursor: null,
      });
    });

    it('finds by text and status, in pages', async () => {
      await signUp(appliance, 'a_b@example.com', { name: 'Ada Lovelace' });
      expect(await addresses('q=LOVELACE')).toEqual(['a_b@example.com']);
      expect(await addresses('q=a_b')).toEqual(['a_b@example.com']);
      expect(await addresses('status=disabled')).toEqual([]);
      const first = (await admin.request('GET', '/api/admin/users?limit=2')).body;
      const rest = await addresses(`limit=2&cursor=${first.next_cursor}`);
      expect([...first.users.map((user: { email: string }) => user.email), ...rest]).toEqual(await addresses());
    });
  });

  describe('an account', () => {
    it('is disabled and enabled; disabling ends its sessions at once', async () => {
      const person = await signUp(appliance, 'disabled@example.com');
      const url = `/api/admin/users/${person.id}`;
      await refused('PUT', url, { status: 'disabled' });
      for (const wrong of [{}, { status: 'gone' }, { status: 'disabled', email: 'x@example.com' }]) {
        expect((await admin.request('PUT', url, wrong)).status).toBe(400);
      }
      expect((await person.request('GET', '/auth/me')).status).toBe(200);

      const answer = await admin.request('PUT', url, { status: 'disabled' });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ id: person.id, status: 'disabled' });
      expect((await person.request('GET', '/auth/me')).status).toBe(401);
      expect(await addresses('status=disabled')).toEqual(['disabled@example.com']);
      expect((await admin.request('PUT', url, { status: 'disabled' })).status).toBe(200);
      expect((await admin.request('PUT', url, { status: 'active' })).body.status).toBe('active');
      expect((await signIn(appliance, person.email)).id).toBe(person.id);
      const of = async (verb: string) => (await activityOf(appliance, verb)).map((row) => row.target_id);
      expect(await of('user.disable')).toEqual([person.id]);
      expect(await of('user.status-change')).toEqual([person.id]);
      expect(await of('user.enable')).toEqual([person.id]);
    });

    it('is deleted with its memberships, and not while others would be left without an owner', async () => {
      const person = await joinTenant(appliance, home.orgId, 'member', 'leaving@example.com');
      const url = `/api/admin/users/${person.id}`;
      await refused('DELETE', url);
      expect((await admin.request('DELETE', `/api/admin/users/${home.owner.id}`)).status).toBe(409);
      expect((await home.owner.request('GET', '/auth/me')).status).toBe(200);

      expect((await admin.request('DELETE', url)).status).toBe(204);
      expect((await person.request('GET', '/auth/me')).status).toBe(401);
      const { members } = (await home.owner.request('GET', `/api/orgs/${home.orgId}/members`)).body;
      expect(members.map((member: { email: string }) => member.email)).toEqual(['owner@home.example']);
      expect((await admin.request('DELETE', url)).status).toBe(404);
      expect((await admin.request('PUT', url, { status: 'active' })).status).toBe(404);
    });

    it('of the admin himself is neither disabled nor deleted', async () => {
      const url = `/api/admin/users/${admin.id}`;
      const disabled = await admin.request('PUT', url, { status: 'disabled' });
      expect([disabled.status, disabled.body.code]).toEqual([409, 'OWN_ACCOUNT']);
      const deleted = await admin.request('DELETE', url);
      expect([deleted.status, deleted.body.code]).toEqual([409, 'OWN_ACCOUNT']);
      expect((await admin.request('GET', '/auth/me')).status).toBe(200);
    });
  });

  describe('the platform admins', () => {
    const url = '/api/admin/admins';

    it('are listed, added and removed', async () => {
      const person = await signUp(appliance, 'second@example.com');
      await refused('GET', url);
      await refused('POST', url, { email: 'home@example.com' });
      for (const wrong of [{}, { email: 'x' }, { email: 'no-address' }]) {
        expect((await admin.request('POST', url, wrong)).status).toBe(400);
      }
      expect((await person.request('GET', '/api/admin/users')).status).toBe(403);

      const added = await admin.request('POST', url, { email: 'Second@Example.com' });
      expect(added.status).toBe(201);
      expect(added.body).toMatchObject({ email: 'second@example.com', source: 'list', added_by: admin.email });
      expect((await admin.request('POST', url, { email: 'second@example.com' })).status).toBe(409);
      expect((await person.request('GET', '/api/admin/users')).status).toBe(200);
      const { admins } = (await admin.request('GET', url)).body;
      expect(admins).toContainEqual(added.body);

      await refused('DELETE', `${url}?email=second@example.com`);
      expect((await admin.request('DELETE', url)).status).toBe(400);
      expect((await admin.request('DELETE', `${url}?email=second@example.com`)).status).toBe(204);
      expect((await person.request('GET', '/api/admin/users')).status).toBe(403);
      expect((await admin.request('DELETE', `${url}?email=second@example.com`)).status).toBe(404);
    });

    it('are removed by the address in the body as well', async () => {
      await admin.request('POST', url, { email: 'third@example.com' });
      const twoWishes = await admin.request('DELETE', `${url}?email=third@example.com`, { email: 'other@example.com' });
      expect(twoWishes.status).toBe(400);
      expect((await admin.request('DELETE', url, { email: 'third@example.com' })).status).toBe(204);
      expect((await admin.request('DELETE', url, { email: 'third@example.com' })).status).toBe(404);
    });

    it('of the configuration stay', async () => {
      const answer = await admin.request('DELETE', `${url}?email=configured@example.com`);
      expect([answer.status, answer.body.code]).toEqual([409, 'ADMIN_FROM_CONFIGURATION']);
      expect((await admin.request('GET', url)).body.admins).toContainEqual({
        email: 'configured@example.com',
        source: 'configuration',
        added_at: null,
        added_by: null,
      });
    });
  });

  it('left no change without an activity record', async () => {
    expect((await appliance.kernel.metrics.unrecordedChanges.get()).values).toEqual([]);
  });
});
