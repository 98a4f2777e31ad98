import { beforeAll, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { type Person, signUpAdmin } from '../../../test/people.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';
import { appendActivity } from '../../db/append-activity.ts';
import { moveActivity } from '../../db/outbox.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';
import { SLICE } from './activity-log.ts';

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let clock: ManualClock;
  let admin: Person;
  let home: Tenant;
  let other: Tenant;
  beforeAll(async () => {
    clock = manualClock();
    appliance = await open({ clock });
    admin = await signUpAdmin(appliance, 'root@appliance.example');
    home = await openTenant(appliance, 'home');
    clock.advance(60_000);
    other = await openTenant(appliance, 'other');
  });

  const list = async (query: string) => (await admin.request('GET', `/api/admin/audit-logs?${query}`)).body;
  const verbs = async (query: string) => (await list(query)).audit_logs.map((entry: { verb: string }) => entry.verb);

  it('is shown to platform admins only and refuses what it does not know', async () => {
    const url = '/api/admin/audit-logs';
    expect((await appliance.request('GET', url)).status).toBe(401);
    expect((await appliance.request('GET', url, { bearer: home.key })).status).toBe(401);
    expect((await home.owner.request('GET', url)).status).toBe(403);
    for (const query of ['limit=0', 'since=yesterday', 'since=2026-13-01T00:00:00Z', 'q=%00', 'verb=', 'cursor=abc']) {
      expect([query, (await admin.request('GET', `${url}?${query}`)).status]).toEqual([query, 400]);
    }
  });

  it('tells who did what to what', async () => {
    const [entry] = (await list(`verb=org.create&org_id=${home.orgId}`)).audit_logs;
    expect(entry).toEqual({
      id: expect.any(String),
      at: '2026-01-01T00:00:00.000Z',
      verb: 'org.create',
      actor: { kind: 'user', id: home.owner.id, label: 'owner@home.example' },
      org_id: home.orgId,
      project_id: null,
      target: { type: 'org', id: home.orgId },
      request_id: expect.any(String),
      ip: '127.0.0.1',
      details: { name: 'home', owner: home.owner.id },
    });
  });

  it('narrows by actor, verb, organization, target, time and text', async () => {
    expect(await verbs(`verb=org&actor=${home.owner.id}`)).toEqual(['org.create']);
    expect(await verbs('verb=org.create&actor=owner@other.example')).toEqual(['org.create']);
    expect(await verbs('verb=or')).toEqual([]);
    expect(await verbs(`target=${home.keyId}`)).toEqual(['api-key.create']);
    expect(await verbs(`verb=org.create&org_id=${other.orgId}`)).toEqual(['org.create']);
    expect(await verbs('verb=org.create&since=2026-01-01T00:01:00Z')).toEqual(['org.create']);
    expect(await verbs('verb=org.create&until=2026-01-01T00:00:00Z')).toEqual([]);
    expect((await list('verb=project.create&q=OTHER-PROJECT')).audit_logs).toHaveLength(1);
    expect(await verbs('q=other%25project')).toEqual([]);
  });

  it('finds what is rare far back, among more changes than one look covers', async () => {
    const at = clock.now();
    const rows = Array.from({ length: 2 * SLICE + 10 }, (_, index) => ({
      id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
      at,
      verb: index % 1_500 === 3 ? 'rare.thing' : 'usual.thing',
      actor_kind: 'system',
      details: '{}',
      ...{ org_id: null, project_id: null, actor_id: null, actor_label: null, target_type: null },
      ...{ target_id: null, request_id: null, ip: null },
    }));
    await appliance.kernel.auditWriter.run(appendActivity, rows, { rows: rows.length, bytes: 1_000 });
    const page = await list('verb=rare&limit=2');
    const rest = await list(`verb=rare&limit=2&cursor=${page.next_cursor}`);
    const numbers = [...page.audit_logs, ...rest.audit_logs].map(({ id }: { id: string }) => Number(id.slice(-12)));
    expect([numbers, rest.next_cursor]).toEqual([[3_003, 1_503, 3], null]);
    expect(await verbs('verb=rare.other')).toEqual([]);
    await appliance.kernel.databases.audit.write((trx) =>
      trx.deleteFrom('activity').where('actor_kind', '=', 'system').execute(),
    );
  });

  it('shows each change once, whether it waits or is in the ledger, newest first and in pages', async () => {
    const everything = async () => {
      const ids: string[] = [];
      let cursor = '';
      do {
        const page = await list(`limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
        ids.push(...page.audit_logs.map((entry: { id: string }) => entry.id));
        cursor = page.next_cursor ?? '';
      } while (cursor !== '');
      return ids;
    };
    const before = await everything();
    expect(before.length).toBeGreaterThan(8);
    expect(before).toEqual([...before].sort().reverse());

    await moveActivity(appliance.kernel.databases.state, appliance.kernel.auditWriter);
    expect(await everything()).toEqual(before);
    await admin.request('POST', '/api/admin/admins', { email: 'next@example.com' });
    const after = await everything();
    expect(after.slice(1)).toEqual(before);
    expect((await list('limit=1')).audit_logs[0]).toMatchObject({ verb: 'admin.add', actor: { id: admin.id } });
  });
});
