import { beforeAll, expect, it } from 'vitest';
import { GoClient } from '../clients/go/client.ts';
import { describeEachAppliance } from '../each-appliance.ts';
import { GovernedProject } from './governed-project.ts';
import { type ListeningAppliance, listening } from './listening.ts';

const CALL = { tool: 'github', method: 'list' };
const MEBIBYTE = 1_048_576;

/** Audit rows as the older SDK sends them. */
describeEachAppliance((openAppliance) => {
  let appliance: ListeningAppliance;
  let project: GovernedProject;
  beforeAll(async () => {
    appliance = await listening(await openAppliance());
    project = await GovernedProject.open(appliance, 'home');
  });

  /** Posts a body as it is, with the project's key. */
  const post = async (body: string, key = project.key) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const answer = await fetch(`${appliance.url}/v1/sdk/audit`, { method: 'POST', headers, body });
    return [answer.status, await answer.json()];
  };
  const row = (id: string, more: object = {}) => ({ id, tool_name: 'github', decision: 'allow', ...more });

  it('names policy, version and rule, and shows the reason without its tag', async () => {
    const governed = await project.sibling('attributed');
    const policy = await governed.policy([
      { id: 'closed', deny: 'github:*', reason: 'Not from here' },
      { id: 'open', allow: 'mail:*' },
    ]);
    await governed.rewrite(policy, [
      { id: 'closed', deny: 'github:*', reason: 'Not from here either' },
      { id: 'open', allow: 'mail:*' },
    ]);
    const client = await GoClient.start(appliance.url, governed.key);
    for (const call of [CALL, { tool: 'mail', method: 'send' }, { tool: 'other' }]) client.guard(call);
    expect(await client.flush()).toBe(200);
    const named = (await governed.entries()).map((entry) => ({
      tool: entry.tool_name,
      attribution: entry.attribution,
      policy: [entry.policy_name, entry.policy_version, entry.rule_id, entry.rule_index],
      reason: entry.reason,
      client: entry.client,
    }));
    const client_ = 'go_sdk';
    expect(named.sort((a, b) => a.tool.localeCompare(b.tool))).toEqual([
      {
        tool: 'github',
        attribution: 'tag',
        policy: ['guards', 2, 'closed', 0],
        reason: 'Not from here either',
        client: client_,
      },
      { tool: 'mail', attribution: 'tag', policy: ['guards', 2, 'open', 1], reason: '', client: client_ },
      {
        tool: 'other',
        attribution: 'synthetic',
        policy: [null, null, null, null],
        reason: 'No matching policy rule',
        client: client_,
      },
    ]);
  });

  it('counts overlapping flushes once', async () => {
    const counted = await project.sibling('counted');
    const client = await GoClient.start(appliance.url, counted.key);
    for (let number = 0; number < 60; number += 1) client.guard({ ...CALL, method: `step-${number}` });
    expect(await client.flushTwice()).toEqual([200, 200]);
    const methods = (await counted.entries()).map((entry) => entry.method);
    expect([methods.length, new Set(methods).size]).toEqual([60, 60]);
  });

  it('takes large bodies, refuses one above 16 MB with 400 so that it is halved, and never with 413', async () => {
    const payload = 'x'.repeat(3 * MEBIBYTE);
    const entries = [row('large', { args: { payload } })];
    expect(await post(JSON.stringify({ entries }))).toEqual([200, { accepted: 1, rejected: 0, dropped: 0 }]);
    const [status, body] = await post(
      JSON.stringify({ entries: [row('largest', { pad: 'x'.repeat(16 * MEBIBYTE) })] }),
    );
    expect([status, body]).toMatchObject([400, { code: 'BATCH_TOO_LARGE' }]);
    const ids = (await project.entries()).map((entry) => entry.id);
    expect([ids.includes('large'), ids.includes('largest')]).toEqual([true, false]);
  });

  it('refuses only a frame without entries; what is in them never matters', async () => {
    for (const body of ['', 'nonsense', '{}', '[]', '{"entries":{}}']) expect((await post(body))[0]).toBe(400);
    const entries = `${JSON.stringify(row('good'))},17,null,{"id":"bad","decision":`;
    expect(await post(`{"entries":[${entries}NaN},{"__proto__":{"a":1},"tool_name":"\\u0000\\ud800"}]}`)).toMatchObject(
      [200, { dropped: 0 }],
    );
    expect((await project.entries()).map((entry) => entry.id)).toContain('good');
  });

  it('stops for good on a revoked key, which names the reason', async () => {
    const revoked = await project.sibling('revoked');
    const client = await GoClient.start(appliance.url, revoked.key);
    client.guard(CALL);
    await revoked.change('DELETE', `api-keys/${revoked.keyId}`);
    expect(await client.flush()).toBe(401);
    client.guard(CALL);
    expect(await client.flush()).toBe(0);
    expect(await post('{"entries":[]}', revoked.key)).toMatchObject([401, { reason: 'invalid_or_revoked' }]);
    expect(await revoked.entries()).toEqual([]);
  });
});
