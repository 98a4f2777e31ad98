import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext, type Person, signUp } from '../../../test/people.ts';
import { activityOf, joinTenant, openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { conflict } from '../../kernel/errors.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let home: Tenant;
  let admin: Person;
  let analyst: Person;
  let stranger: Tenant;
  let number = 0;
  let name: string;
  beforeAll(async () => {
    appliance = await open({ clock: manualClock() });
    home = await openTenant(appliance, 'home');
    admin = await joinTenant(appliance, home.orgId, 'admin');
    analyst = await joinTenant(appliance, home.orgId, 'analyst');
    stranger = await openTenant(appliance, 'elsewhere');
  });
  beforeEach(() => {
    number += 1;
    name = `project ${number}`;
  });

  const projectsUrl = () => `/api/orgs/${home.orgId}/projects`;
  const names = async () =>
    (await home.owner.request('GET', projectsUrl())).body.projects.map((project: { name: string }) => project.name);
  const create = async (body: Record<string, unknown> = {}) =>
    (await admin.request('POST', projectsUrl(), { name, ...body })).body;

  it('is created by admins, with the defaults of the organization where the body names none', async () => {
    const body = { name, default_on_empty: 'deny' };
    const before = await names();
    expect((await appliance.request('POST', projectsUrl(), { body })).status).toBe(401);
    expect((await appliance.request('POST', projectsUrl(), { body, bearer: home.key })).status).toBe(401);
    expect((await appliance.request('POST', projectsUrl(), { body, bearer: admin.token })).status).toBe(403);
    expect((await analyst.request('POST', projectsUrl(), body)).status).toBe(403);
    expect((await stranger.owner.request('POST', projectsUrl(), body)).status).toBe(403);
    for (const wrong of [
      {},
      { name: '' },
      { name: '  ' },
      { name: 'x'.repeat(101) },
      { name, default_action: 'observe' },
      { name, default_on_missing: 'warn' },
      { name, default_on_tamper: 'maybe' },
      { name: 'a\u0000' },
      { name, description: 'a\u0000' },
      { name, org_id: stranger.orgId },
    ]) {
      expect((await admin.request('POST', projectsUrl(), wrong)).status).toBe(400);
    }
    expect(await names()).toEqual(before);

    await home.owner.request('PATCH', `/api/orgs/${home.orgId}/settings`, {
      tamper_behavior: 'deny-all',
      project_defaults: { default_action: 'warn' },
    });
    const answer = await admin.request('POST', projectsUrl(), body);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      org_id: home.orgId,
      public_id: expect.stringMatching(/^proj_[0-9a-f]{16}$/),
      name,
      description: '',
      default_action: 'warn',
      default_on_missing: 'deny',
      default_on_empty: 'deny',
      default_on_tamper: 'deny-all',
    });
    const url = `/api/projects/${answer.body.id}`;
    expect((await analyst.request('GET', url)).body).toEqual(answer.body);
    expect((await appliance.services.projects.byPublicId(answer.body.public_id))?.id).toBe(answer.body.id);
    const records = await activityOf(appliance, 'project.create');
    expect(records.at(-1)).toMatchObject({
      org_id: home.orgId,
      project_id: answer.body.id,
      target_type: 'project',
      actor_id: admin.id,
    });
  });

  it('is shown to members of its organization only', async () => {
    const url = `/api/projects/${home.projectId}`;
    expect((await appliance.request('GET', url)).status).toBe(401);
    const foreign = await stranger.owner.request('GET', url);
    const unknown = await stranger.owner.request('GET', '/api/projects/00000000-0000-7000-8000-000000000000');
    expect([foreign.status, foreign.body.reason]).toEqual([403, 'wrong_tenant']);
    expect({ ...unknown.body, request_id: '' }).toEqual({ ...foreign.body, request_id: '' });
    expect((await stranger.owner.request('GET', projectsUrl())).status).toBe(403);
    expect((await analyst.request('GET', url)).body).toMatchObject({ id: home.projectId, name: 'home-project' });
  });

  it('is listed in pages, oldest first', async () => {
    const org = (await home.owner.request('POST', '/api/orgs', { name: 'Many' })).body.id;
    for (const each of ['a', 'b', 'c']) await home.owner.request('POST', `/api/orgs/${org}/projects`, { name: each });
    const first = (await home.owner.request('GET', `/api/orgs/${org}/projects?limit=2`)).body;
    const second = (await home.owner.request('GET', `/api/orgs/${org}/projects?limit=2&cursor=${first.next_cursor}`))
      .body;
    expect([...first.projects, ...second.projects].map((project) => project.name)).toEqual(['a', 'b', 'c']);
    expect(second.next_cursor).toBeNull();
  });

  it('has a name of its own in its organization', async () => {
    await create();
    const second = await admin.request('POST', projectsUrl(), { name: ` ${name} ` });
    expect([second.status, second.body.code]).toEqual([409, 'NAME_TAKEN']);
    const other = await create({ name: `${name} b` });
    expect((await admin.request('PATCH', `/api/projects/${other.id}`, { name })).status).toBe(409);
    expect((await admin.request('PATCH', `/api/projects/${other.id}`, { name: other.name })).status).toBe(200);
    const elsewhere = await stranger.owner.request('POST', `/api/orgs/${stranger.orgId}/projects`, { name });
    expect(elsewhere.status).toBe(201);
    const racing = await Promise.all([1, 2].map(() => admin.request('POST', projectsUrl(), { name: `${name} c` })));
    expect(racing.map((answer) => answer.status).sort()).toEqual([201, 409]);
  });

  it('is changed by admins field by field, together with what other features keep of it', async () => {
    const project = await create();
    const url = `/api/projects/${project.id}`;
    expect((await analyst.request('PATCH', url, { default_action: 'allow' })).status).toBe(403);
    expect((await stranger.owner.request('PATCH', url, { default_action: 'allow' })).status).toBe(403);
    for (const wrong of [{}, { default_on_empty: 'nothing' }, { public_id: 'proj_1' }, { name: null }]) {
      expect((await admin.request('PATCH', url, wrong)).status).toBe(400);
    }
    expect((await admin.request('GET', url)).body).toEqual(project);

    const answer = await admin.request('PATCH', url, { default_action: 'allow', description: 'for builds' });
    expect(answer.body).toMatchObject({ name, default_action: 'allow', description: 'for builds' });
    expect((await admin.request('GET', url)).body).toEqual(answer.body);
    const record = (await activityOf(appliance, 'project.change')).at(-1);
    expect(JSON.parse(record?.details ?? '')).toEqual({
      default_action: { from: project.default_action, to: 'allow' },
      description: { from: '', to: 'for builds' },
    });
  });

  it('is neither made nor changed when another feature refuses', async () => {
    const { projects } = appliance.services;
    const refuse = async (_trx: unknown, project: { name: string }) => {
      if (project.name.endsWith('refused')) throw conflict('REFUSED', 'Refused by a hook.');
    };
    projects.onCreate(refuse);
    projects.onChange(refuse);
    const before = await names();
    expect((await admin.request('POST', projectsUrl(), { name: `${name} refused` })).body.code).toBe('REFUSED');
    expect(await names()).toEqual(before);
    const project = await create();
    expect((await admin.request('PATCH', `/api/projects/${project.id}`, { name: `${name} refused` })).status).toBe(409);
    expect((await admin.request('GET', `/api/projects/${project.id}`)).body).toEqual(project);
  });

  it('goes with its keys when an admin repeats its name', async () => {
    const project = await create();
    const url = `/api/projects/${project.id}`;
    const key = (await admin.request('POST', `${url}/api-keys`, { name: 'k' })).body;
    const confirm = `?confirm=${encodeURIComponent(name)}`;
    expect((await analyst.request('DELETE', url + confirm)).status).toBe(403);
    expect((await stranger.owner.request('DELETE', url + confirm)).status).toBe(403);
    expect((await admin.request('DELETE', url)).status).toBe(400);
    expect((await admin.request('DELETE', `${url}?confirm=other`)).body.code).toBe('CONFIRMATION_MISMATCH');
    expect(await appliance.services.apiKeys.live.resolve(key.key)).toMatchObject({ keyId: key.id });

    expect((await admin.request('DELETE', url + confirm)).status).toBe(204);
    expect((await admin.request('GET', url)).status).toBe(403);
    expect(await appliance.services.apiKeys.live.resolve(key.key)).toBeNull();
    expect(await names()).not.toContain(name);
    expect((await activityOf(appliance, 'project.delete')).at(-1)).toMatchObject({ project_id: project.id });
  });

  it('is the only one of its organization on the free tier', async () => {
    const person = await signUp(appliance, 'free@example.com');
    const org = (await person.request('POST', '/api/orgs', { name: 'Free' })).body.id;
    await appliance.services.orgs.changeTier(operatorContext(appliance), org, 'free');
    expect((await person.request('POST', `/api/orgs/${org}/projects`, { name: 'one' })).status).toBe(201);
    const second = await person.request('POST', `/api/orgs/${org}/projects`, { name: 'two' });
    expect([second.status, second.body.code, second.body.limit]).toEqual([403, 'PROJECT_LIMIT_REACHED', 1]);
    await appliance.services.orgs.changeTier(operatorContext(appliance), org, 'solo');
    expect((await person.request('POST', `/api/orgs/${org}/projects`, { name: 'two' })).status).toBe(201);
  });
});
