import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';
import { deny, makeProject, policy, pullAndOpen, sentRules, type TestProject, TestRules } from './rules.fixture.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let clock: ManualClock;
  let rules: TestRules;
  let project: TestProject;

  beforeAll(async () => {
    clock = manualClock(Date.UTC(2026, 10, 21, 12));
    appliance = await open({ clock });
    await appliance.operate('POST', '/operator/trial');
    rules = new TestRules(appliance);
  });
  beforeEach(async () => {
    project = await makeProject(appliance);
  });

  describe('a rule tag', () => {
    it('is the same for ever for policy, version and rule, and another for another version', async () => {
      const tags = async () => sentRules((await pullAndOpen(appliance, project.key)).payload).map((rule) => rule.id);
      const policyId = `policy-${project.projectId}`;
      await rules.apply(project.projectId, [policy([deny('a:b'), deny('c:d')], { policyId })]);
      const first = await tags();
      expect(first).toEqual(['r1', 'r2']);
      await rules.apply(project.projectId, [policy([deny('a:b'), deny('c:d')], { policyId, version: 2 })]);
      expect(await tags()).toEqual(['r3', 'r4']);
      await rules.apply(project.projectId, [policy([deny('a:b'), deny('c:d')], { policyId })]);
      expect(await tags()).toEqual(first);
    });

    it('ends the reason that SDKs echo, and is known to the audit database', async () => {
      const rule = deny('a:b', { id: 'no-b', reason: 'Never b.' });
      const policyId = `policy-${project.projectId}`;
      await rules.apply(project.projectId, [policy([rule], { policyId })]);
      expect(sentRules((await pullAndOpen(appliance, project.key)).payload)[0]?.reason).toBe('Never b. [r1]');
      const copied = await appliance.kernel.databases.audit.read
        .selectFrom('rule_tags')
        .selectAll()
        .where('org_id', '=', project.orgId)
        .execute();
      expect(copied).toEqual([
        {
          org_id: project.orgId,
          tag: 'r1',
          project_id: project.projectId,
          policy_id: policyId,
          policy_name: 'Shell',
          version: 1,
          rule_index: 0,
          rule_id: 'no-b',
          created_at: clock.now(),
        },
      ]);
    });

    it('that could not be copied when it was made is copied later', async () => {
      const { state, audit } = appliance.kernel.databases;
      const policyId = `policy-${project.projectId}`;
      await rules.apply(project.projectId, [policy([deny('a:b')], { policyId })]);
      const copied = async () =>
        (await audit.read.selectFrom('rule_tags').select('tag').where('org_id', '=', project.orgId).execute()).length;
      const row = await state.read
        .selectFrom('rule_tags')
        .selectAll()
        .where('org_id', '=', project.orgId)
        .executeTakeFirstOrThrow();
      await state.write((trx) =>
        trx
          .insertInto('rule_tags')
          .values({ ...row, number: 2, tag: 'r2', rule_index: 1, in_audit: 0 })
          .execute(),
      );
      expect(await copied()).toBe(1);
      await appliance.services.bundles.tags.copyToAudit();
      expect(await copied()).toBe(2);
      const waiting = await state.read.selectFrom('rule_tags').select('tag').where('in_audit', '=', 0).execute();
      expect(waiting).toEqual([]);
    });

    it('never gets a second meaning after a restore', async () => {
      const { state } = appliance.kernel.databases;
      const policyId = `policy-${project.projectId}`;
      await rules.apply(project.projectId, [policy([deny('a:b')], { policyId })]);
      await state.write((trx) => trx.deleteFrom('rule_tags').where('org_id', '=', project.orgId).execute());
      await state.write((trx) => trx.updateTable('epoch').set({ epoch: 2 }).where('id', '=', 1).execute());
      await rules.apply(project.projectId, [policy([deny('x:y')], { policyId, version: 9 })]);
      expect(sentRules((await pullAndOpen(appliance, project.key)).payload)[0]?.id).toBe('r1e2');
      await state.write((trx) => trx.updateTable('epoch').set({ epoch: 1 }).where('id', '=', 1).execute());
    });

    it('of an organization policy is shared by the projects that use it', async () => {
      const { owner, orgId } = project;
      const second = (await owner.request('POST', `/api/orgs/${orgId}/projects`, { name: 'second' })).body.id;
      const shared = [policy([deny('a:b')], { policyId: `org-${orgId}`, scope: 'org' })];
      await rules.apply(project.projectId, shared);
      await rules.apply(second, shared);
      const indexes = await Promise.all(
        [project.projectId, second].map((id) => owner.request('GET', `/api/projects/${id}/policies/builds`)),
      );
      expect(indexes.map((answer) => answer.body.builds[0].rules[0].tag)).toEqual(['r1', 'r1']);
    });
  });
});
