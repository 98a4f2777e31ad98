import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import { manualClock } from '../../kernel/clock.ts';
import { openPolicyWorld, type PolicyWorld } from './policy-world.fixture.ts';

const DOCUMENT = { version: '1', rules: [{ deny: 'Bash:rm' }] };
const url = '/v1/policies';

describeEachAppliance((open) => {
  let world: PolicyWorld;
  let projectId: string;
  let reader: string;
  let writer: string;

  beforeAll(async () => {
    world = await openPolicyWorld(await open({ clock: manualClock() }));
  });
  beforeEach(async () => {
    projectId = await world.newProject();
    reader = await world.newKey(projectId, ['read']);
    writer = await world.newKey(projectId, ['read', 'write']);
  });

  const list = async () => (await world.ask(reader, 'GET', url)).body.policies;

  it('takes a policy document with an API key and brings it into force in the project of the key', async () => {
    const wrong = `cz_live_${'0'.repeat(64)}`;
    for (const caller of [null, wrong]) expect((await world.ask(caller, 'POST', url, DOCUMENT)).status).toBe(401);
    const scope = await world.ask(reader, 'POST', url, DOCUMENT);
    expect([scope.status, scope.body.reason]).toEqual([403, 'insufficient_scope']);
    expect((await world.ask(writer, 'POST', url, {})).status).toBe(400);
    const misspelt = await world.ask(writer, 'POST', url, { ...DOCUMENT, ruels: [] });
    expect(misspelt.status).toBe(422);
    expect(misspelt.body.details[0]).toMatchObject({ path: '/ruels', suggestion: 'rules' });
    expect(await list()).toEqual([]);

    const created = await world.ask(writer, 'POST', url, { name: 'guards', ...DOCUMENT });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ project_id: projectId, name: 'guards', status: 'live', live_version: 1 });
    expect(await world.rulesOf(projectId)).toEqual(['deny Bash:rm']);
    expect(await list()).toMatchObject([{ id: created.body.id }]);
    const { versions } = (
      await world.ask(world.admin, 'GET', `/api/projects/${projectId}/policies/${created.body.id}/versions`)
    ).body;
    expect(versions[0].author.label).toMatch(/^api-key:/);
  });

  it('changes and deletes what belongs to the project of the key, and nothing else', async () => {
    const { id } = (await world.ask(writer, 'POST', url, { name: 'guards', ...DOCUMENT })).body;
    const patch = { rules: [{ deny: 'Bash:dd' }], if_version: 1 };
    expect((await world.ask(null, 'PATCH', `${url}/${id}`, patch)).status).toBe(401);
    expect((await world.ask(reader, 'PATCH', `${url}/${id}`, patch)).status).toBe(403);
    expect((await world.ask(world.foreign.key, 'PATCH', `${url}/${id}`, patch)).status).toBe(404);
    expect((await world.ask(world.home.key, 'DELETE', `${url}/${id}`)).status).toBe(404);
    expect((await world.ask(reader, 'GET', `${url}/${id}`)).body).toMatchObject({ version: 1 });

    const changed = await world.ask(writer, 'PATCH', `${url}/${id}`, patch);
    expect(changed.body).toMatchObject({ version: 2, live_version: 2 });
    expect(await world.rulesOf(projectId)).toEqual(['deny Bash:dd']);
    const removed = await world.ask(writer, 'DELETE', `${url}/${id}`);
    expect(removed.body).toMatchObject({ deleted: true, effect_on_unmatched: { after: 'observe' } });
    expect((await world.ask(writer, 'DELETE', `${url}/${id}`)).status).toBe(404);
    expect(await list()).toEqual([]);
  });

  it('shows policies of the organization that the project uses, and does not let a key change them', async () => {
    const ofOrg = `/api/orgs/${world.home.orgId}/policies`;
    const { id } = (await world.ask(world.admin, 'POST', ofOrg, { name: projectId, document: DOCUMENT })).body;
    expect((await world.ask(reader, 'GET', `${url}/${id}`)).status).toBe(404);
    await world.ask(world.admin, 'POST', `${ofOrg}/${id}/assign`, { project_ids: [projectId] });
    expect(await list()).toMatchObject([{ id, scope: 'org' }]);
    const refused = await world.ask(writer, 'DELETE', `${url}/${id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'ORG_POLICY']);
  });
});
