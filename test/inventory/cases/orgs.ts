import { expect } from 'vitest';
import { operatorContext, signUp } from '../../people.ts';
import type { Cases, World } from '../case.ts';

const anId = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);

/** Signs an invited person up and hands out what the invite answered. */
async function invited({ appliance, admin, orgID }: World, email: string) {
  const person = await signUp(appliance, email);
  const answer = await admin.request('POST', `/api/orgs/${orgID}/members/invite`, { email, role: 'analyst' });
  expect(answer.status).toBe(201);
  return { person, invite: answer.body, token: new URL(answer.body.accept_url).searchParams.get('token') };
}

/** Makes somebody a member. */
async function joined({ appliance, orgID }: World, email: string) {
  const person = await signUp(appliance, email);
  const { members } = appliance.services.orgs;
  return { person, member: await members.add(operatorContext(appliance), orgID, person.id, 'member') };
}

/** Organizations, settings, members and invites of the main contract. */
export const orgsCases: Cases = {
  'control-zero GET /api/orgs': async ({ admin, orgID }) => {
    const answer = await admin.request('GET', '/api/orgs');
    expect(answer.status).toBe(200);
    expect(answer.body.orgs).toContainEqual(expect.objectContaining({ id: orgID, name: 'Inventory', role: 'owner' }));
  },
  'control-zero POST /api/orgs': async ({ admin }) => {
    const answer = await admin.request('POST', '/api/orgs', { name: 'Second' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ id: anId, name: 'Second', slug: 'second', role: 'owner' });
  },
  'control-zero GET /api/orgs/{orgID}': async ({ admin, orgID }) => {
    const answer = await admin.request('GET', `/api/orgs/${orgID}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: orgID, status: 'active' });
  },
  'control-zero GET /api/orgs/{orgID}/settings': async ({ admin, orgID }) => {
    const answer = await admin.request('GET', `/api/orgs/${orgID}/settings`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ org_id: orgID, tamper_behavior: expect.any(String) });
  },
  'control-zero PATCH /api/orgs/{orgID}/settings': async ({ admin, orgID }) => {
    const answer = await admin.request('PATCH', `/api/orgs/${orgID}/settings`, { tamper_behavior: 'deny' });
    expect(answer.status).toBe(200);
    expect(answer.body.tamper_behavior).toBe('deny');
  },
  'control-zero PUT /api/orgs/{orgID}/settings': async ({ admin, orgID }) => {
    const answer = await admin.request('PUT', `/api/orgs/${orgID}/settings`, { tamper_behavior: 'warn' });
    expect(answer.status).toBe(200);
    expect(answer.body.tamper_behavior).toBe('warn');
  },
  'control-zero GET /api/orgs/{orgID}/settings/audit-retention': async ({ admin, orgID }) => {
    const answer = await admin.request('GET', `/api/orgs/${orgID}/settings/audit-retention`);
    expect(answer.status).toBe(200);
    expect(answer.body.retention_days).toBeGreaterThan(0);
  },
  'control-zero POST /api/orgs/{orgID}/settings/audit-retention': async ({ admin, orgID }) => {
    const url = `/api/orgs/${orgID}/settings/audit-retention`;
    const answer = await admin.request('POST', url, { retention_days: 60 });
    expect(answer.status).toBe(200);
    expect((await admin.request('GET', url)).body.retention_days).toBe(60);
  },
  'control-zero PATCH /api/orgs/{orgID}/product-type': async ({ admin, orgID }) => {
    const answer = await admin.request('PATCH', `/api/orgs/${orgID}/product-type`, { product_type: 'teams' });
    expect(answer.status).toBe(200);
    expect(answer.body.product_type).toBe('teams');
  },
  'control-zero GET /api/orgs/{orgID}/members': async ({ admin, orgID }) => {
    const answer = await admin.request('GET', `/api/orgs/${orgID}/members`);
    expect(answer.status).toBe(200);
    expect(answer.body.members).toContainEqual(expect.objectContaining({ user_id: admin.id, role: 'owner' }));
  },
  'control-zero POST /api/orgs/{orgID}/members/invite': async (world) => {
    const { invite } = await invited(world, 'invited@example.com');
    expect(invite).toMatchObject({ id: anId, email: 'invited@example.com', role: 'analyst' });
  },
  'control-zero PATCH /api/orgs/{orgID}/members/{memberID}/role': async (world) => {
    const { member } = await joined(world, 'raised@example.com');
    const url = `/api/orgs/${world.orgID}/members/${member.id}/role`;
    const answer = await world.admin.request('PATCH', url, { role: 'admin' });
    expect(answer.status).toBe(200);
    expect(answer.body.role).toBe('admin');
  },
  'control-zero DELETE /api/orgs/{orgID}/members/{memberID}': async (world) => {
    const { person, member } = await joined(world, 'removed@example.com');
    const answer = await world.admin.request('DELETE', `/api/orgs/${world.orgID}/members/${member.id}`);
    expect(answer.status).toBe(204);
    expect((await person.request('GET', `/api/orgs/${world.orgID}`)).status).toBe(403);
  },
  'control-zero GET /api/orgs/{orgID}/invites': async (world) => {
    const { invite } = await invited(world, 'outstanding@example.com');
    const answer = await world.admin.request('GET', `/api/orgs/${world.orgID}/invites?limit=100`);
    expect(answer.status).toBe(200);
    expect(answer.body.invites).toContainEqual(expect.objectContaining({ id: invite.id, role: 'analyst' }));
  },
  'control-zero DELETE /api/orgs/{orgID}/invites/{inviteID}': async (world) => {
    const { person, invite, token } = await invited(world, 'revoked@example.com');
    const answer = await world.admin.request('DELETE', `/api/orgs/${world.orgID}/invites/${invite.id}`);
    expect(answer.status).toBe(204);
    expect((await person.request('POST', '/invites/accept', { token })).status).toBe(400);
  },
  'control-zero POST /invites/accept': async (world) => {
    const { person, token } = await invited(world, 'accepting@example.com');
    const answer = await person.request('POST', '/invites/accept', { token });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ org: { id: world.orgID }, member: { user_id: person.id, role: 'analyst' } });
  },
};
