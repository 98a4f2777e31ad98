import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import { activityOf } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { openPolicyWorld, type PolicyWorld } from './policy-world.fixture.ts';

const DOCUMENT = { version: '1', rules: [{ deny: 'Bash:rm' }] };
const OTHER = { version: '1', rules: [{ deny: 'Bash:dd' }] };

describeEachAppliance((open) => {
  let world: PolicyWorld;
  let base: string;
  let first: string;
  let second: string;
  let policyId: string;
  let number = 0;

  beforeAll(async () => {
    world = await openPolicyWorld(await open({ clock: manualClock() }));
    base = `/api/orgs/${world.home.orgId}/policies`;
  });
  beforeEach(async () => {
    number += 1;
    [first, second] = [await world.newProject(), await world.newProject()];
    const created = await world.ask(world.admin, 'POST', base, { name: `baseline ${number}`, document: DOCUMENT });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ project_id: null, scope: 'org', status: 'live', bundle: null, projects: [] });
    policyId = created.body.id;
  });

  const admin = (method: string, url: string, body?: unknown) => world.ask(world.admin, method, url, body);
  const rules = (projectId: string) => world.rulesOf(projectId);
  const assign = (projectId: string, verb = 'assign') =>
    admin('POST', `/api/projects/${projectId}/policies/${verb}`, { policy_id: policyId });

  it('is in force in the projects that use it and nowhere else', async () => {
    const url = `/api/projects/${first}/policies/assign`;
    const body = { policy_id: policyId };
    expect((await world.ask(null, 'POST', url, body)).status).toBe(401);
    expect((await world.ask(world.analyst, 'POST', url, body)).status).toBe(403);
    expect((await world.ask(world.foreign.owner, 'POST', url, body)).status).toBe(403);
    const theirs = `/api/projects/${world.foreign.projectId}/policies/assign`;
    expect((await world.ask(world.foreign.owner, 'POST', theirs, body)).status).toBe(404);
    expect((await admin('POST', url, {})).status).toBe(400);
    expect((await admin('POST', url, { policy_id: first })).status).toBe(404);
    expect(await rules(first)).toEqual(['allow *']);

    const assigned = await admin('POST', url, body);
    expect(assigned.body).toMatchObject({
      id: policyId,
      assigned_project_ids: [first],
      effect_on_unmatched: { before: 'observe', after: 'deny' },
      projects: [{ project_id: first }],
    });
    expect(assigned.body.bundle.etag).toBe(await world.etagOf(first));
    expect(await rules(first)).toEqual(['deny Bash:rm']);
    expect(await rules(second)).toEqual(['allow *']);
    expect((await admin('POST', url, body)).body).toMatchObject({ assigned_project_ids: [first], bundle: null });
    expect((await admin('GET', `/api/projects/${first}/policies`)).body.policies).toMatchObject([{ id: policyId }]);
    expect((await admin('GET', `/api/projects/${second}/policies`)).body.policies).toEqual([]);
    expect((await admin('GET', `/api/projects/${second}/policies/${policyId}`)).status).toBe(404);

    const own = await admin('PATCH', `/api/projects/${first}/policies/${policyId}`, { priority: 1 });
    expect([own.status, own.body.code]).toEqual([409, 'ORG_POLICY']);
    expect(own.body.error).toContain(`/api/orgs/${world.home.orgId}/policies/${policyId}`);

    const gone = await assign(first, 'unassign');
    expect(gone.body).toMatchObject({ assigned_project_ids: [], effect_on_unmatched: { after: 'observe' } });
    expect(await rules(first)).toEqual(['allow *']);
    expect((await assign(first, 'unassign')).body).toMatchObject({ bundle: null });
  });

  it('changes every project that uses it in one go, or none', async () => {
    await assign(first);
    const url = `${base}/${policyId}`;
    expect((await world.ask(world.analyst, 'PATCH', url, { document: OTHER })).status).toBe(403);
    expect((await world.ask(world.foreign.owner, 'PATCH', url, { document: OTHER })).status).toBe(403);
    const theirs = `/api/orgs/${world.foreign.orgId}/policies/${policyId}`;
    expect((await world.ask(world.foreign.owner, 'PATCH', theirs, { document: OTHER })).status).toBe(404);

    const many = await admin('POST', `${url}/assign`, { project_ids: [second, first] });
    expect(many.body.assigned_project_ids).toEqual([first, second].sort());
    expect(many.body.projects).toMatchObject([{ project_id: second }]);
    const changed = await admin('PATCH', url, { document: OTHER });
    expect(changed.body.projects.map((each: { project_id: string }) => each.project_id)).toEqual(
      [first, second].sort(),
    );
    expect([await rules(first), await rules(second)]).toEqual([['deny Bash:dd'], ['deny Bash:dd']]);

    const failed = await world.withoutBuildsOf(second, () => admin('PATCH', url, { document: DOCUMENT }));
    expect(failed.status).toBe(422);
    expect((await admin('GET', url)).body).toMatchObject({ version: 2, live_version: 2 });
    expect([await rules(first), await rules(second)]).toEqual([['deny Bash:dd'], ['deny Bash:dd']]);

    const alien = await admin('POST', `${url}/assign`, { project_ids: [first, world.foreign.projectId] });
    expect(alien.status).toBe(404);
    const back = await admin('POST', `${url}/rollback`);
    expect(back.body.projects).toHaveLength(2);
    expect([await rules(first), await rules(second)]).toEqual([['deny Bash:rm'], ['deny Bash:rm']]);
    const removed = await admin('DELETE', url);
    expect(removed.body).toMatchObject({ deleted: true, bundle: null });
    expect(removed.body.projects).toMatchObject([
      { effect_on_unmatched: { before: 'deny', after: 'observe' } },
      { effect_on_unmatched: { before: 'deny', after: 'observe' } },
    ]);
    expect([await rules(first), await rules(second)]).toEqual([['allow *'], ['allow *']]);
    const record = (await activityOf(world.appliance, 'policy.delete')).find((row) => row.target_id === policyId);
    expect(record).toMatchObject({ org_id: world.home.orgId, project_id: null });
    expect(JSON.parse(record!.details).effect_on_unmatched).toHaveLength(2);
  });

  it('comes before policies of the project with the same priority, and resolves its project selectors there', async () => {
    await admin('POST', `/api/projects/${first}/policies`, { name: 'own', document: OTHER });
    const name = (await world.home.owner.request('GET', `/api/projects/${first}`)).body.name;
    const rule = { deny: 'Bash:curl', projects: [name] };
    await admin('PATCH', `${base}/${policyId}`, { document: { version: '1', rules: [...DOCUMENT.rules, rule] } });
    await admin('POST', `${base}/${policyId}/assign`, { project_ids: [first, second] });
    expect(await rules(first)).toEqual(['deny Bash:rm', 'deny Bash:curl', 'deny Bash:dd']);
    expect(await rules(second)).toEqual(['deny Bash:rm']);
    const names = async (scope: string) =>
      (await admin('GET', `/api/projects/${first}/policies?scope=${scope}`)).body.policies.map(
        (policy: { name: string }) => policy.name,
      );
    expect([await names('org'), await names('project')]).toEqual([[`baseline ${number}`], ['own']]);
  });

  it('lists the policies of all projects and of the organization itself', async () => {
    const own = (await admin('POST', `/api/projects/${first}/policies`, { name: 'own', document: OTHER })).body;
    expect((await world.ask(null, 'GET', base)).status).toBe(401);
    expect((await world.ask(world.foreign.owner, 'GET', base)).status).toBe(403);
    const all = (await world.ask(world.member, 'GET', `${base}?limit=100`)).body.policies;
    const ids = all.map((policy: { id: string }) => policy.id);
    expect(ids).toContain(own.id);
    expect(ids).toContain(policyId);
    const ofOrg = (await admin('GET', `${base}?scope=org&status=live&limit=100`)).body.policies;
    expect(ofOrg.every((policy: { project_id: null }) => policy.project_id === null)).toBe(true);
    const refused = await admin('PATCH', `${base}/${own.id}`, { priority: 2 });
    expect([refused.status, refused.body.code]).toEqual([409, 'PROJECT_POLICY']);
    const misplaced = await admin('POST', `${base}/${own.id}/assign`, { project_ids: [second] });
    expect([misplaced.status, misplaced.body.code]).toEqual([409, 'PROJECT_POLICY']);
  });
});
