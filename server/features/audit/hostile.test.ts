import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { guardRow, hookRow } from './sent-rows.fixture.ts';

const NOW = Date.UTC(2026, 10, 21, 9);

/** A row as text, with `members` spliced in as they are. */
function rowText(members: string, id = 'x'): string {
  return `{"id":${JSON.stringify(id)},"tool_name":"t","decision":"deny",${members}}`;
}

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let home: Tenant;
  let projectId: string;
  let key: string;
  beforeAll(async () => {
    appliance = await open({ clock: manualClock(NOW) });
    home = await openTenant(appliance, 'home');
    await home.owner.request('PATCH', `/api/orgs/${home.orgId}/settings`, { audit_redaction: 'full' });
  });
  beforeEach(async () => {
    const name = randomUUID();
    projectId = (await home.owner.request('POST', `/api/orgs/${home.orgId}/projects`, { name })).body.id;
    key = (await home.owner.request('POST', `/api/projects/${projectId}/api-keys`, { name, scopes: ['read'] })).body
      .key;
  });

  const send = (...rows: (string | Buffer)[]) => {
    const parts = rows.flatMap((row, index) =>
      index === 0 ? [Buffer.from(row)] : [Buffer.from(','), Buffer.from(row)],
    );
    const body = Buffer.concat([Buffer.from('{"entries":['), ...parts, Buffer.from(']}')]);
    return appliance.request('POST', '/v1/sdk/audit', { body, bearer: key });
  };
  const entry = async (id = 'x') =>
    (await home.owner.request('GET', `/api/projects/${projectId}/logs/${encodeURIComponent(id)}`)).body;
  const counts = (accepted: number, rejected = 0, dropped = 0) => ({ accepted, rejected, dropped });

  it('takes members that other readers trip over', async () => {
    const members =
      '"__proto__":{"admin":true},"constructor":"c","toString":1,"hasOwnProperty":null,"args":{"__proto__":1}';
    expect((await send(rowText(members))).body).toEqual(counts(1));
    const { other, payload } = await entry();
    expect(other).toEqual({ toString: 1, hasOwnProperty: null });
    expect(JSON.stringify(payload.fields)).toBe(
      '{"__proto__":{"admin":true},"constructor":"c","args":{"__proto__":1}}',
    );
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('takes NaN and infinities', async () => {
    expect((await send(rowText('"latency_ms":NaN,"score":-Infinity,"big":1e999'))).body).toEqual(counts(1));
    const { latency_ms, marks, payload } = await entry();
    expect(latency_ms).toBeNull();
    expect(marks).toContain('row');
    expect(payload.row).toContain('"big":1e999');
  });

  it('tells rows apart by digits that a number cannot hold', async () => {
    await send(rowText('"n":9007199254740993'));
    expect((await send(rowText('"n":9007199254740993'))).body).toEqual(counts(0, 0, 1));
    expect((await send(rowText('"n":9007199254740992'))).body).toEqual(counts(0, 1, 0));
    expect((await entry()).payload.row).toContain('9007199254740993');
  });

  it('stores NUL and halves of surrogate pairs in an escaped form', async () => {
    const row = guardRow({
      id: 'a\0\ud800',
      tool_name: 'to\0ol',
      reason: 'x\udc00y 😀',
      user: '\ud83d\ude00',
      hostname: '\ud83d',
    });
    const text = JSON.stringify({ ...row, client_version: 'v\0', extra: '\0' });
    expect((await send(text)).body).toEqual(counts(1));
    const shown = (await home.owner.request('GET', `/api/projects/${projectId}/logs`)).body.logs[0];
    expect(shown).toMatchObject({
      id: 'a\\u0000\\ud800',
      tool_name: 'to\\u0000ol',
      reason: 'x\\udc00y 😀',
      user: '😀',
      hostname: '\\ud83d',
      fields: { client_version: 'v\\u0000' },
    });
    expect(shown.marks.sort()).toEqual(['client_version', 'hostname', 'id', 'reason', 'tool_name']);
    expect((await send(text)).body).toEqual(counts(0, 0, 1));
    expect((await send(Buffer.from(rowText('"args":{"\\u0000":"\\ud800"}', 'z')))).body).toEqual(counts(1));
    expect((await entry('z')).payload.fields).toEqual({ args: { '\0': '\ud800' } });
  });

  it('takes raw control characters and broken UTF-8', async () => {
    const broken = Buffer.concat([
      Buffer.from('{"id":"b","decision":"allow","user":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    expect((await send(rowText('"reason":"line\nbreak\u0001"'), broken)).body).toEqual(counts(2));
    expect((await entry()).reason).toBe('line\nbreak\u0001');
    expect((await entry('b')).user).toBe('\ufffd\ufffd');
    const otherBytes = Buffer.from(broken);
    otherBytes[broken.indexOf(0xff)] = 0xfd;
    expect((await send(otherBytes)).body).toEqual(counts(0, 1, 0));
  });

  it('takes nesting of any depth', async () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const rows = [100, 1000, 100_000].map((levels) =>
      rowText(`"args":{"a":${deep(levels)}},"enforcement":${deep(levels)}`, `deep ${levels}`),
    );
    expect((await send(...rows)).body).toEqual(counts(3));
    expect((await send(...rows)).body).toEqual(counts(0, 0, 3));
    expect((await entry('deep 100000')).marks).toEqual(expect.arrayContaining(['enforcement', 'row']));
    expect((await entry('deep 100000')).payload.row).toBe(rows[2]);
  });

  it('takes values of other types than an SDK sends', async () => {
    const members =
      '"user":{"name":"a"},"reason":["x"],"policy_id":7,"mode":true,"client_name":null,"latency_ms":"12","input_tokens":1.6,"output_tokens":-3,"estimated_cost_usd":1e300,"ts":5,"project_id":""';
    expect((await send(rowText(members))).body).toEqual(counts(1));
    const shown = await entry();
    expect(shown).toMatchObject({
      user: '{"name":"a"}',
      reason: '["x"]',
      policy_ref: '7',
      mode: 'true',
      client: 'unknown',
      latency_ms: null,
      input_tokens: 2,
      output_tokens: 0,
      ts: new Date(NOW).toISOString(),
      fields: { ts: 5, client_name: null },
    });
    expect(shown.marks).toEqual(
      expect.arrayContaining(['user', 'reason', 'policy_id', 'latency_ms', 'output_tokens', 'ts']),
    );
  });

  it.each([
    ['nothing', undefined],
    ['no time', 'yesterday'],
    ['a time before SDKs', '1999-12-31T23:59:59Z'],
    ['a time after tomorrow', '2026-11-22T09:00:01Z'],
    ['a year beyond four digits', '+012026-11-22T09:00:01Z'],
  ])('counts the time of arrival where a row says %s', async (_, ts) => {
    await send(JSON.stringify(guardRow({ id: 'x', ts })));
    const shown = await entry();
    expect([shown.ts, shown.fields.ts ?? undefined]).toEqual([new Date(NOW).toISOString(), ts]);
  });

  it('takes texts of any length and keeps them within bounds', async () => {
    const long = 'x😀'.repeat(100_000);
    const row = guardRow({
      id: long.slice(0, 300),
      reason: long,
      tool_name: long,
      user: long,
      subject: long,
      user_email: long,
    });
    expect((await send(JSON.stringify(row))).body).toEqual(counts(1));
    const shown = (await home.owner.request('GET', `/api/projects/${projectId}/logs`)).body.logs[0];
    expect(shown.id.length).toBeLessThanOrEqual(64);
    expect(shown.reason.length).toBeLessThanOrEqual(4000);
    expect(shown.reason.isWellFormed()).toBe(true);
    expect(shown.marks.sort()).toEqual(['id', 'reason', 'subject', 'tool_name', 'user', 'user_email']);
    expect((await send(JSON.stringify({ ...row, id: `${row['id']}y` }))).body).toEqual(counts(1));
  });

  it('takes a row of eight megabytes', async () => {
    const input_payload = 'p'.repeat(8 * 1024 * 1024);
    expect((await send(JSON.stringify(hookRow({ id: 'x', input_payload })))).body).toEqual(counts(1));
    expect((await entry()).withheld.input_payload.length).toBe(input_payload.length);
  });

  it('takes thousands of members that nobody knows', async () => {
    const numbers = Array.from({ length: 5000 }, (_, index) => `"n${index}":${index},"s${index}":"text"`);
    expect((await send(rowText(numbers.join(',')))).body).toEqual(counts(1));
    const shown = await entry();
    expect(Object.keys(shown.other)).toHaveLength(100);
    expect(Object.keys(shown.withheld)).toHaveLength(100);
    expect(shown.marks).toEqual(expect.arrayContaining(['other', 'withheld']));
  });

  it('keeps the last of a member that comes twice, and knows the row again', async () => {
    const row = rowText('"user":"a","user":"b"');
    await send(row);
    expect((await entry()).user).toBe('b');
    expect((await send(row)).body).toEqual(counts(0, 0, 1));
  });

  it('stamps a refusal that names no policy', async () => {
    await send(JSON.stringify(guardRow({ id: 'x', policy_id: '', rule_id: '' })));
    expect(await entry()).toMatchObject({ policy_ref: 'synthetic:UNATTRIBUTED_DENY', attribution: 'synthetic' });
  });
});
