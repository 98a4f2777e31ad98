import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import { manualClock } from '../../kernel/clock.ts';
import { openPolicyWorld, type PolicyWorld } from './policy-world.fixture.ts';

const PLAIN = { version: '1', rules: [{ deny: 'Bash:rm' }] };
const FLOORED = { version: '1', rules: [{ id: 'dev', allow: 'database:read', when: { env: 'dev' } }] };
const WIDENED = { version: '1', rules: [{ id: 'agents', deny: 'Bash:rm', clients: ['claude_code'] }] };

describeEachAppliance((open) => {
  let world: PolicyWorld;
  let projectId: string;
  let base: string;

  beforeAll(async () => {
    world = await openPolicyWorld(await open({ clock: manualClock() }));
  });
  beforeEach(async () => {
    projectId = await world.newProject();
    base = `/api/projects/${projectId}/policies`;
  });

  const seeBoth = () => {
    world.see(projectId, 'go_sdk', '1.7.6');
    world.see(projectId, 'python_sdk', '1.13.16');
  };
  const admin = (method: string, url: string, body?: unknown) => world.ask(world.admin, method, url, body);

  it('refuses a version floor that SDKs in use would trip over, unless that is accepted', async () => {
    seeBoth();
    const refused = await admin('POST', base, { name: 'dev', document: FLOORED });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      code: 'OLDER_SDK_IMPACT',
      project_id: projectId,
      adds_version_floor: true,
      min_sdk_version: '1.13.0',
      sdks: [{ name: 'go_sdk', version: '1.7.6' }],
      rules: [{ policy_name: 'dev', rule_index: 0, rule_id: 'dev', kind: 'widened', causes: ['conditions'] }],
    });
    expect(refused.body.error).toContain('accept_older_sdk_impact');
    expect((await admin('GET', base)).body.policies).toEqual([]);
    expect(await world.rulesOf(projectId)).toEqual(['allow *']);

    const accepted = await admin('POST', base, { name: 'dev', document: FLOORED, accept_older_sdk_impact: true });
    expect(accepted.status).toBe(201);
    const more = { ...FLOORED, rules: [...FLOORED.rules, { allow: 'llm:*', when: { model: 'gpt-4o' } }] };
    expect((await admin('PATCH', `${base}/${accepted.body.id}`, { document: more })).status).toBe(200);
  });

  it('refuses a deny that SDKs in use would widen or miss', async () => {
    seeBoth();
    const { id } = (await admin('POST', base, { name: 'guards', document: PLAIN })).body;
    const refused = await admin('PATCH', `${base}/${id}`, { document: WIDENED });
    expect([refused.status, refused.body.code]).toEqual([409, 'OLDER_SDK_IMPACT']);
    expect(refused.body).toMatchObject({ adds_version_floor: false, min_sdk_version: null });
    expect(await world.rulesOf(projectId)).toEqual(['deny Bash:rm']);
    expect((await admin('PATCH', `${base}/${id}`, { document: WIDENED, status: 'draft' })).status).toBe(200);
    expect((await admin('POST', `${base}/${id}/publish`)).status).toBe(409);
    expect((await admin('GET', `${base}/${id}`)).body).toMatchObject({ live_version: 1, has_draft: true });
    expect((await admin('POST', `${base}/${id}/publish`, { accept_older_sdk_impact: true })).status).toBe(200);
    expect((await admin('PATCH', `${base}/${id}`, { priority: 7 })).status).toBe(200);
  });

  it('asks nothing when only SDKs were seen that enforce everything, or none', async () => {
    expect((await admin('POST', base, { name: 'a', document: WIDENED })).status).toBe(201);
    world.see(projectId, 'python_sdk', '1.13.16');
    expect((await admin('POST', base, { name: 'b', document: FLOORED })).status).toBe(201);
  });

  it('counts an SDK that does not say its version as an old one', async () => {
    world.see(projectId, 'unknown', 'unknown');
    expect((await admin('POST', base, { name: 'a', document: FLOORED })).status).toBe(409);
  });

  it('loses no change when two people save at once', async () => {
    const { id } = (await admin('POST', base, { name: 'guards', document: PLAIN })).body;
    const url = `${base}/${id}`;
    const documents = ['Bash:dd', 'Bash:curl', 'Bash:ssh'].map((pattern) => ({
      version: '1',
      rules: [{ deny: pattern }],
    }));
    const guarded = await Promise.all(documents.map((document) => admin('PATCH', url, { document, if_version: 1 })));
    expect(guarded.map((answer) => answer.status).sort()).toEqual([200, 409, 409]);
    const winner = guarded.findIndex((answer) => answer.status === 200);
    expect(await world.rulesOf(projectId)).toEqual([`deny ${documents[winner]!.rules[0]!.deny}`]);

    const both = await Promise.all([
      admin('PATCH', url, { priority: 250 }),
      admin('PATCH', url, { description: 'For agents' }),
      admin('PATCH', url, { document: { version: '1', rules: [{ deny: 'Bash:nc' }] } }),
    ]);
    expect(both.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect((await admin('GET', url)).body).toMatchObject({ priority: 250, description: 'For agents', version: 3 });
    expect(await world.rulesOf(projectId)).toEqual(['deny Bash:nc']);

    const twins = await Promise.all([1, 2].map(() => admin('POST', base, { name: 'twin', document: PLAIN })));
    expect(twins.map((answer) => answer.status).sort()).toEqual([201, 409]);
  });
});
