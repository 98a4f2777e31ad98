import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBundle } from '../../../test/clients/go/bundle.ts';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { signIn } from '../../../test/people.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';
import {
  addProject,
  bootstrap,
  deny,
  keysOf,
  makeProject,
  policy,
  pull,
  pullAndOpen,
  sentRules,
  type TestProject,
  TestRules,
} from './rules.fixture.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 21, 12);

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let clock: ManualClock;
  let rules: TestRules;
  let project: TestProject;

  beforeAll(async () => {
    clock = manualClock(START);
    appliance = await open({ clock });
    await appliance.operate('POST', '/operator/trial');
    rules = new TestRules(appliance);
  });
  beforeEach(async () => {
    project = await makeProject(appliance);
  });

  const status = async () =>
    (await project.owner.request('GET', `/api/projects/${project.projectId}/policies/bundle`)).body;

  describe('a build', () => {
    it('is served with the transaction that made it', async () => {
      const before = await pull(appliance, project.key);
      const delivered = await rules.apply(project.projectId, [policy([deny('shell:rm'), deny('file:delete')])]);
      const { payload, etag, policyCount } = await pullAndOpen(appliance, project.key);
      expect([delivered.changed, `"${delivered.etag}"`]).toEqual([true, etag]);
      expect(etag).not.toBe(before.headers['etag']);
      expect(policyCount).toBe(1);
      expect(sentRules(payload).map((rule) => rule.actions)).toEqual([['shell:rm'], ['file:delete']]);
      expect(payload['default_action']).toBe('deny');
    });

    it('leaves no trace when its transaction rolls back', async () => {
      const before = await pull(appliance, project.key);
      const { state } = appliance.kernel.databases;
      const change = state.write(async (trx, effects) => {
        await trx
          .updateTable('projects')
          .set({ default_on_empty: 'deny' })
          .where('id', '=', project.projectId)
          .execute();
        await appliance.services.bundles.rebuild(trx, project.projectId, 'test', effects);
        throw new Error('changed my mind');
      });
      await expect(change).rejects.toThrow('changed my mind');
      expect((await pull(appliance, project.key, String(before.headers['etag']))).status).toBe(304);
      expect((await status()).live.etag).toBe(String(before.headers['etag']).replaceAll('"', ''));
    });

    it('keeps its bytes while meaning and keys are the same, also after 30 days', async () => {
      await rules.apply(project.projectId, [policy([deny('shell:rm')])]);
      const before = await pullAndOpen(appliance, project.key);
      clock.advance(30 * DAY);
      const again = await rules.apply(project.projectId, [policy([deny('shell:rm')])]);
      expect(again.changed).toBe(false);
      const after = await pullAndOpen(appliance, project.key);
      expect(after.bytes.equals(before.bytes)).toBe(true);
      expect(after.createdAt).toBe(before.createdAt);
      const owner = await signIn(appliance, project.owner.email);
      const published = await owner.request('POST', `/api/projects/${project.projectId}/policies/bundle`);
      expect([published.status, published.body.changed, `"${published.body.etag}"`]).toEqual([200, false, before.etag]);
    });

    it('follows the defaults and the name of its project', async () => {
      const url = `/api/projects/${project.projectId}`;
      expect((await project.owner.request('PATCH', url, { default_on_empty: 'deny' })).status).toBe(200);
      expect((await pullAndOpen(appliance, project.key)).payload).toMatchObject({
        default_on_empty: 'deny',
        policies: [{ rules: [{ effect: 'deny', reason_code: 'NO_ACTIVE_POLICIES' }] }],
      });
      await rules.apply(project.projectId, [policy([deny('shell:rm', { projects: ['renamed'] })])]);
      const actions = async () =>
        sentRules((await pullAndOpen(appliance, project.key)).payload).map((rule) => rule.actions[0]);
      expect(await actions()).toEqual(['*']);
      expect((await project.owner.request('PATCH', url, { name: 'renamed' })).status).toBe(200);
      expect(await actions()).toEqual(['shell:rm']);
    });

    it('raises the policy version with every change of what is delivered, and only then', async () => {
      const first = (await status()).version;
      expect(first).toBe(Math.floor(clock.now() / 1000));
      const { policyVersion: second } = await rules.apply(project.projectId, [policy([deny('a:b')])]);
      expect(second).toBe(first + 1);
      expect((await rules.apply(project.projectId, [policy([deny('a:b')])])).policyVersion).toBe(second);
      clock.advance(5_000);
      expect((await rules.apply(project.projectId, [])).policyVersion).toBe(Math.floor(clock.now() / 1000));
    });

    it('never has zero rules: without policies it observes again', async () => {
      const fresh = await pullAndOpen(appliance, project.key);
      await rules.apply(project.projectId, [policy([deny('a:b')])]);
      await rules.apply(project.projectId, []);
      const { payload } = await pullAndOpen(appliance, project.key);
      expect(payload).toEqual(fresh.payload);
      expect(sentRules(payload)).toHaveLength(1);
    });

    it('that SDKs could not read is refused with policy, rule, line and column, and the last good one stays', async () => {
      await rules.apply(project.projectId, [policy([deny('shell:rm')])]);
      const before = await pull(appliance, project.key);
      const broken = deny('file:read', { conditions: { path: { op: 'no_such_operator', value: 'x' } } });
      const attempt = rules.apply(project.projectId, [policy([deny('shell:rm'), broken], { version: 2 })]);
      await expect(attempt).rejects.toMatchObject({
        status: 422,
        code: 'BUNDLE_NOT_BUILT',
        message: expect.stringContaining('Rule 1 of policy Shell, version 2 (line 7, column 5)'),
        facts: {
          details: [{ path: '/rules/1', line: 7, column: 5, message: expect.any(String) }],
          extra: { policy_id: 'policy-1', version: 2, rule_index: 1 },
        },
      });
      expect((await pull(appliance, project.key, String(before.headers['etag']))).status).toBe(304);
      expect((await status()).live.rules).toHaveLength(1);
    });

    it('holds both changes when two are made at once', async () => {
      await rules.apply(project.projectId, [policy([deny('a:b')])]);
      const change = (fields: { default_action?: 'warn'; default_on_missing?: 'allow' }) =>
        appliance.kernel.databases.state.write(async (trx, effects) => {
          await trx.updateTable('projects').set(fields).where('id', '=', project.projectId).execute();
          return appliance.services.bundles.rebuild(trx, project.projectId, 'test', effects);
        });
      const outcomes = await Promise.all([change({ default_action: 'warn' }), change({ default_on_missing: 'allow' })]);
      expect(new Set(outcomes.map((outcome) => outcome.policyVersion)).size).toBe(2);
      const { payload, etag } = await pullAndOpen(appliance, project.key);
      expect(payload).toMatchObject({ default_action: 'warn', default_on_missing: 'allow' });
      const last = outcomes.reduce((a, b) => (a.policyVersion > b.policyVersion ? a : b));
      expect(etag).toBe(`"${last.etag}"`);
      const { builds } = (await project.owner.request('GET', `/api/projects/${project.projectId}/policies/builds`))
        .body;
      expect(builds.filter((build: { superseded_at: string | null }) => build.superseded_at === null)).toHaveLength(1);
    });

    it('gives every rule its own tag when two projects of an organization are built at once', async () => {
      const second = await addProject(project.owner, project.orgId, 'second');
      const rule = (id: string) => [policy([deny('a:b'), deny('c:d')], { policyId: `policy-${id}` })];
      await Promise.all([
        rules.apply(project.projectId, rule(project.projectId)),
        rules.apply(second.projectId, rule(second.projectId)),
      ]);
      const opened = await Promise.all([pullAndOpen(appliance, project.key), pullAndOpen(appliance, second.key)]);
      const tags = opened.flatMap(({ payload }) => sentRules(payload).map((sent) => sent.id));
      expect(tags.sort()).toEqual(['r1', 'r2', 'r3', 'r4']);
    });

    it('keeps rule index and digest of old builds, and the bytes of the newest ten', async () => {
      for (let index = 0; index < 12; index += 1) {
        clock.advance(1_000);
        await rules.apply(project.projectId, [policy([deny(`tool:method${index}`)], { version: index + 1 })]);
      }
      const url = `/api/projects/${project.projectId}/policies/builds?limit=100`;
      const { builds } = (await project.owner.request('GET', url)).body;
      expect(builds).toHaveLength(13);
      expect(builds[0].rules).toEqual([
        { index: 0, tag: expect.stringMatching(/^r\d+$/), policy_id: 'policy-1', version: 12, rule_index: 0 },
      ]);
      const rows = await appliance.kernel.databases.state.read
        .selectFrom('builds')
        .select(['id', 'bytes'])
        .where('project_id', '=', project.projectId)
        .where('mode', '=', 'live')
        .orderBy('id', 'desc')
        .execute();
      expect(rows.map((row) => row.bytes !== null)).toEqual([...Array(10).fill(true), ...Array(3).fill(false)]);
      const between = await appliance.services.bundles.buildsBetween(
        project.projectId,
        'live',
        clock.now(),
        clock.now(),
      );
      expect(between.map((build) => build.ruleIndex[0]?.version)).toEqual([11, 12]);
    });
  });

  describe('a withdrawn bundle', () => {
    const url = (what: string) => `/api/projects/${project.projectId}/policies/${what}`;

    it('answers 404 until it is published again, with the same bytes', async () => {
      const before = await pull(appliance, project.key);
      const { version } = await status();
      const withdrawn = await project.owner.request('POST', url('withdraw'));
      expect([withdrawn.status, withdrawn.body]).toEqual([200, { status: 'withdrawn', changed: true }]);
      for (const known of [undefined, String(before.headers['etag'])]) {
        const answer = await pull(appliance, project.key, known);
        expect([answer.status, answer.body.code, answer.body.reason]).toEqual([
          404,
          'NO_POLICY_PUBLISHED',
          'withdrawn',
        ]);
      }
      expect((await bootstrap(appliance, project.key)).status).toBe(200);
      expect(await status()).toMatchObject({ status: 'withdrawn', version: version + 1 });
      expect((await project.owner.request('POST', url('withdraw'))).body.changed).toBe(false);

      const published = await project.owner.request('POST', url('bundle'), {});
      expect(published.body).toMatchObject({ changed: true, version: version + 2 });
      expect((await pull(appliance, project.key)).bytes.equals(before.bytes)).toBe(true);
    });

    it('stays withdrawn when policies or keys change', async () => {
      await project.owner.request('POST', url('withdraw'));
      await rules.apply(project.projectId, [policy([deny('a:b')])]);
      await project.owner.request('POST', `/api/projects/${project.projectId}/keys/rotate`);
      expect((await pull(appliance, project.key)).status).toBe(404);
      await project.owner.request('POST', url('bundle'));
      expect(sentRules((await pullAndOpen(appliance, project.key)).payload)[0]?.actions).toEqual(['a:b']);
    });
  });

  describe('the download', () => {
    it('gives members the bytes that SDKs receive', async () => {
      const url = `/api/projects/${project.projectId}/policies/download`;
      const stranger = (await makeProject(appliance)).owner;
      expect((await appliance.request('GET', url)).status).toBe(401);
      expect((await appliance.request('GET', url, { bearer: project.key })).status).toBe(401);
      expect((await stranger.request('GET', url)).status).toBe(403);
      expect((await project.owner.request('GET', `${url}?mode=other`)).status).toBe(400);
      const served = await pull(appliance, project.key);
      const answer = await project.owner.request('GET', url);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/octet-stream']);
      expect(answer.bytes.equals(served.bytes)).toBe(true);
      const test = await project.owner.request('GET', `${url}?mode=test`);
      const keys = keysOf((await bootstrap(appliance, project.key)).body);
      expect(openBundle(test.bytes, keys).payload).toMatchObject({ project_id: project.projectId });
    });
  });
});
