import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../../../test/harness.ts';
import { operatorContext, signIn, signUp } from '../../../test/people.ts';
import { temporaryPostgres } from '../../../test/postgres.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';

describe.skipIf(process.env['TEST_DATABASES'] === 'sqlite')('two processes on one PostgreSQL', () => {
  let here: TestAppliance;
  let there: TestAppliance;
  let tenant: Tenant;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const made = await temporaryPostgres();
    const { databaseUrl } = made.location;
    remove = made.remove;
    here = await startAppliance({ databaseUrl });
    const { masterKey, jwtKey } = here;
    there = await startAppliance({ databaseUrl, again: { home: `${here.home}/second`, masterKey, jwtKey } });
    tenant = await openTenant(here, 'shared');
  });
  afterAll(async () => {
    await there.discard();
    await here.discard();
    await remove();
  });

  const keysUrl = () => `/api/projects/${tenant.projectId}/api-keys`;
  const counts = async (appliance: TestAppliance, key: string) =>
    (await appliance.services.apiKeys.live.resolve(key)) !== null;

  it('a key made here counts there, and one revoked here ends there', async () => {
    const unknown = (await tenant.owner.request('POST', keysUrl(), { name: 'k' })).body;
    await expect.poll(() => counts(there, unknown.key)).toBe(true);
    expect((await tenant.owner.request('DELETE', `${keysUrl()}/${unknown.id}`)).status).toBe(204);
    expect(await counts(here, unknown.key)).toBe(false);
    await expect.poll(() => counts(there, unknown.key)).toBe(false);
  });

  it('a role lost here is lost there', async () => {
    const owner = await signIn(there, tenant.owner.email);
    const url = `/api/orgs/${tenant.orgId}/settings/audit-retention`;
    expect((await owner.request('POST', url, { retention_days: 30 })).status).toBe(200);
    const heir = await signUp(here, 'heir@shared.example');
    await here.services.orgs.members.add(operatorContext(here), tenant.orgId, heir.id, 'owner');
    await here.services.orgs.members.changeRole(operatorContext(here), tenant.orgId, tenant.owner.id, 'member');
    await expect.poll(async () => (await owner.request('POST', url, { retention_days: 31 })).status).toBe(403);
  });

  it('a project removed here is gone there, with its keys', async () => {
    const owner = await signIn(there, tenant.owner.email);
    const url = `/api/projects/${tenant.projectId}`;
    expect((await owner.request('GET', url)).status).toBe(200);
    expect(await counts(there, tenant.key)).toBe(true);
    await here.services.projects.remove(operatorContext(here), tenant.projectId, 'shared-project');
    await expect.poll(async () => (await owner.request('GET', url)).status).toBe(403);
    await expect.poll(() => counts(there, tenant.key)).toBe(false);
  });
});
