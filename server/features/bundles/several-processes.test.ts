import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../../../test/harness.ts';
import { temporaryPostgres } from '../../../test/postgres.ts';
import { bootstrap, makeProject, pull, pullAndOpen, type TestProject } from './rules.fixture.ts';

describe.skipIf(process.env['TEST_DATABASES'] === 'sqlite')('two processes on one PostgreSQL', () => {
  let here: TestAppliance;
  let there: TestAppliance;
  let project: TestProject;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const made = await temporaryPostgres();
    remove = made.remove;
    const { databaseUrl } = made.location;
    here = await startAppliance({ databaseUrl });
    const { masterKey, jwtKey } = here;
    there = await startAppliance({ databaseUrl, again: { home: `${here.home}/second`, masterKey, jwtKey } });
    await here.operate('POST', '/operator/trial');
    project = await makeProject(here);
  });
  afterAll(async () => {
    await there.discard();
    await here.discard();
    await remove();
  });

  it('serve the same bytes', async () => {
    const [one, other] = [await pull(here, project.key), await pull(there, project.key)];
    expect(other.bytes.equals(one.bytes)).toBe(true);
  });

  it('never serve the bundle of old keys to a client that fetched the new ones', async () => {
    for (let round = 0; round < 5; round += 1) {
      await pull(there, project.key);
      await project.owner.request('POST', `/api/projects/${project.projectId}/keys/rotate`, {});
      const opened = await pullAndOpen(there, project.key);
      expect(opened.payload['project_id']).toBe(project.projectId);
    }
  });

  it('take a new bundle as soon as its keys were handed out, and hear of the rest', async () => {
    const before = await pull(there, project.key);
    const known = String(before.headers['etag']);
    await project.owner.request('POST', `/api/projects/${project.projectId}/keys/rotate`, {});
    await bootstrap(there, project.key);
    expect((await pull(there, project.key, known)).status).toBe(200);

    const now = String((await pull(there, project.key)).headers['etag']);
    await project.owner.request('PATCH', `/api/projects/${project.projectId}`, { default_on_empty: 'warn' });
    await expect.poll(async () => (await pull(there, project.key, now)).status).toBe(200);
    await project.owner.request('POST', `/api/projects/${project.projectId}/policies/withdraw`);
    await expect.poll(async () => (await pull(there, project.key, now)).status).toBe(404);
  });
});
