import { beforeAll, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import { activityOf } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { openPolicyWorld, type PolicyWorld } from '../policies/policy-world.fixture.ts';

describeEachAppliance((open) => {
  let world: PolicyWorld;
  let url: string;
  let projectId: string;

  beforeAll(async () => {
    world = await openPolicyWorld(await open({ clock: manualClock() }));
    projectId = world.home.projectId;
    url = `/api/projects/${projectId}/tools`;
  });

  const list = async () => (await world.ask(world.member, 'GET', url)).body.tools;

  it('registers, changes and removes tools of a project', async () => {
    const body = { name: 'send_email', description: 'Mail to customers', methods: ['send'] };
    expect((await world.ask(null, 'POST', url, body)).status).toBe(401);
    expect((await world.ask(world.home.key, 'POST', url, body)).status).toBe(401);
    expect((await world.ask(world.analyst, 'POST', url, body)).status).toBe(403);
    expect((await world.ask(world.foreign.owner, 'POST', url, body)).status).toBe(403);
    for (const wrong of [
      {},
      { name: 'a:b' },
      { name: '*' },
      { name: 'x', methods: [''] },
      { ...body, extra: 1 },
      { name: 'a\u0000' },
      { ...body, description: '\u0000' },
    ]) {
      expect((await world.ask(world.admin, 'POST', url, wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
    expect(await list()).toEqual([]);

    const created = await world.ask(world.admin, 'POST', url, body);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ ...body, project_id: projectId });
    expect((await world.ask(world.admin, 'POST', url, body)).body.code).toBe('NAME_TAKEN');
    const one = `${url}/${created.body.id}`;
    const theirs = one.replace(projectId, world.foreign.projectId);
    expect((await world.ask(world.foreign.owner, 'PATCH', theirs, { name: 'x' })).status).toBe(404);
    expect((await world.ask(world.foreign.owner, 'DELETE', theirs)).status).toBe(404);
    expect((await world.ask(world.analyst, 'PATCH', one, { name: 'x' })).status).toBe(403);
    expect((await world.ask(world.admin, 'PATCH', one, {})).status).toBe(400);
    const changed = await world.ask(world.admin, 'PATCH', one, { methods: ['send', 'draft'] });
    expect(changed.body).toMatchObject({ name: 'send_email', methods: ['send', 'draft'] });
    const other = await world.ask(world.admin, 'POST', url, { name: 'notes' });
    expect((await world.ask(world.admin, 'PATCH', `${url}/${other.body.id}`, { name: 'send_email' })).status).toBe(409);
    expect((await list()).map((tool: { name: string }) => tool.name)).toEqual(['send_email', 'notes']);

    expect((await world.ask(world.admin, 'DELETE', `${url}/${other.body.id}`)).status).toBe(204);
    expect((await world.ask(world.admin, 'DELETE', `${url}/${other.body.id}`)).status).toBe(404);
    expect((await activityOf(world.appliance, 'tool.create')).map((row) => row.project_id)).toContain(projectId);
  });

  it('makes its names known to policies of the project and of the organization', async () => {
    await world.ask(world.admin, 'POST', url, { name: 'crm_lookup' });
    const body = { document: { version: '1', rules: [{ deny: 'crm_lookup:read' }] } };
    const codes = async (path: string) =>
      (await world.ask(world.member, 'POST', path, body)).body.problems.map(
        (problem: { code: string }) => problem.code,
      );
    expect(await codes(`/api/projects/${projectId}/policies/validate`)).toEqual([]);
    expect(await codes(`/api/orgs/${world.home.orgId}/policies/validate`)).toEqual([]);
    expect(await codes(`/api/projects/${await world.newProject()}/policies/validate`)).toEqual(['unknown_action']);
  });
});
