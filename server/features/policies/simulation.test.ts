import { beforeAll, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import { manualClock } from '../../kernel/clock.ts';
import { openPolicyWorld, type PolicyWorld } from './policy-world.fixture.ts';

describeEachAppliance((open) => {
  let world: PolicyWorld;
  let base: string;
  let policyId: string;
  let projectId: string;

  beforeAll(async () => {
    world = await openPolicyWorld(await open({ clock: manualClock() }));
    projectId = await world.newProject();
    base = `/api/projects/${projectId}/policies`;
    const rules = [
      { id: 'no-rm', deny: 'Bash:rm', reason: 'Never' },
      { id: 'reads', allow: 'database:read', when: { env: 'dev' } },
      { id: 'files', allow: 'file_read:*', resources: ['/srv/*'] },
    ];
    const created = await world.ask(world.admin, 'POST', base, { name: 'guards', document: { version: '1', rules } });
    policyId = created.body.id;
    const draft = { version: '1', rules: [{ id: 'all', allow: '*' }] };
    await world.ask(world.admin, 'PATCH', `${base}/${policyId}`, { document: draft, status: 'draft' });
  });

  const simulate = async (body: object, caller: Parameters<PolicyWorld['ask']>[0] = world.member) =>
    world.ask(caller, 'POST', `${base}/simulate`, body);
  const rm = { tool: 'Bash', method: 'rm', args: { command: 'rm -rf build' } };

  it('decides calls by the policies in force and names the rule of the policy', async () => {
    const etag = await world.etagOf(projectId);
    expect((await simulate({ calls: [rm] }, null)).status).toBe(401);
    expect((await simulate({ calls: [rm] }, world.foreign.owner)).status).toBe(403);
    for (const wrong of [{}, { calls: [] }, { calls: [{}] }, { calls: [rm], against: 'document' }]) {
      expect((await simulate(wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
    const { status, body } = await simulate({
      calls: [
        { ...rm, expect: 'deny' },
        { hook: 'Bash', args: { command: 'rm x' } },
        { tool: 'database:read', context: { env: 'dev' }, expect: 'allow' },
        { tool: 'database:read', context: { env: 'prod' }, expect: 'allow' },
        { tool: 'file_read', method: 'read', resource: '/srv/a' },
      ],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ against: 'live', policy_count: 1, default_action: 'deny', passed: 2, failed: 1 });
    const noRm = { policy_id: policyId, policy_name: 'guards', version: 1, rule_index: 0, rule_id: 'no-rm' };
    expect(body.results).toMatchObject([
      { effect: 'deny', decided_by: noRm, reason: 'Never', passed: true, trace: null },
      { tool: 'Bash', method: 'rm', effect: 'deny', decided_by: noRm, passed: null },
      { effect: 'allow', allowed: true, decided_by: { rule_id: 'reads' } },
      { effect: 'deny', decided_by: null, policy_id: 'synthetic:NO_RULE_MATCH', passed: false },
      { effect: 'allow', decided_by: { rule_id: 'files' } },
    ]);
    expect(await world.etagOf(projectId)).toBe(etag);
  });

  it('shows for each rule what stopped a call', async () => {
    const { body } = await simulate({ calls: [{ tool: 'database:read' }], trace: true });
    expect(body.results[0].trace).toMatchObject([
      { rule: { rule_id: 'no-rm' }, gate: 'action' },
      { rule: { rule_id: 'reads' }, gate: 'condition', condition: 'env' },
      { rule: { rule_id: 'files' }, gate: 'action' },
    ]);
  });

  it('decides by drafts as if they were published, and as test keys do', async () => {
    const { body } = await simulate({ calls: [rm], against: 'drafts' });
    expect(body.results).toMatchObject([{ effect: 'allow', decided_by: { version: 2, rule_id: 'all' } }]);
    const test = await simulate({ calls: [rm], mode: 'test' });
    expect(test.body.results).toMatchObject([{ effect: 'warn', decided_by: { rule_id: 'no-rm' } }]);
  });

  it('decides by a document that is not saved, alone or in the place of a policy', async () => {
    const document = { version: '1', rules: [{ id: 'new', allow: 'Bash:*' }] };
    const alone = await simulate({ calls: [rm], document });
    expect(alone.body).toMatchObject({ against: 'document', policy_count: 1 });
    expect(alone.body.results).toMatchObject([{ effect: 'allow', decided_by: { rule_id: 'new' } }]);
    await world.ask(world.admin, 'POST', base, { name: 'first', priority: 900, rules: [{ deny: 'Bash:rm' }] });
    const placed = await simulate({ calls: [rm], yaml: JSON.stringify(document), policy_id: policyId });
    expect(placed.body.results).toMatchObject([{ effect: 'deny', decided_by: { policy_name: 'first' } }]);
    const bad = await simulate({ calls: [rm], document: { version: '1', rules: [{ deny: 'database:SELEKT' }] } });
    expect(bad.status).toBe(422);
    expect((await simulate({ calls: [rm], document, policy_id: world.home.orgId })).status).toBe(404);
  });
});
