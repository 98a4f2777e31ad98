import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';
import { openPolicyWorld, type PolicyWorld } from './policy-world.fixture.ts';

const document = (...patterns: string[]) => ({ version: '1', rules: patterns.map((pattern) => ({ deny: pattern })) });

describeEachAppliance((open) => {
  const clock: ManualClock = manualClock();
  let world: PolicyWorld;
  let projectId: string;
  let base: string;
  let url: string;

  beforeAll(async () => {
    world = await openPolicyWorld(await open({ clock }));
  });
  beforeEach(async () => {
    projectId = await world.newProject();
    base = `/api/projects/${projectId}/policies`;
    const created = await world.ask(world.admin, 'POST', base, { name: 'guards', document: document('Bash:rm') });
    url = `${base}/${created.body.id}`;
  });

  const change = async (body: object) => (await world.ask(world.admin, 'PATCH', url, body)).body;
  const rules = () => world.rulesOf(projectId);
  const readers = async (path: string) => {
    const { analyst, foreign, home } = world;
    expect((await world.ask(null, 'GET', path)).status).toBe(401);
    expect((await world.ask(home.key, 'GET', path)).status).toBe(401);
    expect((await world.ask(foreign.owner, 'GET', path)).status).toBe(403);
    const elsewhere = path.replace(projectId, foreign.projectId);
    expect((await world.ask(foreign.owner, 'GET', elsewhere)).status).toBe(404);
    return world.ask(analyst, 'GET', path);
  };

  it('lists versions with author, note and state, newest first and in pages', async () => {
    clock.advance(1000);
    await change({ document: document('Bash:dd'), note: 'disks' });
    await change({ document: document('Bash:curl'), status: 'draft' });
    const { body } = await readers(`${url}/versions`);
    expect(body.next_cursor).toBeNull();
    expect(body.versions).toMatchObject([
      { version: 3, state: 'draft', live: false, published_at: null },
      {
        version: 2,
        state: 'published',
        live: true,
        note: 'disks',
        author: { label: world.admin.email },
        rule_count: 1,
      },
      { version: 1, state: 'published', live: false },
    ]);
    const first = (await world.ask(world.member, 'GET', `${url}/versions?limit=2`)).body;
    const rest = (await world.ask(world.member, 'GET', `${url}/versions?limit=2&cursor=${first.next_cursor}`)).body;
    expect([...first.versions, ...rest.versions]).toEqual(body.versions);
    const one = await readers(`${url}/versions/2`);
    expect(one.body).toMatchObject({ version: 2, document: { rules: [{ effect: 'deny', actions: ['Bash:dd'] }] } });
    expect((await world.ask(world.admin, 'GET', `${url}/versions/9`)).status).toBe(404);
    expect((await world.ask(world.admin, 'GET', `${url}/versions/x`)).status).toBe(400);
  });

  it('shows what changed between versions', async () => {
    await change({ document: { ...document('Bash:rm', 'Bash:dd'), settings: { default_action: 'deny' } } });
    const { body } = await readers(`${url}/diff?from=1&to=2`);
    expect(body).toMatchObject({
      from: 1,
      to: 2,
      identical: false,
      rules: [{ kind: 'added', before: null, after: 1, rule: { actions: ['Bash:dd'] } }],
      settings: [{ name: 'default_action', before: null, after: 'deny', direction: 'stricter' }],
      dlp_rules: [],
    });
    expect(body.text).toContain('+  - deny: Bash:dd');
    expect((await world.ask(world.admin, 'GET', `${url}/diff`)).body).toEqual(body);
    await change({ document: document('Bash:curl'), status: 'draft' });
    expect((await world.ask(world.admin, 'GET', `${url}/diff`)).body).toMatchObject({ from: 2, to: 3 });
    const same = (await world.ask(world.admin, 'GET', `${url}/diff?from=2&to=2`)).body;
    expect(same).toMatchObject({ identical: true, rules: [], text: '' });
    expect((await world.ask(world.admin, 'GET', `${url}/diff?from=8`)).status).toBe(404);
  });

  it('rolls back to the version that was in force before, or to any other, as a new version', async () => {
    await change({ document: document('Bash:dd') });
    await change({ document: document('Bash:curl'), status: 'draft' });
    await change({ document: document('Bash:ssh') });
    const path = `${url}/rollback`;
    expect((await world.ask(null, 'POST', path)).status).toBe(401);
    expect((await world.ask(world.analyst, 'POST', path)).status).toBe(403);
    expect((await world.ask(world.foreign.owner, 'POST', path)).status).toBe(403);
    expect((await world.ask(world.admin, 'POST', path, { version: 0 })).status).toBe(400);
    expect((await world.ask(world.admin, 'POST', path, { version: 9 })).status).toBe(404);
    expect((await world.ask(world.admin, 'POST', path, { if_version: 1 })).status).toBe(409);
    expect(await rules()).toEqual(['deny Bash:ssh']);

    const back = await world.ask(world.admin, 'POST', path);
    expect(back.body).toMatchObject({ version: 5, live_version: 5, document: { rules: [{ actions: ['Bash:dd'] }] } });
    expect(await rules()).toEqual(['deny Bash:dd']);
    const first = await world.ask(world.admin, 'POST', path, { version: 1, note: 'too strict' });
    expect(first.body).toMatchObject({ version: 6, live_version: 6 });
    expect(await rules()).toEqual(['deny Bash:rm']);
    const again = await world.ask(world.admin, 'POST', path, { version: 1 });
    expect(again.body).toMatchObject({ version: 6, bundle: null });
    const { versions } = (await world.ask(world.admin, 'GET', `${url}/versions`)).body;
    expect(versions[0]).toMatchObject({ version: 6, note: 'too strict', live: true });
    expect(versions[1]).toMatchObject({ note: 'Version 2 again' });
  });

  it('has nothing to roll back to when only one version was ever in force', async () => {
    expect((await world.ask(world.admin, 'POST', `${url}/rollback`, {})).status).toBe(404);
    expect(await rules()).toEqual(['deny Bash:rm']);
  });

  it('keeps comments and layout of a text without making a version of them', async () => {
    const yaml = "# why: see the handbook\nversion: '1'\nrules:\n  - deny: Bash:rm\n";
    expect(await change({ yaml })).toMatchObject({ version: 1, bundle: null });
    const detail = await readers(url);
    expect(detail.body).toMatchObject({ version: 1, source: { format: 'yaml', text: yaml } });
  });

  it('judges a document without saving it', async () => {
    const path = `${base}/validate`;
    const body = {
      yaml: "version: '1'\nrules:\n  - deny: bahs:rm\n  - allow: llm:generate\n    when: { model: gpt-* }\n",
    };
    expect((await world.ask(null, 'POST', path, body)).status).toBe(401);
    expect((await world.ask(world.foreign.owner, 'POST', path, body)).status).toBe(403);
    expect((await world.ask(world.member, 'POST', path, {})).status).toBe(400);
    const answer = await world.ask(world.member, 'POST', path, body);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      valid: true,
      errors: 0,
      document: { version: '1' },
      older_sdks: { adds_version_floor: true, rules: [{ rule_index: 1, kind: 'widened', causes: ['conditions'] }] },
    });
    const [misspelt] = answer.body.problems;
    expect(misspelt).toMatchObject({ severity: 'warning', code: 'unknown_action', suggestion: 'Bash', line: 3 });
    expect(answer.body.yaml).toContain('deny: bahs:rm');
    const bad = await world.ask(world.member, 'POST', path, { document: { version: '2', rules: [] } });
    expect(bad.body).toMatchObject({ valid: false, document: null, yaml: null });
    expect(bad.body.errors).toBeGreaterThan(1);
    expect(bad.body.problems[0].path).toMatch(/^\/document/);
    expect((await world.ask(world.admin, 'GET', base)).body.policies).toHaveLength(1);
  });
});
