import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { goMachineRow, guardRow, hookRow } from './sent-rows.fixture.ts';

const NOW = Date.UTC(2026, 10, 21, 9);

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let home: Tenant;
  let stranger: Tenant;
  let projectId: string;
  let key: string;
  beforeAll(async () => {
    appliance = await open({ clock: manualClock(NOW) });
    home = await openTenant(appliance, 'home');
    stranger = await openTenant(appliance, 'elsewhere');
  });
  beforeEach(async () => {
    const name = randomUUID();
    projectId = (await home.owner.request('POST', `/api/orgs/${home.orgId}/projects`, { name })).body.id;
    key = (await home.owner.request('POST', `/api/projects/${projectId}/api-keys`, { name, scopes: ['read'] })).body
      .key;
  });

  const send = (body: unknown, url = '/v1/sdk/audit', bearer = key, headers: Record<string, string> = {}) =>
    appliance.request('POST', url, { body, bearer, headers });
  const deliver = (...entries: unknown[]) => send({ entries });
  const logs = async (query = '') =>
    (await home.owner.request('GET', `/api/projects/${projectId}/logs${query}`)).body.logs;
  const stored = () =>
    appliance.kernel.databases.audit.read
      .selectFrom('entries')
      .selectAll()
      .where('project_id', '=', projectId)
      .orderBy('seq')
      .execute();
  const aside = () =>
    appliance.kernel.databases.audit.read
      .selectFrom('quarantine')
      .selectAll()
      .where('project_id', '=', projectId)
      .orderBy('seq')
      .execute();

  it('takes entries on both paths and shows them to members', async () => {
    for (const url of ['/v1/sdk/audit', '/v1/sdk/logs']) {
      const entries = [guardRow({ id: url })];
      expect((await appliance.request('POST', url, { body: { entries } })).status).toBe(401);
      expect((await send({ entries }, url, `cz_live_${'0'.repeat(64)}`)).status).toBe(401);
      expect((await send({ entries }, url, home.owner.token)).status).toBe(401);
      const answer = await send({ entries }, url);
      expect([answer.status, answer.body]).toEqual([200, { accepted: 1, rejected: 0, dropped: 0 }]);
    }
    const url = `/api/projects/${projectId}/logs`;
    expect((await appliance.request('GET', url)).status).toBe(401);
    expect((await appliance.request('GET', url, { bearer: key })).status).toBe(401);
    expect((await stranger.owner.request('GET', url)).status).toBe(403);
    expect((await logs()).map((entry: { id: string }) => entry.id)).toEqual(['/v1/sdk/logs', '/v1/sdk/audit']);
  });

  it('keeps every field of a library row', async () => {
    expect((await deliver(guardRow({ project_id: projectId }))).body.accepted).toBe(1);
    const [entry] = await logs();
    expect(entry).toMatchObject({
      id: '72301b37-047d-4bf7-9407-4e5808650cd5',
      ts: '2026-11-21T08:02:29.941Z',
      received_at: new Date(NOW).toISOString(),
      kind: 'decision',
      decision: 'deny',
      tool_name: 'github',
      method: 'delete_repo',
      reason: 'no',
      reason_code: 'RULE_MATCH',
      attribution: 'unresolved',
      policy_id: 'rule-0',
      policy_ref: 'rule-0',
      user: 'root',
      hostname: 'vm',
      client: 'python_sdk',
      mode: 'hosted',
      is_test: false,
      foreign_project_id: null,
      has_payload: false,
      marks: [],
      fields: {
        args_hash: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        controlzero_sdk_version: 'python@1.13.16',
        enforcement: { status: 'indeterminate', event: 'deciding' },
        dlp_outcome: { status: 'skipped', details: {} },
        divergent_rule_ids: [],
        family_covered: false,
      },
    });
    const single = await home.owner.request('GET', `/api/projects/${projectId}/logs/${entry.id}`);
    expect(single.body).toEqual({ ...entry, payload: null });
    expect((await home.owner.request('GET', `/api/projects/${projectId}/logs/nothing`)).status).toBe(404);
  });

  it('takes the short rows of the Go SDK and the rows of hooks', async () => {
    expect((await deliver(goMachineRow(), hookRow())).body).toEqual({ accepted: 2, rejected: 0, dropped: 0 });
    expect((await logs('?client=claude_code')).map((entry: { method: string }) => entry.method)).toEqual(['rm']);
    expect((await logs('?decision=allow'))[0]).toMatchObject({ tool_name: 'database', user: 'ada', client: 'unknown' });
  });

  it('takes batches of 500 rows and more', async () => {
    const entries = Array.from({ length: 1200 }, (_, index) => guardRow({ id: `row ${index}` }));
    expect((await deliver(...entries)).body).toEqual({ accepted: 1200, rejected: 0, dropped: 0 });
    expect((await deliver(...entries)).body).toEqual({ accepted: 0, rejected: 0, dropped: 1200 });
    expect(await stored()).toHaveLength(1200);
  });

  it('counts a repeat as dropped, whatever its spelling, key or headers', async () => {
    const row = hookRow();
    const reversed = Object.fromEntries(Object.entries(row).reverse());
    expect((await deliver(row, row)).body).toEqual({ accepted: 1, rejected: 0, dropped: 1 });
    const again = await send(JSON.stringify({ entries: [reversed] }, null, 2), '/v1/sdk/logs', key, {
      'x-cz-requestor-email': 'ada@example.com',
    });
    expect(again.body).toEqual({ accepted: 0, rejected: 0, dropped: 1 });
    expect(await stored()).toHaveLength(1);
  });

  it('takes the same id in another project', async () => {
    await deliver(guardRow());
    const other = await appliance.request('POST', '/v1/sdk/audit', {
      body: { entries: [guardRow()] },
      bearer: stranger.key,
    });
    expect(other.body.accepted).toBe(1);
  });

  it('puts other content under a known id aside, with one alert for the id', async () => {
    expect((await deliver(guardRow(), guardRow({ decision: 'allow' }))).body).toEqual({
      accepted: 1,
      rejected: 1,
      dropped: 0,
    });
    await deliver(guardRow({ decision: 'warn' }));
    await deliver(guardRow({ decision: 'warn' }));
    expect((await stored()).map((entry) => entry.decision)).toEqual(['deny']);
    expect((await aside()).map((row) => [row.reason, row.entry_id])).toEqual([
      ['conflict', guardRow().id],
      ['conflict', guardRow().id],
    ]);
    const alerts = await appliance.services.alerts.list({ projectId, kind: 'audit.conflict' }, 10);
    expect(alerts.map((alert) => [alert.count, JSON.parse(alert.details)])).toEqual([[3, { entry_id: guardRow().id }]]);
  });

  it('puts rows aside that cannot be entries, and takes those beside them', async () => {
    const answer = await send(
      `{"entries":[${JSON.stringify(guardRow())}, 5, "text", null, [], {}, {"id":"x"}, {"id":"","decision":"deny"}, {bad}, {"id":"n","decision":"deny","latency_ms":NaN}]}`,
      '/v1/sdk/audit?verbose=1',
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ accepted: 2, rejected: 8, dropped: 0 });
    expect(answer.body.results.map((result: { reason?: string }) => result.reason ?? null)).toEqual([
      null,
      'not_an_object',
      'not_an_object',
      'not_an_object',
      'not_an_object',
      'no_id',
      'no_decision',
      'no_id',
      'not_json',
      null,
    ]);
    expect(await aside()).toHaveLength(8);
    const alerts = await appliance.services.alerts.list({ projectId, kind: 'audit.quarantined' }, 10);
    expect(alerts).toHaveLength(4);
    await deliver(5, 'text');
    expect(await aside()).toHaveLength(8);
  });

  describe('a body that is no batch', () => {
    it.each([
      ['nothing', undefined],
      ['no JSON', '{"entries":['],
      ['text after the batch', '{"entries":[]} more'],
      ['a list', '[]'],
      ['no entries', '{"rows":[]}'],
      ['entries that are no list', '{"entries":{}}'],
      ['a string', '"entries"'],
    ])('is refused: %s', async (_, body) => {
      const answer = await send(body);
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    });

    it('is refused when it is too large, so that an SDK sends less', async () => {
      const large = await send(Buffer.alloc(16 * 1024 * 1024 + 1, 0x20));
      expect([large.status, large.body.code]).toEqual([400, 'BATCH_TOO_LARGE']);
      const many = await send(`{"entries":[${'1,'.repeat(100_000)}1]}`);
      expect([many.status, many.body.code]).toEqual([400, 'BATCH_TOO_LARGE']);
    });
  });

  it('takes a batch without entries, and reads past what it does not know', async () => {
    expect((await send('\ufeff {"more":{"entries":[1]},"entries":[],"x":"]}"}')).body).toEqual({
      accepted: 0,
      rejected: 0,
      dropped: 0,
    });
  });

  it('counts what an organization uses', async () => {
    const before = await appliance.services.usage.usage(home.orgId);
    await deliver(
      guardRow(),
      guardRow({ id: '2', tool_name: '_lifecycle', mode: 'lifecycle' }),
      guardRow({ id: '3', event_kind: 'leak' }),
      guardRow(),
    );
    const after = await appliance.services.usage.usage(home.orgId);
    expect(after.audit_entries - before.audit_entries).toBe(3);
    expect(after.guarded_calls - before.guarded_calls).toBe(1);
  });

  it('takes nothing from a key that is dead', async () => {
    const keys = (await home.owner.request('GET', `/api/projects/${projectId}/api-keys`)).body.api_keys;
    await home.owner.request('DELETE', `/api/projects/${projectId}/api-keys/${keys[0].id}`);
    expect((await deliver(guardRow())).status).toBe(401);
    expect(await stored()).toEqual([]);
  });
});
