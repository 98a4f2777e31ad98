import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesOf } from '../tour/visitor.ts';
import { waitFor } from '../tour/wait.ts';
import { Quickstart, sdk, titled } from './quickstart.ts';
import type { SdkCall, SdkUser } from './sdk-process.ts';

const NO_MATCH = { effect: 'deny', reason_code: 'NO_RULE_MATCH' };

describe.skipIf(sdk.python === undefined)(titled('decisions of the published SDK'), () => {
  let quickstart: Quickstart;
  let user: SdkUser;
  beforeAll(async () => {
    quickstart = await Quickstart.start();
    user = quickstart.user('library');
  });
  afterAll(() => quickstart?.discard());

  /** A client over a new project with one policy. Give a user of its own where rows count: a spool delivers under any key. */
  async function governed(
    name: string,
    rules: object[],
    more: object = {},
    by: SdkUser = user,
  ): Promise<{ id: string; key: string }> {
    const { id, key } = await quickstart.project(name);
    await quickstart.policy(id, name, { rules, ...more });
    await by.open(name, key);
    return { id, key };
  }

  it('allows, denies and warns as written, first match first, and denies the rest', async () => {
    await governed('effects', [
      { deny: 'github:delete_*', reason: 'Nothing is deleted' },
      { allow: 'github:*' },
      { warn: 'http:*', reason: 'Watched' },
      { deny: 'database:admin' },
      { allow: 'database:*' },
    ]);
    const judge = (...calls: SdkCall[]) => user.guardAll('effects', calls);
    expect(
      await judge(
        { tool: 'github', method: 'delete_repo' },
        { tool: 'github', method: 'list' },
        { tool: 'http', method: 'GET' },
        { tool: 'database', method: 'query', args: { sql: 'DROP TABLE people' } },
        { tool: 'database', method: 'query', args: { sql: 'SELECT 1' } },
        { tool: 'mail', method: 'send' },
      ),
    ).toMatchObject([
      { effect: 'deny', policy_id: 'rule-0', reason: expect.stringMatching(/^Nothing is deleted \[r\w+\]$/) },
      { effect: 'allow', policy_id: 'rule-1' },
      { effect: 'warn', policy_id: 'rule-2' },
      { effect: 'deny', policy_id: 'rule-3' },
      { effect: 'allow', policy_id: 'rule-4' },
      NO_MATCH,
    ]);
  });

  it('keeps to conditions', async () => {
    await governed('conditions', [
      { deny: 'pay:*', when: { amount: { op: 'gt', value: 100 } } },
      { allow: 'pay:*', when: { currency: { op: 'in', value: ['EUR', 'CHF'] } } },
      { warn: 'http:*', when: { url: '*internal*' } },
    ]);
    const calls = [
      { tool: 'pay', args: { amount: 500, currency: 'EUR' } },
      { tool: 'pay', args: { amount: 5, currency: 'EUR' } },
      { tool: 'pay', args: { amount: 5, currency: 'USD' } },
      { tool: 'http', args: { url: 'https://wiki.internal.example' } },
      { tool: 'http', args: { url: 'https://example.com' } },
    ];
    expect(await user.guardAll('conditions', calls)).toMatchObject([
      { effect: 'deny', policy_id: 'rule-0' },
      { effect: 'allow' },
      NO_MATCH,
      { effect: 'warn' },
      NO_MATCH,
    ]);
  });

  it('keeps to resources', async () => {
    await governed('resources', [{ allow: 'github:*', resources: ['acme/*'] }]);
    const calls = [
      { tool: 'github', method: 'read', resource: 'acme/site' },
      { tool: 'github', method: 'read', resource: 'other/site' },
      { tool: 'github', method: 'read' },
    ];
    expect(await user.guardAll('resources', calls)).toMatchObject([
      { effect: 'allow' },
      { effect: 'deny', policy_id: 'synthetic:RESOURCE_GATE_SKIP' },
      { effect: 'deny', policy_id: 'synthetic:RESOURCE_GATE_SKIP' },
    ]);
  });

  it('keeps to clients, in either spelling', async () => {
    await governed('clients', [
      { deny: 'shell:*', clients: ['claude-code'] },
      { allow: 'shell:*', clients: ['python-sdk'] },
    ]);
    const calls = [
      { tool: 'shell' },
      { tool: 'shell', client_name: 'claude-code' },
      { tool: 'shell', client_name: 'claude_code' },
      { tool: 'shell', client_name: 'cursor' },
    ];
    expect(await user.guardAll('clients', calls)).toMatchObject([
      { effect: 'allow' },
      { effect: 'deny', policy_id: 'rule-0' },
      { effect: 'deny', policy_id: 'rule-0' },
      NO_MATCH,
    ]);
  });

  it("gives each project only its own part of an organization's policy", async () => {
    const [one, other] = [await quickstart.project('selected'), await quickstart.project('not-selected')];
    const rules = [
      { allow: 'deploy:*', projects: [one.id] },
      { deny: 'deploy:*', reason: 'Only the selected project deploys' },
    ];
    const policies = `/api/orgs/${quickstart.orgId}/policies`;
    const document = { version: '1', rules };
    const policy = await quickstart.admin.expect(201, 'POST', policies, { name: 'deployments', document });
    await quickstart.admin.expect(200, 'POST', `${policies}/${policy.id}/assign`, { project_ids: [one.id, other.id] });
    await user.open('selected', one.key);
    await user.open('not-selected', other.key);
    expect(await user.guard('selected', { tool: 'deploy' })).toMatchObject({ effect: 'allow' });
    expect(await user.guard('not-selected', { tool: 'deploy' })).toMatchObject({
      effect: 'deny',
      reason: expect.stringContaining('Only the selected project deploys'),
    });
  });

  it('finds and blocks sensitive data', async () => {
    const rule = (action: string, letter: string) => ({
      id: `staff-${action}`,
      name: `Staff number ${letter}`,
      pattern: `${letter}-\\d{4}`,
      action,
      category: 'pii',
    });
    await governed('data', [{ allow: 'mail:*' }], { dlp_rules: [rule('block', 'b'), rule('detect', 'd')] });
    const calls = ['b-1234', 'd-1234', 'nothing'].map((text) => ({ tool: 'mail', args: { text } }));
    expect(await user.guardAll('data', calls)).toMatchObject([
      { effect: 'deny', reason_code: 'DLP_BLOCKED' },
      { effect: 'allow' },
      { effect: 'allow' },
    ]);
  });

  it('evaluates with a test key but blocks nothing, and marks what it reports', async () => {
    const trier = quickstart.user('trier');
    const { id, key: trialKey } = await governed('trial', [{ id: 'none', deny: 'github:*' }], {}, trier);
    const { key } = await quickstart.newKey(id, { mode: 'test' });
    expect(key).toMatch(/^cz_test_/);
    const tester = quickstart.user('tester');
    await tester.open('trial-test', key);
    const call = { tool: 'github', method: 'list' };
    expect(await trier.guard('trial', call)).toMatchObject({ effect: 'deny' });
    expect(await tester.guard('trial-test', call)).toMatchObject({ effect: 'warn' });
    expect(await tester.guard('trial-test', { tool: 'unmatched' })).toMatchObject({ effect: 'warn' });
    await trier.closeClient('trial');
    await tester.closeClient('trial-test');
    await trier.flush(trialKey);
    await tester.flush(key);
    const entries = await entriesOf(quickstart.admin, id);
    expect(entries.map((entry) => [entry.tool_name, entry.decision, entry.is_test, entry.rule_id]).sort()).toEqual([
      ['github', 'deny', false, 'none'],
      ['github', 'warn', true, 'none'],
      ['unmatched', 'warn', true, null],
    ]);
  });

  it('reads a policy of a thousand rules', async () => {
    const rules = Array.from({ length: 999 }, (_, number) => ({
      deny: `tool-${number}:*`,
      reason: `Number ${number}`,
    }));
    await governed('thousand', [...rules, { allow: '*' }]);
    const calls = [{ tool: 'tool-998' }, { tool: 'tool-999' }];
    expect(await user.guardAll('thousand', calls)).toMatchObject([
      { effect: 'deny', policy_id: 'rule-998', reason: expect.stringContaining('Number 998') },
      { effect: 'allow', policy_id: 'rule-999' },
    ]);
  });

  it('reports calls of any name, and every row is stored', async () => {
    const caller = quickstart.user('caller');
    const { id, key } = await governed('names', [{ allow: '*' }], {}, caller);
    const names = ['名前', '🦊', 'a\u0000b', '\ud800', 'x'.repeat(10_000), '__proto__', "'; DROP TABLE x --", ' '];
    await caller.guardAll(
      'names',
      names.map((tool, number) => ({ tool, method: `call-${number}`, args: { text: tool } })),
    );
    await caller.closeClient('names');
    await caller.flush(key);
    const methods = (await entriesOf(quickstart.admin, id)).map((entry) => entry.method).sort();
    expect(methods).toEqual(names.map((_, number) => `call-${number}`));
  });

  it('reaches a running client with the next call after its refresh interval', async () => {
    const { id, key } = await quickstart.project('changing');
    const policyId = await quickstart.policy(id, 'changing', { rules: [{ allow: 'github:*' }] });
    await user.open('impatient', key, { refreshSeconds: 1 });
    await user.open('patient', key, { refreshSeconds: 3_600 });
    const call = { tool: 'github', method: 'list' };
    expect(await user.guard('impatient', call)).toMatchObject({ effect: 'allow' });

    await quickstart.change(id, policyId, { rules: [{ deny: 'github:*' }] });
    await waitFor('the denial', async () =>
      (await user.guard('impatient', call)).effect === 'deny' ? true : undefined,
    );
    expect(await user.guard('patient', call)).toMatchObject({ effect: 'allow' });
    expect(await user.refresh('patient')).toBe(true);
    expect(await user.guard('patient', call)).toMatchObject({ effect: 'deny' });
    expect(await user.refresh('patient')).toBe(false);
  });
});
