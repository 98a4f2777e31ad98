import { expect } from 'vitest';
import type { Case, Cases, World } from '../case.ts';

const WISH = { org_id: 'acme', tier: 'teams', seats: 50, expires_at: '2099-01-01T00:00:00Z' };

async function issue({ admin }: World) {
  const answer = await admin.request('POST', '/api/admin/licenses', WISH);
  expect(answer.status).toBe(201);
  return answer.body;
}

/** Switches a feature for one organization with `method`, and back on. */
function switching(method: 'POST' | 'PUT'): Case {
  return async ({ appliance, admin, orgID }) => {
    const change = { flag: 'anomalies', enabled: false, org_id: orgID };
    const answer = await admin.request(method, '/api/admin/features', change);
    expect(answer.status).toBe(200);
    expect(answer.body.overrides).toContainEqual({ org_id: orgID, enabled: false });
    expect(appliance.services.flags.switchedOn('anomalies', orgID)).toBe(false);
    expect(appliance.services.flags.switchedOn('anomalies', null)).toBe(true);
    await admin.request(method, '/api/admin/features', { ...change, enabled: true });
    expect(appliance.services.flags.switchedOn('anomalies', orgID)).toBe(true);
  };
}

/** Licenses and feature flags of the main contract. */
export const licensesCases: Cases = {
  'control-zero POST /api/admin/licenses': async (world) => {
    const issued = await issue(world);
    expect(issued).toMatchObject({ org_id: 'acme', tier: 'teams', license_key: expect.stringMatching(/^cz_ent_/) });
    // What this deployment issues is for others: its own tier does not come from it.
    expect(world.appliance.services.licenses.inspect(issued.license_key).status).toBe('unknown_issuer');
  },
  'control-zero GET /api/admin/licenses': async (world) => {
    const { id } = await issue(world);
    const answer = await world.admin.request('GET', '/api/admin/licenses');
    expect(answer.status).toBe(200);
    expect(answer.body.licenses).toContainEqual(expect.objectContaining({ id, seats: 50 }));
    expect(answer.text).not.toContain('cz_ent_');
  },
  'control-zero GET /api/admin/features': async ({ admin }) => {
    const answer = await admin.request('GET', '/api/admin/features');
    expect(answer.status).toBe(200);
    expect(answer.body.features).toContainEqual(expect.objectContaining({ flag: 'dlp_scanning', enabled: true }));
  },
  'control-zero POST /api/admin/features': switching('POST'),
  'control-zero PUT /api/admin/features': switching('PUT'),
  'control-zero POST /api/scout/license/validate': async ({ appliance, key }) => {
    const validate = (body: unknown) => appliance.request('POST', '/api/scout/license/validate', { body, bearer: key });
    const own = await validate({});
    expect(own.status).toBe(200);
    expect(own.body).toMatchObject({ valid: true, status: 'trial', tier: 'enterprise' });
    expect((await validate({ license_key: 'cz_ent_nonsense' })).body).toMatchObject({ valid: false });
  },
};
