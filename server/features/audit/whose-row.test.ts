import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';
import { ownContext } from '../../kernel/activity.ts';
import { goMachineRow, hookRow } from './sent-rows.fixture.ts';

interface Project {
  id: string;
  public_id: string;
  key: string;
  testKey: string;
}

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let home: Tenant;
  let stranger: Tenant;
  let one: Project;
  let two: Project;
  beforeAll(async () => {
    appliance = await open();
    home = await openTenant(appliance, 'home');
    stranger = await openTenant(appliance, 'elsewhere');
    await home.owner.request('PATCH', `/api/orgs/${home.orgId}/settings`, { audit_redaction: 'full' });
  });
  beforeEach(async () => {
    one = await makeProject();
    two = await makeProject();
  });

  const makeProject = async (): Promise<Project> => {
    const name = randomUUID();
    const { id, public_id } = (await home.owner.request('POST', `/api/orgs/${home.orgId}/projects`, { name })).body;
    const keys = `/api/projects/${id}/api-keys`;
    const live = await home.owner.request('POST', keys, { name, scopes: ['read'] });
    const test = await home.owner.request('POST', keys, { name: `${name} test`, scopes: ['read'], mode: 'test' });
    return { id, public_id, key: live.body.key, testKey: test.body.key };
  };
  const send = async (bearer: string, ...entries: unknown[]) =>
    (await appliance.request('POST', '/v1/sdk/audit', { body: { entries }, bearer })).body;
  const logs = async (project: Project, query = '') =>
    (await home.owner.request('GET', `/api/projects/${project.id}/logs${query}`)).body.logs;

  it('counts both ids of a project as its own', async () => {
    await send(one.key, hookRow({ project_id: one.id }), hookRow({ id: '2', project_id: one.public_id }));
    expect((await logs(one)).map((entry: { foreign_project_id: unknown }) => entry.foreign_project_id)).toEqual([
      null,
      null,
    ]);
  });

  it("stores a sibling project's row under the project of the key, marked", async () => {
    expect(await send(one.key, hookRow({ project_id: two.public_id }))).toMatchObject({ accepted: 1 });
    expect(await logs(two)).toEqual([]);
    expect(await logs(one)).toMatchObject([{ foreign_project_id: two.id, project_id: one.id, has_payload: true }]);
    expect(await logs(one, '?foreign=false')).toEqual([]);
    expect(await logs(one, '?foreign=true')).toHaveLength(1);
  });

  it('knows a row again that its own project has already', async () => {
    const row = hookRow({ project_id: two.id });
    await send(two.key, row);
    expect(await send(one.key, row)).toMatchObject({ accepted: 0, dropped: 1 });
    expect(await send(one.key, { ...row, decision: 'allow' })).toMatchObject({ accepted: 0, rejected: 1 });
    expect(await logs(one)).toEqual([]);
  });

  it("keeps only the decision of a row that names another organization's project, or none", async () => {
    for (const [index, claim] of [stranger.projectId, 'proj-1', 17].entries()) {
      const row = hookRow({ id: `s${index}`, project_id: claim, args: { secret: 'canary' }, unknown: 5 });
      expect(await send(one.key, row)).toMatchObject({ accepted: 1 });
    }
    const shown = await logs(one);
    expect(shown).toHaveLength(3);
    for (const entry of shown) {
      expect(entry).toMatchObject({ decision: 'deny', has_payload: false, withheld: {}, other: {} });
      expect(JSON.stringify(entry)).not.toContain('canary');
      expect(entry.foreign_project_id).not.toBeNull();
    }
    const theirs = await stranger.owner.request('GET', `/api/projects/${stranger.projectId}/logs`);
    expect(theirs.body.logs).toEqual([]);
  });

  it('marks what test keys deliver', async () => {
    await send(one.testKey, hookRow());
    expect(await logs(one, '?test=true')).toMatchObject([{ is_test: true }]);
    expect(await logs(one, '?test=false')).toEqual([]);
  });

  it('keeps who asked and the trace as the request claims them', async () => {
    const headers = {
      'x-cz-requestor-email': 'ada@example.com',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    };
    const body = { entries: [hookRow()] };
    await appliance.request('POST', '/v1/sdk/audit', { body, bearer: one.key, headers });
    expect(await logs(one, '?user=ada@example.com')).toMatchObject([
      {
        user_email: 'ada@example.com',
        requestor_email: 'ada@example.com',
        trace_id: '0af7651916cd43dd8448eb211c80319c',
      },
    ]);
  });

  it('believes a machine which project of its organization a row belongs to', async () => {
    const machine = { kind: 'machine' as const, machineId: 'm1', orgId: home.orgId, projectId: one.id };
    const context = ownContext(appliance.kernel, machine, 'test');
    const rows = [
      goMachineRow(),
      goMachineRow({ id: '2', project_id: two.public_id }),
      goMachineRow({ id: '3', project_id: stranger.projectId }),
    ];
    const body = Buffer.from(JSON.stringify({ entries: rows }));
    const result = await appliance.services.audit.ingest.ingest(context, { body, skewMs: -90_000 });
    expect(result).toMatchObject({ accepted: 3, guardedCalls: 2 });
    expect(await logs(one)).toMatchObject([
      { id: '3', foreign_project_id: stranger.projectId },
      { id: goMachineRow()['id'], machine_id: 'm1', key_id: null, clock_skew_ms: -90_000 },
    ]);
    expect(await logs(two)).toMatchObject([{ id: '2', foreign_project_id: null, machine_id: 'm1' }]);
  });
});
