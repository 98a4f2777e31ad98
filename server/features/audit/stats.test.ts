import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { operatorContext } from '../../../test/people.ts';
import { activityOf, openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { guardRow } from './sent-rows.fixture.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 30);

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let home: Tenant;
  let stranger: Tenant;
  let projectId: string;
  let key: string;
  let testKey: string;
  beforeAll(async () => {
    appliance = await open({ clock: manualClock(NOW) });
    home = await openTenant(appliance, 'home');
    stranger = await openTenant(appliance, 'elsewhere');
  });
  beforeEach(async () => {
    const name = randomUUID();
    projectId = (await home.owner.request('POST', `/api/orgs/${home.orgId}/projects`, { name })).body.id;
    const keys = `/api/projects/${projectId}/api-keys`;
    key = (await home.owner.request('POST', keys, { name, scopes: ['read'] })).body.key;
    testKey = (await home.owner.request('POST', keys, { name: `${name} t`, scopes: ['read'], mode: 'test' })).body.key;
  });

  let number = 0;
  const row = (minutesAgo: number, changes: Record<string, unknown> = {}) => {
    number += 1;
    const ts = new Date(NOW - minutesAgo * 60_000).toISOString();
    return guardRow({ id: `row ${number}`, ts, ...changes });
  };
  const send = async (entries: unknown[], bearer = key) =>
    expect((await appliance.request('POST', '/v1/sdk/audit', { body: { entries }, bearer })).status).toBe(200);
  const get = (path: string) => home.owner.request('GET', `/api/projects/${projectId}/${path}`);

  it('shows entries in pages, newest first, narrowed by every filter', async () => {
    await send([
      row(30, {
        tool_name: 'Bash',
        decision: 'allow',
        user: 'ada',
        reason: '100% sure_thing',
        reason_code: 'NO_RULE_MATCH',
      }),
      row(20, { tool_name: 'Bash', decision: 'warn', client_name: 'claude-code', mode: 'local' }),
      row(10, { tool_name: 'database', event_kind: 'leak', policy_id: 'rule-7' }),
      row(5, { project_id: 'elsewhere' }),
    ]);
    await send([row(1)], testKey);
    const minutes = async (query: string) =>
      (await get(`logs?${query}`)).body.logs.map((entry: { ts: string }) => (NOW - Date.parse(entry.ts)) / 60_000);
    expect(await minutes('')).toEqual([1, 5, 10, 20, 30]);
    expect(await minutes('tool=Bash')).toEqual([20, 30]);
    expect(await minutes('decision=allow')).toEqual([30]);
    expect(await minutes('user=ada')).toEqual([30]);
    expect(await minutes('reason_code=NO_RULE_MATCH')).toEqual([30]);
    expect(await minutes('client=claude_code')).toEqual([20]);
    expect(await minutes('mode=local')).toEqual([20]);
    expect(await minutes('kind=credential')).toEqual([10]);
    expect(await minutes('policy_id=rule-7')).toEqual([10]);
    expect(await minutes('rule=rule-7')).toEqual([10]);
    expect(await minutes('test=true')).toEqual([1]);
    expect(await minutes('test=false&foreign=false')).toEqual([10, 20, 30]);
    expect(await minutes('foreign=true')).toEqual([5]);
    expect(await minutes(`q=${encodeURIComponent('100% SURE_')}`)).toEqual([30]);
    expect(await minutes('q=100_')).toEqual([]);
    const time = (ago: number) => new Date(NOW - ago * 60_000).toISOString();
    expect(await minutes(`since=${time(20)}&until=${time(5)}`)).toEqual([10, 20]);
    expect(await minutes(`since=${time(20)}&until=${time(5)}&tool=Bash`)).toEqual([20]);

    const first = (await get('logs?limit=2')).body;
    const second = (await get(`logs?limit=2&cursor=${first.next_cursor}`)).body;
    const third = (await get(`logs?limit=2&cursor=${second.next_cursor}`)).body;
    expect([...first.logs, ...second.logs, ...third.logs]).toEqual((await get('logs')).body.logs);
    expect(third.next_cursor).toBeNull();
    for (const wrong of [
      'limit=0',
      'limit=101',
      'cursor=made-up',
      'since=yesterday',
      'kind=none',
      `since=${time(5)}&until=${time(5)}`,
      `q=${'x'.repeat(201)}`,
    ]) {
      expect((await get(`logs?${wrong}`)).status, wrong).toBe(400);
    }
  });

  it('finds rare entries among many, page by page', async () => {
    const entries = Array.from({ length: 12_000 }, (_, index) =>
      row(1, index % 4000 === 17 ? { tool_name: 'rare' } : {}),
    );
    for (let start = 0; start < entries.length; start += 2000) await send(entries.slice(start, start + 2000));
    const first = (await get('logs?tool=rare&limit=2')).body;
    const second = (await get(`logs?tool=rare&limit=2&cursor=${first.next_cursor}`)).body;
    expect([first.logs.length, second.logs.length, second.next_cursor]).toEqual([2, 1, null]);
    expect((await get('logs/stats')).body).toMatchObject({ total: 12_000, complete: true });
  });

  it('counts decisions, tools, policies and latencies over a window', async () => {
    await send([
      row(10, { decision: 'allow', tool_name: 'Bash', latency_ms: 4, policy_id: 'rule-1' }),
      row(20, { decision: 'deny', tool_name: 'Bash', latency_ms: 10, policy_id: 'rule-2' }),
      row(70, { decision: 'deny', tool_name: 'github', latency_ms: 6, policy_id: 'rule-2' }),
      row(80, { decision: '__proto__', tool_name: 'github', reason: 'policy:robserve' }),
      row(20, { event: 'dlp_mask_applied' }),
      row(20, { project_id: 'elsewhere' }),
      row(60 * 25),
    ]);
    await send([row(1)], testKey);
    expect((await stranger.owner.request('GET', `/api/projects/${projectId}/logs/stats`)).status).toBe(403);
    const { body } = await get('logs/stats');
    expect(body).toMatchObject({
      step: 'hour',
      complete: true,
      total: 4,
      decisions: { allow: 1, deny: 2, other: 1 },
      tools: [
        { tool_name: 'Bash', total: 2, decisions: { allow: 1, deny: 1 } },
        { tool_name: 'github', total: 2 },
      ],
      latency: { count: 3, mean_ms: 6.7, p50_ms: 6, p95_ms: 10, max_ms: 10 },
      reason_codes: [{ reason_code: 'RULE_MATCH', total: 4 }],
      clients: [{ client: 'python_sdk', total: 4 }],
    });
    expect(
      body.policies.map((policy: { policy_id: string; total: number }) => [policy.policy_id, policy.total]),
    ).toEqual([
      ['rule-2', 2],
      ['rule-1', 1],
      ['synthetic:OBSERVE_MODE_NO_POLICY', 1],
    ]);
    expect(body.series).toHaveLength(25);
    expect(body.series.at(-1)).toMatchObject({ start: '2026-11-21T09:00:00.000Z', total: 2 });
    expect(body.series.at(-2)).toMatchObject({ start: '2026-11-21T08:00:00.000Z', total: 2 });
    expect((await get('logs/stats?test=true')).body.total).toBe(1);
    const week = (await get('logs/stats?since=2026-11-15T00:00:00Z')).body;
    expect([week.step, week.series.length, week.total]).toEqual(['day', 7, 5]);
    expect((await get('logs/stats?since=2020-01-01T00:00:00Z')).status).toBe(400);

    const { tools } = (await get('logs/tools?limit=1')).body;
    expect(tools).toMatchObject([
      { tool_name: 'Bash', total: 2, methods: [{ method: 'delete_repo', total: 2 }], latency: { max_ms: 10 } },
    ]);
    expect(tools[0].last_seen).toBe(new Date(NOW - 600_000).toISOString());
  });

  it('exports what the filters let through, and records it', async () => {
    const entries = Array.from({ length: 1100 }, (_, index) => row(index / 100));
    await send([...entries, row(1, { tool_name: '=cmd()', reason: 'a "b",\nc', user: '-1' })]);
    const url = `/api/projects/${projectId}/export`;
    expect((await appliance.request('GET', url)).status).toBe(401);
    expect((await stranger.owner.request('GET', url)).status).toBe(403);
    expect((await get('export?format=xml')).status).toBe(400);
    expect(await activityOf(appliance, 'audit.export')).toEqual([]);

    const lines = await get('export?tool=github');
    expect(lines.headers['content-type']).toContain('application/x-ndjson');
    const exported = lines.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(exported).toHaveLength(1100);
    expect(exported.slice(0, 50)).toEqual((await get('logs?tool=github')).body.logs);
    const table = await get('export?format=csv&q=cmd');
    expect(table.headers['content-disposition']).toContain('.csv');
    const [head, ...rows] = table.text.split('\r\n');
    expect(head).toMatch(/^ts,received_at,id,kind,decision,/);
    expect(rows.join('\r\n')).toContain(`,'=cmd(),delete_repo,"a ""b"",\nc",RULE_MATCH,`);
    expect(rows.join('\r\n')).toContain(`,'-1,`);
    expect(await activityOf(appliance, 'audit.export')).toMatchObject([
      { project_id: projectId, actor_id: home.owner.id },
      { project_id: projectId },
    ]);

    await appliance.services.orgs.changeTier(operatorContext(appliance), home.orgId, 'free');
    const refused = await get('export');
    expect([refused.status, refused.body.code]).toEqual([403, 'FEATURE_NOT_AVAILABLE']);
    await appliance.services.orgs.changeTier(operatorContext(appliance), home.orgId, 'enterprise');
  });
});
