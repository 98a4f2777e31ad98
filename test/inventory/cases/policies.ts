import { expect } from 'vitest';
import type { Cases, World } from '../case.ts';

const DOCUMENT = { version: '1', rules: [{ deny: 'Bash:rm' }] };
const OTHER = { version: '1', rules: [{ deny: 'Bash:dd' }] };
let number = 0;

/** Policies and registered tools of the main contract. */
export const policiesCases: Cases = {
  'control-zero GET /api/orgs/{orgID}/policies': async (world) => {
    const { id } = await newPolicy(world);
    const answer = await world.admin.request('GET', `/api/orgs/${world.orgID}/policies`);
    expect(answer.status).toBe(200);
    expect(answer.body.policies).toContainEqual(expect.objectContaining({ id, project_id: world.projectID }));
  },
  'control-zero GET /api/projects/{projectID}/policies': async (world) => {
    const { id, url } = await newPolicy(world);
    const answer = await world.admin.request('GET', url);
    expect(answer.status).toBe(200);
    expect(answer.body.policies).toContainEqual(expect.objectContaining({ id, status: 'live' }));
  },
  'control-zero POST /api/projects/{projectID}/policies': async (world) => {
    const { created } = await newPolicy(world);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ live_version: 1, document: { rules: [{ effect: 'deny' }] } });
    expect(await pulledEtag(world)).toBe(`"${created.body.bundle.etag}"`);
  },
  'control-zero POST /api/projects/{projectID}/policies/assign': async (world) => {
    const ofOrg = `/api/orgs/${world.orgID}/policies`;
    const policy = await world.admin.request('POST', ofOrg, { name: 'shared', document: DOCUMENT });
    const url = `/api/projects/${world.projectID}/policies/assign`;
    const answer = await world.admin.request('POST', url, { policy_id: policy.body.id });
    expect(answer.status).toBe(200);
    expect(answer.body.assigned_project_ids).toEqual([world.projectID]);
    expect(await pulledEtag(world)).toBe(`"${answer.body.bundle.etag}"`);
  },
  'control-zero PATCH /api/projects/{projectID}/policies/{policyID}': async (world) => {
    const { id, url } = await newPolicy(world);
    const answer = await world.admin.request('PATCH', `${url}/${id}`, { document: OTHER });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ version: 2, live_version: 2 });
    expect(await pulledEtag(world)).toBe(`"${answer.body.bundle.etag}"`);
  },
  'control-zero DELETE /api/projects/{projectID}/policies/{policyID}': async (world) => {
    const { id, url } = await newPolicy(world);
    const answer = await world.admin.request('DELETE', `${url}/${id}`);
    expect(answer.status).toBe(200);
    expect(await pulledEtag(world)).toBe(`"${answer.body.bundle.etag}"`);
    expect((await world.admin.request('GET', `${url}/${id}`)).status).toBe(404);
  },
  'control-zero GET /v1/policies': async (world) => {
    const { id } = await newPolicy(world);
    const answer = await world.appliance.request('GET', '/v1/policies?limit=100', { bearer: world.key });
    expect(answer.status).toBe(200);
    expect(answer.body.policies).toContainEqual(expect.objectContaining({ id }));
  },
  'control-zero POST /v1/policies': async ({ appliance, key, projectID }) => {
    const answer = await appliance.request('POST', '/v1/policies', { bearer: key, body: DOCUMENT });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ project_id: projectID, status: 'live' });
  },
  'control-zero PATCH /v1/policies/{policyID}': async (world) => {
    const { id } = await newPolicy(world);
    const request = { bearer: world.key, body: OTHER };
    const answer = await world.appliance.request('PATCH', `/v1/policies/${id}`, request);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id, version: 2 });
  },
  'control-zero DELETE /v1/policies/{policyID}': async (world) => {
    const { id } = await newPolicy(world);
    const answer = await world.appliance.request('DELETE', `/v1/policies/${id}`, { bearer: world.key });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id, deleted: true });
  },
  'control-zero GET /api/projects/{projectID}/tools': async (world) => {
    const { id, url } = await newTool(world);
    const answer = await world.admin.request('GET', url);
    expect(answer.status).toBe(200);
    expect(answer.body.tools).toContainEqual(expect.objectContaining({ id }));
  },
  'control-zero POST /api/projects/{projectID}/tools': async (world) => {
    const { created } = await newTool(world);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ project_id: world.projectID, methods: ['send'] });
  },
  'control-zero PATCH /api/projects/{projectID}/tools/{toolID}': async (world) => {
    const { id, url } = await newTool(world);
    const answer = await world.admin.request('PATCH', `${url}/${id}`, { description: 'Mail' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id, description: 'Mail' });
  },
  'control-zero DELETE /api/projects/{projectID}/tools/{toolID}': async (world) => {
    const { id, url } = await newTool(world);
    expect((await world.admin.request('DELETE', `${url}/${id}`)).status).toBe(204);
    expect((await world.admin.request('GET', url)).body.tools).not.toContainEqual(expect.objectContaining({ id }));
  },
};

async function newPolicy({ admin, projectID }: World) {
  number += 1;
  const url = `/api/projects/${projectID}/policies`;
  const created = await admin.request('POST', url, { name: `inventory ${number}`, document: DOCUMENT });
  return { created, url, id: created.body.id as string };
}

async function newTool({ admin, projectID }: World) {
  number += 1;
  const url = `/api/projects/${projectID}/tools`;
  const created = await admin.request('POST', url, { name: `tool_${number}`, methods: ['send'] });
  return { created, url, id: created.body.id as string };
}

async function pulledEtag({ appliance, key }: World): Promise<unknown> {
  return (await appliance.request('GET', '/v1/sdk/policies/pull', { bearer: key })).headers.etag;
}
