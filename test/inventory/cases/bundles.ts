import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Cases } from '../case.ts';

/** Keys and bundles on the dashboard, what SDKs start with, and tamper alerts. */
export const bundlesCases: Cases = {
  'control-zero POST /v1/sdk/init': async ({ appliance, key, projectID, orgID }) => {
    const body = { sdk_version: '1.13.16', hostname: 'worker-3' };
    const answer = await appliance.request('POST', '/v1/sdk/init', { bearer: key, body });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { project: { id: projectID, org_id: orgID }, session: { session_id: expect.any(String), project_id: projectID } },
    ]);
  },
  'control-zero POST /v1/sdk/refresh': async ({ appliance, key, projectID }) => {
    const answer = await appliance.request('POST', '/v1/sdk/refresh', { bearer: key });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { session: { project_id: projectID, bundle: { etag: expect.stringMatching(/^[0-9a-f]{64}$/) } } },
    ]);
  },
  'control-zero GET /v1/sdk/policies/pull': async ({ appliance, key }) => {
    const answer = await appliance.request('GET', '/v1/sdk/policies/pull', { bearer: key });
    expect(answer.status).toBe(200);
    expect(answer.bytes.toString('latin1', 0, 4)).toBe('CZ01');
    expect(answer.headers['etag']).toBe(`"${createHash('sha256').update(answer.bytes).digest('hex')}"`);
    expect(answer.headers['x-policy-signature']).toMatch(/^[A-Za-z0-9+/]{86}==$/);
    const headers = { 'if-none-match': String(answer.headers['etag']) };
    expect((await appliance.request('GET', '/v1/sdk/policies/pull', { bearer: key, headers })).status).toBe(304);
  },
  'control-zero POST /v1/sdk/tamper-alert': async ({ appliance, key }) => {
    const body = { machine_id: 'm-1', reason: 'signature mismatch', bundle_hash: 'abc' };
    const answer = await appliance.request('POST', '/v1/sdk/tamper-alert', { bearer: key, body });
    expect([answer.status, answer.body]).toMatchObject([202, { accepted: true }]);
  },
  'control-zero GET /v1/sdk/keys/public': async ({ appliance, key }) => {
    const answer = await appliance.request('GET', '/v1/sdk/keys/public', { bearer: key });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { kid: expect.any(String), public_key: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) },
    ]);
  },
  'control-zero GET /v1/sdk/bootstrap': async ({ appliance, key, projectID }) => {
    const answer = await appliance.request('GET', '/v1/sdk/bootstrap', { bearer: key });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      {
        encryption_key: expect.any(String),
        signing_public_key: expect.any(String),
        kid: expect.any(String),
        project_id: projectID,
        key_version: expect.any(Number),
      },
    ]);
  },
  'control-zero POST /api/projects/{projectID}/policies/bundle': async ({ admin, projectID }) => {
    const answer = await admin.request('POST', `/api/projects/${projectID}/policies/bundle`, {});
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { etag: expect.stringMatching(/^[0-9a-f]{64}$/), version: expect.any(Number), size: expect.any(Number) },
    ]);
  },
  'control-zero GET /api/projects/{projectID}/policies/download': async ({ admin, projectID }) => {
    const answer = await admin.request('GET', `/api/projects/${projectID}/policies/download`);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/octet-stream']);
    expect(answer.bytes.toString('latin1', 0, 4)).toBe('CZ01');
  },
  'control-zero POST /api/projects/{projectID}/keys/provision': async ({ admin, projectID }) => {
    const answer = await admin.request('POST', `/api/projects/${projectID}/keys/provision`);
    expect([answer.status, answer.body]).toMatchObject([200, { project_id: projectID, kid: expect.any(String) }]);
  },
  'control-zero POST /api/projects/{projectID}/keys/rotate': async ({ admin, projectID }) => {
    const url = `/api/projects/${projectID}/keys`;
    const { kid } = (await admin.request('GET', `${url}/public`)).body;
    const answer = await admin.request('POST', `${url}/rotate`);
    expect([answer.status, answer.body.retired_kid, answer.body.kid === kid]).toEqual([200, kid, false]);
  },
  'control-zero GET /api/projects/{projectID}/keys/public': async ({ admin, projectID }) => {
    const answer = await admin.request('GET', `/api/projects/${projectID}/keys/public`);
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { kid: expect.any(String), public_key: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) },
    ]);
  },
  'control-zero GET /api/projects/{projectID}/tamper-alerts': async ({ admin, projectID }) => {
    const answer = await admin.request('GET', `/api/projects/${projectID}/tamper-alerts`);
    expect([answer.status, Array.isArray(answer.body.tamper_alerts)]).toEqual([200, true]);
  },
};
