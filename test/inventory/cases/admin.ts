import { expect } from 'vitest';
import { signUp } from '../../people.ts';
import type { Cases, World } from '../case.ts';

/** Makes an organization of its own for a case that changes one. */
async function freshOrg({ admin }: World, name: string): Promise<{ id: string; url: string }> {
  const org = await admin.request('POST', '/api/orgs', { name });
  expect(org.status).toBe(201);
  return { id: org.body.id, url: `/api/admin/orgs/${org.body.id}` };
}

/** The administration of the whole appliance. */
export const adminCases: Cases = {
  'control-zero GET /api/admin/stats/overview': async ({ admin }) => {
    const answer = await admin.request('GET', '/api/admin/stats/overview');
    expect(answer.status).toBe(200);
    expect(answer.body.orgs.total).toBeGreaterThan(0);
    expect(answer.body.active_api_keys).toBeGreaterThan(0);
    expect(answer.body.license.status).toBe('trial');
  },
  'control-zero GET /api/admin/orgs': async ({ admin, orgID }) => {
    const answer = await admin.request('GET', `/api/admin/orgs?q=${orgID}`);
    expect(answer.status).toBe(200);
    expect(answer.body.orgs).toEqual([expect.objectContaining({ id: orgID, name: 'Inventory' })]);
  },
  'control-zero GET /api/admin/orgs/{orgID}': async ({ admin, orgID }) => {
    const answer = await admin.request('GET', `/api/admin/orgs/${orgID}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: orgID, status: 'active', tier: 'enterprise' });
  },
  'control-zero PUT /api/admin/orgs/{orgID}': async (world) => {
    const { id, url } = await freshOrg(world, 'Suspended');
    const answer = await world.admin.request('PUT', url, { status: 'suspended' });
    expect(answer.status).toBe(200);
    expect(answer.body.status).toBe('suspended');
    expect((await world.admin.request('GET', `/api/orgs/${id}`)).status).toBe(403);
  },
  'control-zero GET /api/admin/orgs/{orgID}/usage': async (world) => {
    const { id, url } = await freshOrg(world, 'Used');
    world.appliance.services.usage.count(id, 'guarded_calls', 3);
    const answer = await world.admin.request('GET', `${url}/usage`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ guarded_calls: 3, month: expect.stringMatching(/^\d{4}-\d{2}$/) });
  },
  'control-zero POST /api/admin/orgs/{orgID}/reset-usage': async (world) => {
    const { id, url } = await freshOrg(world, 'Used up');
    world.appliance.services.usage.count(id, 'guarded_calls', 3);
    const answer = await world.admin.request('POST', `${url}/reset-usage`);
    expect(answer.status).toBe(200);
    expect((await world.appliance.services.usage.usage(id)).guarded_calls).toBe(0);
  },
  'control-zero PATCH /api/admin/orgs/{orgID}/tier': async (world) => {
    const { id, url } = await freshOrg(world, 'Small');
    const answer = await world.admin.request('PATCH', `${url}/tier`, { tier: 'solo' });
    expect(answer.status).toBe(200);
    expect(await world.appliance.services.orgs.tierOf(id)).toBe('solo');
  },
  'control-zero GET /api/admin/users': async ({ admin }) => {
    const answer = await admin.request('GET', `/api/admin/users?q=${admin.email}`);
    expect(answer.status).toBe(200);
    expect(answer.body.users).toEqual([expect.objectContaining({ id: admin.id, platform_admin: true })]);
  },
  'control-zero PUT /api/admin/users/{userID}': async ({ appliance, admin }) => {
    const person = await signUp(appliance, 'switched-off@example.com');
    const answer = await admin.request('PUT', `/api/admin/users/${person.id}`, { status: 'disabled' });
    expect(answer.status).toBe(200);
    expect(answer.body.status).toBe('disabled');
    expect((await person.request('GET', '/auth/me')).status).toBe(401);
  },
  'control-zero DELETE /api/admin/users/{userID}': async ({ appliance, admin }) => {
    const person = await signUp(appliance, 'deleted@example.com');
    expect((await admin.request('DELETE', `/api/admin/users/${person.id}`)).status).toBe(204);
    expect((await person.request('GET', '/auth/me')).status).toBe(401);
  },
  'control-zero GET /api/admin/admins': async ({ admin }) => {
    const answer = await admin.request('GET', '/api/admin/admins');
    expect(answer.status).toBe(200);
    expect(answer.body.admins).toContainEqual(expect.objectContaining({ email: admin.email }));
  },
  'control-zero POST /api/admin/admins': async ({ appliance, admin }) => {
    const person = await signUp(appliance, 'promoted@example.com');
    const answer = await admin.request('POST', '/api/admin/admins', { email: person.email });
    expect(answer.status).toBe(201);
    expect((await person.request('GET', '/api/admin/admins')).status).toBe(200);
  },
  'control-zero DELETE /api/admin/admins': async ({ appliance, admin }) => {
    const person = await signUp(appliance, 'demoted@example.com');
    await admin.request('POST', '/api/admin/admins', { email: person.email });
    const answer = await admin.request('DELETE', `/api/admin/admins?email=${person.email}`);
    expect(answer.status).toBe(204);
    expect((await person.request('GET', '/api/admin/admins')).status).toBe(403);
  },
  'control-zero GET /api/admin/audit-logs': async ({ admin, orgID }) => {
    const answer = await admin.request('GET', `/api/admin/audit-logs?verb=org.create&org_id=${orgID}`);
    expect(answer.status).toBe(200);
    expect(answer.body.audit_logs).toEqual([
      expect.objectContaining({ verb: 'org.create', target: { type: 'org', id: orgID } }),
    ]);
  },
  'control-zero GET /api/admin/system/health': async ({ admin }) => {
    const answer = await admin.request('GET', '/api/admin/system/health');
    expect(answer.status).toBe(200);
    expect(answer.body.databases).toHaveLength(2);
    expect(answer.body.disk.free_bytes).toBeGreaterThan(0);
  },
  'control-zero GET /api/admin/system/metrics': async ({ admin }) => {
    const answer = await admin.request('GET', '/api/admin/system/metrics');
    expect(answer.status).toBe(200);
    expect(answer.body.requests.total).toBeGreaterThan(0);
    expect(answer.body.requests.routes).toContainEqual(
      expect.objectContaining({ method: 'POST', route: '/auth/login', by_status: expect.anything() }),
    );
  },
  'control-zero GET /api/admin/system/rate-limits': async ({ admin }) => {
    const answer = await admin.request('GET', '/api/admin/system/rate-limits');
    expect(answer.status).toBe(200);
    expect(answer.body.limits).toContainEqual(expect.objectContaining({ setting: 'CZ_RATE_KEY' }));
  },
};
