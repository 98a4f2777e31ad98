import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { Person } from '../../../test/people.ts';
import { activityOf, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { openPolicyWorld, type PolicyWorld } from './policy-world.fixture.ts';

const DOCUMENT = { version: '1', rules: [{ id: 'no-rm', deny: 'Bash:rm', reason: 'Never' }] };
const OTHER = { version: '1', rules: [{ allow: 'database:read' }] };

describeEachAppliance((open) => {
  let world: PolicyWorld;
  let home: Tenant;
  let foreign: Tenant;
  let admin: Person;
  let analyst: Person;
  let projectId: string;
  let base: string;

  beforeAll(async () => {
    world = await openPolicyWorld(await open({ clock: manualClock() }));
    ({ home, foreign, admin, analyst } = world);
  });
  beforeEach(async () => {
    projectId = await world.newProject();
    base = `/api/projects/${projectId}/policies`;
  });

  const ask: PolicyWorld['ask'] = (...request) => world.ask(...request);
  const list = async () => (await ask(admin, 'GET', base)).body.policies;
  const create = async (body: object) => {
    const answer = await ask(admin, 'POST', base, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body;
  };
  const rules = () => world.rulesOf(projectId);

  it('creates a policy that is in force at once', async () => {
    const body = { name: 'guards', document: DOCUMENT };
    expect((await ask(null, 'POST', base, body)).status).toBe(401);
    expect((await ask(home.key, 'POST', base, body)).status).toBe(401);
    expect((await ask(analyst, 'POST', base, body)).status).toBe(403);
    expect((await ask(foreign.owner, 'POST', base, body)).status).toBe(403);
    expect((await ask({ ...admin, csrf: 'wrong' }, 'POST', base, body)).status).toBe(403);
    for (const wrong of [
      {},
      { name: 'x' },
      { ...body, extra: 1 },
      { ...body, yaml: 'version: 1' },
      { ...body, name: '' },
      { ...body, name: ' ' },
      { ...body, name: 'a\u0000b' },
      { ...body, description: '\u0000' },
      { ...body, note: '\u0000' },
    ]) {
      expect((await ask(admin, 'POST', base, wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
    expect(await list()).toEqual([]);
    expect(await rules()).toEqual(['allow *']);

    const created = await create(body);
    expect(created).toMatchObject({
      project_id: projectId,
      scope: 'project',
      name: 'guards',
      priority: 100,
      status: 'live',
      version: 1,
      live_version: 1,
      has_draft: false,
      document: { version: '1', rules: [{ id: 'no-rm', effect: 'deny', actions: ['Bash:rm'], reason: 'Never' }] },
      warnings: [],
      effect_on_unmatched: { before: 'observe', after: 'deny' },
    });
    expect(created.bundle).toEqual({ etag: await world.etagOf(projectId), changed: true });
    expect(await rules()).toEqual(['deny Bash:rm']);
    expect(await list()).toMatchObject([{ id: created.id, rule_count: 1 }]);
    const [record] = (await activityOf(world.appliance, 'policy.create')).filter((row) => row.target_id === created.id);
    expect(JSON.parse(record!.details)).toMatchObject({
      name: 'guards',
      live_version: 1,
      effect_on_unmatched: [{ project_id: projectId, before: 'observe', after: 'deny' }],
    });
    expect((await ask(admin, 'POST', base, body)).body.code).toBe('NAME_TAKEN');
  });

  it('takes a document as an object, as text, as YAML or as the members of the body', async () => {
    const yaml = "# guards\nversion: '1'\nrules:\n  - deny: Bash:rm # never\n";
    const bodies = [
      { document: DOCUMENT },
      { document: JSON.stringify(DOCUMENT) },
      { document: yaml },
      { yaml },
      DOCUMENT,
      { rules: DOCUMENT.rules, settings: { default_action: 'deny' } },
    ];
    for (const body of bodies) {
      const created = await create(body);
      expect(created.document.rules).toMatchObject([{ effect: 'deny', actions: ['Bash:rm'] }]);
      expect(created.name).toMatch(/^Policy \d$/);
    }
    const { policies } = (await ask(admin, 'GET', `${base}?include=document`)).body;
    expect(policies).toHaveLength(bodies.length);
    expect(policies[5].document.settings).toEqual({ default_action: 'deny' });
    const detail = await ask(admin, 'GET', `${base}/${policies[3].id}`);
    expect(detail.body.source).toEqual({ format: 'yaml', text: yaml });
  });

  it('refuses documents with line, column, pointer and suggestion, and saves nothing', async () => {
    const misspelt = "version: '1'\nrules:\n  - deny: database:SELEKT\n";
    const answer = await ask(admin, 'POST', base, { name: 'x', yaml: misspelt });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      code: 'POLICY_INVALID',
      reason: 'unknown_database_method',
      details: [{ path: '/rules/0/deny', line: 3, column: 11, suggestion: 'SELECT' }],
    });
    expect(answer.body.error).toContain('Line 3, column 11');
    const value = await ask(admin, 'POST', base, {
      document: { version: '1', rules: [{ effect: 'ask', action: 'x' }] },
    });
    expect(value.status).toBe(422);
    expect(value.body.details[0]).toMatchObject({ path: '/document/rules/0/effect', line: 1 });
    const lines = '{"version": "1",\n "rules": [\n  {"deny": "database:SELEKT"}]}';
    const bare = await ask(admin, 'POST', base, lines);
    expect(bare.body.details).toMatchObject([{ path: '/rules/0/deny', line: 3, column: 12, suggestion: 'SELECT' }]);

    const hostile: [string, string][] = [
      ['a: &a [1]\nb: *a\n', 'an alias'],
      ['version: !!js/function "x"\n', 'a tag'],
      ['version: "1"\nversion: "1"\nrules: []\n', 'a key twice'],
      ['[[[[[', 'open brackets'],
      ['\u0000', 'a control character'],
      ['--- 1\n--- 2\n', 'two documents'],
      [`${'['.repeat(5000)}`, 'deep nesting'],
      ['rules: {__proto__: {}}\nversion: "1"', 'a prototype'],
      ['x'.repeat(1000), 'a word'],
      ['', 'nothing'],
    ];
    for (const [yaml, what] of hostile) {
      const refused = await ask(admin, 'POST', base, { name: 'x', yaml });
      expect([400, 422], `${what}: ${refused.status}`).toContain(refused.status);
      expect(refused.body.details.length, what).toBeGreaterThan(0);
    }
    expect(await list()).toEqual([]);
    expect(await rules()).toEqual(['allow *']);
  });

  it('changes a policy at once, makes versions of what means something else only, and holds drafts back', async () => {
    const { id } = await create({ name: 'guards', document: DOCUMENT });
    const url = `${base}/${id}`;
    expect((await ask(null, 'PATCH', url, { priority: 5 })).status).toBe(401);
    expect((await ask(analyst, 'PATCH', url, { priority: 5 })).status).toBe(403);
    expect((await ask(foreign.owner, 'PATCH', url, { priority: 5 })).status).toBe(403);
    const elsewhere = `/api/projects/${foreign.projectId}/policies/${id}`;
    expect((await ask(foreign.owner, 'PATCH', elsewhere, { priority: 5 })).status).toBe(404);
    expect((await ask(admin, 'PATCH', url, {})).status).toBe(400);
    expect((await ask(admin, 'PATCH', url, { status: 'gone' })).status).toBe(400);
    const stale = await ask(admin, 'PATCH', url, { document: OTHER, if_version: 7 });
    expect([stale.status, stale.body.code, stale.body.version]).toEqual([409, 'VERSION_CONFLICT', 1]);
    expect(await rules()).toEqual(['deny Bash:rm']);

    const changed = await ask(admin, 'PATCH', url, { document: OTHER, if_version: 1, note: 'only reads' });
    expect(changed.body).toMatchObject({ version: 2, live_version: 2, effect_on_unmatched: null });
    expect(await rules()).toEqual(['allow database:read']);
    const etag = await world.etagOf(projectId);
    const same = await ask(admin, 'PATCH', url, { document: { rules: [{ allow: ['database:read'] }], version: '1' } });
    expect(same.body).toMatchObject({ version: 2, bundle: null });
    expect((await ask(admin, 'PATCH', url, { description: 'For the nightly build' })).body.version).toBe(2);
    expect(await world.etagOf(projectId)).toBe(etag);

    const draft = await ask(admin, 'PATCH', url, { document: DOCUMENT, status: 'draft' });
    expect(draft.body).toMatchObject({ status: 'live', version: 3, live_version: 2, has_draft: true, bundle: null });
    expect(await rules()).toEqual(['allow database:read']);
    const published = await ask(admin, 'POST', `${url}/publish`);
    expect(published.body).toMatchObject({ live_version: 3, has_draft: false });
    expect(await rules()).toEqual(['deny Bash:rm']);
    const again = await ask(admin, 'POST', `${url}/publish`, {});
    expect(again.body).toMatchObject({ live_version: 3, bundle: null });

    const withdrawn = await ask(admin, 'PATCH', url, { status: 'draft' });
    expect(withdrawn.body).toMatchObject({
      status: 'draft',
      live_version: null,
      effect_on_unmatched: { before: 'deny', after: 'observe' },
    });
    expect(await rules()).toEqual(['allow *']);
    expect((await ask(admin, 'PATCH', url, { document: OTHER })).body).toMatchObject({ status: 'draft', version: 4 });
    expect(await rules()).toEqual(['allow *']);
    expect((await ask(admin, 'PATCH', url, { status: 'live' })).body).toMatchObject({ live_version: 4 });
    expect(await rules()).toEqual(['allow database:read']);
  });

  it('replaces single members of a document and keeps what a change does not name', async () => {
    const settings = { default_action: 'warn', default_on_tamper: 'deny' };
    const loose = await world.newProject({ default_action: 'allow' });
    const url = `/api/projects/${loose}/policies`;
    const { id } = (await ask(admin, 'POST', url, { name: 'guards', document: { ...DOCUMENT, settings } })).body;
    const rulesOnly = await ask(admin, 'PATCH', `${url}/${id}`, { rules: [{ deny: 'Bash:dd' }] });
    expect(rulesOnly.body.document).toMatchObject({ settings, rules: [{ actions: ['Bash:dd'] }] });
    const one = await ask(admin, 'PATCH', `${url}/${id}`, { settings: { default_action: 'deny' } });
    expect(one.body.document).toMatchObject({ settings: { ...settings, default_action: 'deny' } });
    expect(one.body.effect_on_unmatched).toMatchObject({ before: 'warn', after: 'deny' });
    const top = await ask(admin, 'PATCH', `${url}/${id}`, { default_action: 'warn', tamper_behavior: 'quarantine' });
    expect(top.body.document.settings).toEqual({ default_action: 'warn', default_on_tamper: 'quarantine' });
    expect(top.body.document.rules).toMatchObject([{ actions: ['Bash:dd'] }]);
    expect((await ask(admin, 'PATCH', `${url}/${id}`, { settings: 'deny' })).status).toBe(422);
    const whole = await ask(admin, 'PATCH', `${url}/${id}`, { document: OTHER });
    expect(whole.body.document.settings).toBeUndefined();
  });

  it('tries policies in the order of their priority', async () => {
    const first = await create({ name: 'a', document: DOCUMENT });
    await create({ name: 'b', document: OTHER });
    expect(await rules()).toEqual(['deny Bash:rm', 'allow database:read']);
    await ask(admin, 'PATCH', `${base}/${first.id}`, { priority: 50 });
    expect(await rules()).toEqual(['allow database:read', 'deny Bash:rm']);
  });

  it('has room for a thousand policies', async () => {
    const { id } = await create({ name: 'first', document: DOCUMENT });
    const { state } = world.appliance.kernel.databases;
    const row = await state.read.selectFrom('policies').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    await state.write(async (trx) => {
      for (let part = 0; part < 10; part += 1) {
        const copies = Array.from({ length: part === 9 ? 99 : 100 }, (_, index) => {
          const name = `copy ${part * 100 + index}`;
          return { ...row, id: `${id.slice(0, 24)}${name.replace(' ', '')}`, name, status: 'draft' as const };
        });
        await trx.insertInto('policies').values(copies).execute();
      }
    });
    const answer = await ask(admin, 'POST', base, { name: 'one too many', document: DOCUMENT });
    expect([answer.status, answer.body.code]).toEqual([409, 'TOO_MANY_POLICIES']);
    expect((await ask(admin, 'DELETE', `${base}/${id}`)).status).toBe(200);
    await create({ name: 'fits again', document: OTHER });
  });

  it('removes a policy, says what unmatched calls now do, and frees its name', async () => {
    const { id } = await create({ name: 'guards', document: DOCUMENT });
    const url = `${base}/${id}`;
    expect((await ask(null, 'DELETE', url)).status).toBe(401);
    expect((await ask(analyst, 'DELETE', url)).status).toBe(403);
    expect((await ask(foreign.owner, 'DELETE', url)).status).toBe(403);
    expect((await ask(admin, 'DELETE', `${base}/${home.orgId}`)).status).toBe(404);
    expect((await ask(admin, 'DELETE', `${url}?if_version=9`)).status).toBe(409);
    expect(await rules()).toEqual(['deny Bash:rm']);

    const removed = await ask(admin, 'DELETE', url);
    expect(removed.status).toBe(200);
    expect(removed.body).toMatchObject({
      id,
      deleted: true,
      effect_on_unmatched: { before: 'deny', after: 'observe' },
    });
    expect(await rules()).toEqual(['allow *']);
    expect(await list()).toEqual([]);
    for (const [method, path] of [
      ['GET', url],
      ['DELETE', url],
      ['GET', `${url}/versions`],
    ] as const) {
      expect((await ask(admin, method, path)).status).toBe(404);
    }
    const record = (await activityOf(world.appliance, 'policy.delete')).find((row) => row.target_id === id);
    expect(JSON.parse(record!.details).effect_on_unmatched[0].message).toContain('No policy is in force');
    await create({ name: 'guards', document: OTHER });
  });
});
