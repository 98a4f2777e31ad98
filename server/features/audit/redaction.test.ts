import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import type { Person } from '../../../test/people.ts';
import { activityOf, joinTenant, openTenant, type Tenant } from '../../../test/tenant.ts';
import { hookRow } from './sent-rows.fixture.ts';

const COMMAND = 'rm -rf /canary-7c1d';
const PAYLOADS = {
  args: { command: COMMAND, path: { deep: 'canary-7c1d' } },
  input_payload: COMMAND,
  output_payload: 'canary-7c1d out',
  error_message: 'canary-7c1d failed',
  context_window: '… canary-7c1d …',
  dlp_output_findings: [{ matched: 'canary-7c1d' }],
  prompt_of_a_later_sdk: 'canary-7c1d',
  list_of_a_later_sdk: ['canary-7c1d'],
  number_of_a_later_sdk: 7,
  flag_of_a_later_sdk: false,
};

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let home: Tenant;
  let admin: Person;
  let analyst: Person;
  let stranger: Tenant;
  let projectId: string;
  let key: string;
  beforeAll(async () => {
    appliance = await open();
    home = await openTenant(appliance, 'home');
    admin = await joinTenant(appliance, home.orgId, 'admin');
    analyst = await joinTenant(appliance, home.orgId, 'analyst');
    stranger = await openTenant(appliance, 'elsewhere');
  });
  beforeEach(async () => {
    const name = randomUUID();
    projectId = (await home.owner.request('POST', `/api/orgs/${home.orgId}/projects`, { name })).body.id;
    key = (await home.owner.request('POST', `/api/projects/${projectId}/api-keys`, { name, scopes: ['read'] })).body
      .key;
  });

  const choose = async (mode: string) => {
    const url = `/api/orgs/${home.orgId}/settings`;
    expect((await home.owner.request('PATCH', url, { audit_redaction: mode })).status).toBe(200);
  };
  const send = (body: unknown) => appliance.request('POST', '/v1/sdk/audit', { body, bearer: key });
  const url = (path: string) => `/api/projects/${projectId}/logs/${path}`;
  /** Every byte that the audit database holds of the project. */
  const everything = async () => {
    const { read } = appliance.kernel.databases.audit;
    const entries = await read.selectFrom('entries').selectAll().where('project_id', '=', projectId).execute();
    const keys = entries.map((entry) => entry.entry_key);
    const payloads = await read.selectFrom('entry_payloads').selectAll().where('entry_key', 'in', keys).execute();
    const aside = await read.selectFrom('quarantine').selectAll().where('project_id', '=', projectId).execute();
    const bytes = [...payloads, ...aside].map((row) => row.content.toString('latin1'));
    return { entries, payloads, aside, text: JSON.stringify(entries) + bytes.join('\n') };
  };

  it('keeps names, lengths and hashes alone unless the organization chose otherwise', async () => {
    await choose('redact');
    expect((await send({ entries: [hookRow(PAYLOADS)] })).body.accepted).toBe(1);
    const { payloads, text } = await everything();
    expect(payloads).toEqual([]);
    expect(text).not.toContain('canary');
    const entry = (await analyst.request('GET', url(String(hookRow()['id'])))).body;
    expect(entry.withheld).toMatchObject({
      args: { names: ['command', 'path'] },
      input_payload: {
        length: COMMAND.length,
        sha256: createHash('sha256').update(COMMAND).digest('hex'),
      },
      error_message: { length: 18 },
      prompt_of_a_later_sdk: { length: 11 },
    });
    expect(Object.keys(entry.withheld)).toHaveLength(8);
    expect(entry.other).toEqual({ number_of_a_later_sdk: 7, flag_of_a_later_sdk: false });
    expect([entry.has_payload, entry.payload]).toEqual([false, null]);
    expect((await admin.request('POST', url(`${entry.id}/unmask`), {})).status).toBe(404);
  });

  it('seals payloads with the key of the organization, and records who opens them', async () => {
    await choose('encrypted');
    await send({ entries: [hookRow(PAYLOADS)] });
    const { payloads, text } = await everything();
    expect(payloads).toHaveLength(1);
    expect(text).not.toContain('canary');
    const entry = (await analyst.request('GET', url(String(hookRow()['id'])))).body;
    expect([entry.has_payload, entry.payload]).toEqual([true, null]);
    expect(entry.withheld.input_payload).toEqual({ length: COMMAND.length });

    const unmask = url(`${entry.id}/unmask`);
    expect((await appliance.request('POST', unmask, { body: {} })).status).toBe(401);
    expect((await appliance.request('POST', unmask, { body: {}, bearer: admin.token })).status).toBe(403);
    expect((await analyst.request('POST', unmask, {})).status).toBe(403);
    expect((await stranger.owner.request('POST', unmask, {})).status).toBe(403);
    expect((await admin.request('POST', url('nothing/unmask'), {})).status).toBe(404);
    expect(await activityOf(appliance, 'audit.unmask')).toEqual([]);
    const opened = await admin.request('POST', unmask, {});
    expect(opened.status).toBe(200);
    const { number_of_a_later_sdk: _n, flag_of_a_later_sdk: _f, ...kept } = PAYLOADS;
    expect(opened.body).toEqual({ fields: kept });
    expect(await activityOf(appliance, 'audit.unmask')).toMatchObject([
      { org_id: home.orgId, project_id: projectId, actor_id: admin.id, target_id: entry.id },
    ]);
  });

  it('seals what was moved to another row so that it does not open there', async () => {
    await choose('encrypted');
    await send({ entries: [hookRow(PAYLOADS), hookRow({ ...PAYLOADS, id: 'other' })] });
    const { payloads } = await everything();
    await appliance.kernel.databases.audit.write((trx) =>
      trx
        .updateTable('entry_payloads')
        .set({ content: payloads[0]!.content })
        .where('entry_key', '=', payloads[1]!.entry_key)
        .execute(),
    );
    const answers = await Promise.all(
      [String(hookRow()['id']), 'other'].map((id) => admin.request('POST', url(`${id}/unmask`), {})),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 503]);
  });

  it('shows payloads in the open where the organization keeps everything', async () => {
    await choose('full');
    await send({ entries: [hookRow(PAYLOADS)] });
    const entry = (await analyst.request('GET', url(String(hookRow()['id'])))).body;
    expect(entry.payload.fields).toMatchObject({ args: PAYLOADS.args, error_message: PAYLOADS.error_message });
    expect((await stranger.owner.request('GET', url(entry.id))).status).toBe(403);
  });

  it('can erase a payload and still show that an entry was not changed', async () => {
    await choose('full');
    await send({ entries: [hookRow(PAYLOADS)] });
    const { entries, payloads } = await everything();
    const { salt, content } = payloads[0]!;
    expect(entries[0]!.payload_digest).toEqual(createHash('sha256').update(salt).update(content).digest());
    expect(entries[0]!.details).not.toContain('canary');
    expect(entries[0]!.details).not.toContain(createHash('sha256').update(COMMAND).digest('hex'));
  });

  it('treats rows in quarantine like entries', async () => {
    const conflicting = [hookRow(), hookRow(PAYLOADS), 'canary-7c1d', { ...PAYLOADS }];
    await choose('redact');
    expect((await send({ entries: conflicting })).body).toEqual({ accepted: 1, rejected: 3, dropped: 0 });
    expect((await everything()).text).not.toContain('canary');
    const list = (await analyst.request('GET', url('quarantine'))).body.quarantine;
    expect(list.map((row: { form: string; sealed: boolean }) => [row.form, row.sealed])).toEqual([
      ['redacted', false],
      ['raw', true],
      ['redacted', false],
    ]);
    const [, text, conflict] = list;
    expect((await analyst.request('POST', url(`quarantine/${text.seq}/unmask`), {})).status).toBe(403);
    expect((await stranger.owner.request('GET', url('quarantine'))).status).toBe(403);
    expect((await admin.request('POST', url('quarantine/999999/unmask'), {})).status).toBe(404);
    expect((await admin.request('POST', url(`quarantine/${text.seq}/unmask`), {})).body.text).toBe('"canary-7c1d"');
    const shown = (await admin.request('POST', url(`quarantine/${conflict.seq}/unmask`), {})).body;
    expect(JSON.parse(shown.text)).toMatchObject({ id: hookRow()['id'], args: { names: ['command', 'path'] } });

    await choose('encrypted');
    await send({ entries: [hookRow({ ...PAYLOADS, user: 'eve' })] });
    expect((await everything()).text).not.toContain('canary');
    const page = (await analyst.request('GET', url('quarantine?limit=1&reason=conflict'))).body;
    const sealed = await admin.request('POST', url(`quarantine/${page.quarantine[0].seq}/unmask`), {});
    expect(JSON.parse(sealed.body.text)).toEqual(hookRow({ ...PAYLOADS, user: 'eve' }));
    const rest = (await analyst.request('GET', url(`quarantine?limit=5&cursor=${page.next_cursor}&reason=conflict`)))
      .body;
    expect(rest.quarantine.map((row: { seq: number }) => row.seq)).toEqual([conflict.seq]);
  });
});
