import { expect } from 'vitest';
import type { Cases } from '../case.ts';

/** Projects and API keys of the main contract. */
export const projectsCases: Cases = {
  'control-zero GET /api/orgs/{orgID}/projects': async ({ admin, orgID, projectID }) => {
    const answer = await admin.request('GET', `/api/orgs/${orgID}/projects`);
    expect(answer.status).toBe(200);
    expect(answer.body.projects).toContainEqual(expect.objectContaining({ id: projectID }));
  },
  'control-zero POST /api/orgs/{orgID}/projects': async ({ admin, orgID }) => {
    const answer = await admin.request('POST', `/api/orgs/${orgID}/projects`, { name: 'second' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ org_id: orgID, name: 'second', default_action: 'deny' });
  },
  'control-zero GET /api/projects/{projectID}': async ({ admin, orgID, projectID }) => {
    const answer = await admin.request('GET', `/api/projects/${projectID}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: projectID, org_id: orgID });
  },
  'control-zero PATCH /api/projects/{projectID}': async ({ admin, projectID }) => {
    const answer = await admin.request('PATCH', `/api/projects/${projectID}`, { description: 'all rows' });
    expect(answer.status).toBe(200);
    expect(answer.body.description).toBe('all rows');
  },
  'control-zero GET /api/projects/{projectID}/api-keys': async ({ admin, projectID, key }) => {
    const answer = await admin.request('GET', `/api/projects/${projectID}/api-keys`);
    expect(answer.status).toBe(200);
    expect(answer.body.api_keys).toContainEqual(expect.objectContaining({ prefix: key.slice(0, 12) }));
    expect(answer.text).not.toContain(key);
  },
  'control-zero POST /api/projects/{projectID}/api-keys': async ({ admin, projectID }) => {
    const answer = await admin.request('POST', `/api/projects/${projectID}/api-keys`, {
      name: 'another',
      mode: 'test',
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ key: expect.stringMatching(/^cz_test_[0-9a-f]{64}$/), scopes: ['read'] });
  },
  'control-zero DELETE /api/projects/{projectID}/api-keys/{keyID}': async ({ appliance, admin, projectID }) => {
    const url = `/api/projects/${projectID}/api-keys`;
    const { id, key } = (await admin.request('POST', url, { name: 'short-lived' })).body;
    expect((await admin.request('DELETE', `${url}/${id}`)).status).toBe(204);
    expect(await appliance.services.apiKeys.live.resolve(key)).toBeNull();
  },
};
