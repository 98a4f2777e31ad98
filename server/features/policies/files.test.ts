import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import { activityOf } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { locateRule } from './bundle-source.ts';
import { openPolicyWorld, type PolicyWorld } from './policy-world.fixture.ts';

const YAML = "version: '1'\nrules:\n  # disks\n  - id: no-dd\n    deny: Bash:dd\n";

describeEachAppliance((open) => {
  let world: PolicyWorld;
  let projectId: string;
  let number = 0;

  beforeAll(async () => {
    world = await openPolicyWorld(await open({ clock: manualClock() }));
  });
  beforeEach(async () => {
    number += 1;
    projectId = await world.newProject();
  });

  const operate = (method: string, path: string, body?: unknown) =>
    world.appliance.operate(method, `/operator${path}`, body);
  const apply = (body: object) => operate('POST', `/projects/${projectId}/policies/apply`, body);

  it('applies a file by its name: created, unchanged, changed', async () => {
    expect((await apply({ yaml: YAML })).status).toBe(400);
    expect((await apply({ name: 'disks' })).status).toBe(400);
    expect((await apply({ name: 'disks', yaml: 'rules: [' })).status).toBe(400);
    expect(
      (await operate('POST', `/projects/${world.home.orgId}/policies/apply`, { name: 'x', yaml: YAML })).status,
    ).toBe(404);
    expect(await world.rulesOf(projectId)).toEqual(['allow *']);

    const created = await apply({ name: 'disks', yaml: YAML });
    expect(created.body).toMatchObject({ outcome: 'created', version: 1, live_version: 1 });
    const etag = await world.etagOf(projectId);
    const again = await apply({ name: 'disks', yaml: YAML });
    expect(again.body).toMatchObject({ outcome: 'unchanged', id: created.body.id, version: 1, bundle: null });
    expect(await world.etagOf(projectId)).toBe(etag);
    const changed = await apply({ name: 'disks', yaml: YAML.replace('dd', 'mkfs'), priority: 7 });
    expect(changed.body).toMatchObject({ outcome: 'changed', version: 2, live_version: 2, priority: 7 });
    const bare = { name: 'disks', rules: [{ deny: 'Bash:dd' }] };
    await apply({ ...bare, settings: { default_action: 'deny' } });
    expect((await apply(bare)).body.document.settings).toBeUndefined();
    const { policies } = (await operate('GET', `/projects/${projectId}/policies`)).body;
    expect(policies).toMatchObject([{ name: 'disks', version: 4 }]);
    const records = (await activityOf(world.appliance, 'policy.apply')).filter((row) => row.project_id === projectId);
    expect(records.map((row) => row.actor_kind)).toEqual(Array(5).fill('operator'));
  });

  it('applies, lists and judges policies of an organization and runs test cases', async () => {
    const orgUrl = `/orgs/${world.home.orgId}/policies`;
    const created = await operate('POST', `${orgUrl}/apply`, { name: `disks ${number}`, yaml: YAML });
    expect(created.body).toMatchObject({ outcome: 'created', scope: 'org', projects: [] });
    const unknown = await operate('POST', `/orgs/${projectId}/policies/apply`, { name: 'x', yaml: YAML });
    expect(unknown.status).toBe(404);
    const listed = (await operate('GET', `${orgUrl}?limit=100`)).body.policies;
    expect(listed.map((policy: { id: string }) => policy.id)).toContain(created.body.id);
    const judged = await operate('POST', `/projects/${projectId}/policies/validate`, {
      yaml: `${YAML}  - deny: bahs:x\n`,
    });
    expect(judged.body).toMatchObject({ valid: true, warnings: 1, problems: [{ line: 6, suggestion: 'Bash' }] });
    const calls = [
      { tool: 'Bash:dd', expect: 'deny' },
      { tool: 'Bash:ls', expect: 'allow' },
    ];
    const tested = await operate('POST', `/projects/${projectId}/policies/simulate`, { calls, yaml: YAML });
    expect(tested.body).toMatchObject({ passed: 1, failed: 1, results: [{ passed: true }, { passed: false }] });
  });

  it('publishes the drafts of a project with its bundle, and asks about older SDKs first', async () => {
    const base = `/api/projects/${projectId}/policies`;
    const admin = (method: string, url: string, body?: unknown) => world.ask(world.admin, method, url, body);
    const first = await admin('POST', base, { name: 'a', status: 'draft', yaml: YAML });
    expect(first.body).toMatchObject({ status: 'draft', live_version: null, bundle: null, effect_on_unmatched: null });
    const second = await admin('POST', base, { name: 'b', rules: [{ deny: 'Bash:rm' }] });
    await admin('PATCH', `${base}/${second.body.id}`, {
      rules: [{ allow: 'llm:*', when: { model: 'x' } }],
      status: 'draft',
    });
    const archived = await admin('POST', base, { name: 'c', rules: [{ deny: 'Bash:nc' }] });
    await admin('PATCH', `${base}/${archived.body.id}`, { status: 'archived' });
    expect(await world.rulesOf(projectId)).toEqual(['deny Bash:rm']);

    world.see(projectId, 'go_sdk', '1.7.6');
    const refused = await admin('POST', `${base}/bundle`, {});
    expect([refused.status, refused.body.code]).toEqual([409, 'OLDER_SDK_IMPACT']);
    expect(await world.rulesOf(projectId)).toEqual(['deny Bash:rm']);
    const published = await admin('POST', `${base}/bundle`, { accept_older_sdk_impact: true });
    expect(published.status).toBe(200);
    expect(await world.rulesOf(projectId)).toEqual(['deny Bash:dd', 'allow llm:*']);
    const { policies } = (await admin('GET', `${base}?status=live`)).body;
    expect(policies).toMatchObject([
      { name: 'a', live_version: 1, has_draft: false },
      { name: 'b', live_version: 2, has_draft: false },
    ]);
    expect((await admin('GET', `${base}?status=archived`)).body.policies).toMatchObject([
      { name: 'c', has_draft: false },
    ]);
  });

  it('repeats the answer to a create with the same Idempotency-Key', async () => {
    const request = () =>
      world.appliance.request('POST', '/v1/policies', {
        bearer: world.home.key,
        headers: { 'idempotency-key': `once-${number}` },
        body: { name: `once ${number}`, rules: [{ deny: 'Bash:rm' }] },
      });
    const [first, again] = [await request(), await request()];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.id).toBe(first.body.id);
  });

  it('names policy, line and column of a rule for whoever cannot deliver it', async () => {
    const { policy } = await created();
    const { state } = world.appliance.kernel.databases;
    const place = await locateRule(state.read, policy, 1, 0);
    expect(place).toEqual({ policyName: 'disks', line: 4, column: 5 });
    expect(await locateRule(state.read, policy, 9, 0)).toBeNull();
    await world.ask(world.admin, 'DELETE', `/api/projects/${projectId}/policies/${policy}`);
    expect(await locateRule(state.read, policy, 1, 0)).toMatchObject({ policyName: 'disks' });
  });

  it('goes with its project', async () => {
    const { policy } = await created();
    const { name } = (await world.home.owner.request('GET', `/api/projects/${projectId}`)).body;
    await world.home.owner.request('DELETE', `/api/projects/${projectId}?confirm=${encodeURIComponent(name)}`);
    const rows = await world.appliance.kernel.databases.state.read
      .selectFrom('policy_versions')
      .select('version')
      .where('policy_id', '=', policy)
      .execute();
    expect(rows).toEqual([]);
  });

  const created = async () => {
    const { body } = await apply({ name: 'disks', yaml: YAML });
    return { policy: body.id as string };
  };
});
