import { expect } from 'vitest';
import type { Cases, World } from '../case.ts';

/** Delivers one entry under an id of its own. */
async function deliver({ appliance, key }: World, path: string, id: string): Promise<void> {
  const entry = { id, tool_name: 'inventory', decision: 'deny', ts: new Date().toISOString(), reason: id };
  const answer = await appliance.request('POST', path, { bearer: key, body: { entries: [entry] } });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ accepted: 1, rejected: 0, dropped: 0 });
}

/** What SDKs report, and how it is read. */
export const auditCases: Cases = {
  'control-zero POST /v1/sdk/logs': (world) => deliver(world, '/v1/sdk/logs', 'inventory-logs'),
  'control-zero POST /v1/sdk/audit': (world) => deliver(world, '/v1/sdk/audit', 'inventory-audit'),
  'control-zero GET /api/projects/{projectID}/logs': async (world) => {
    await deliver(world, '/v1/sdk/logs', 'inventory-list');
    const answer = await world.admin.request('GET', `/api/projects/${world.projectID}/logs?q=inventory-list`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ logs: [{ id: 'inventory-list', decision: 'deny' }], next_cursor: null });
  },
  'control-zero GET /api/projects/{projectID}/logs/stats': async (world) => {
    await deliver(world, '/v1/sdk/logs', 'inventory-stats');
    const answer = await world.admin.request('GET', `/api/projects/${world.projectID}/logs/stats?q=inventory-stats`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ total: 1, decisions: { deny: 1 }, complete: true });
  },
  'control-zero GET /api/projects/{projectID}/logs/tools': async (world) => {
    await deliver(world, '/v1/sdk/logs', 'inventory-tools');
    const answer = await world.admin.request('GET', `/api/projects/${world.projectID}/logs/tools?q=inventory-tools`);
    expect(answer.status).toBe(200);
    expect(answer.body.tools).toMatchObject([{ tool_name: 'inventory', total: 1, decisions: { deny: 1 } }]);
  },
  'control-zero GET /api/projects/{projectID}/export': async (world) => {
    await deliver(world, '/v1/sdk/logs', 'inventory-export');
    const answer = await world.admin.request('GET', `/api/projects/${world.projectID}/export?q=inventory-export`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ id: 'inventory-export', tool_name: 'inventory' });
  },
};
