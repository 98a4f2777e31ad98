import { expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import { startAppliance } from '../../../test/harness.ts';
import { openTenant } from '../../../test/tenant.ts';
import { BusyError } from '../../db/errors.ts';
import { DataKeys } from './data-keys.ts';
import { guardRow, hookRow } from './sent-rows.fixture.ts';

it('has what it acknowledged when it is opened again, and knows doubles and keys then', async () => {
  const first = await startAppliance();
  const tenant = await openTenant(first, 'home');
  await tenant.owner.request('PATCH', `/api/orgs/${tenant.orgId}/settings`, { audit_redaction: 'encrypted' });
  const body = { entries: [guardRow(), hookRow()] };
  const sent = await first.request('POST', '/v1/sdk/audit', { body, bearer: tenant.key });
  expect(sent.body).toEqual({ accepted: 2, rejected: 0, dropped: 0 });
  await first.close();

  const again = await startAppliance({ again: first });
  const repeated = await again.request('POST', '/v1/sdk/audit', { body, bearer: tenant.key });
  expect(repeated.body).toEqual({ accepted: 0, rejected: 0, dropped: 2 });
  const url = `/api/projects/${tenant.projectId}/logs/${hookRow()['id']}/unmask`;
  const opened = await again.request('POST', url, { body: {}, bearer: tenant.owner.token, csrf: tenant.owner.csrf });
  expect(opened.body.fields).toEqual({ input_payload: hookRow()['input_payload'] });
  await again.discard();
});

describeEachAppliance((open) => {
  it('takes the same rows from many requests at once and stores each once', async () => {
    const appliance = await open();
    const { key, projectId } = await openTenant(appliance, 'home');
    const rows = Array.from({ length: 200 }, (_, index) => guardRow({ id: `row ${index}` }));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        appliance.request('POST', '/v1/sdk/audit', {
          body: { entries: [...rows.slice(index * 7), ...rows.slice(0, index * 7)] },
          bearer: key,
        }),
      ),
    );
    const sums = answers
      .map(({ body }) => body)
      .reduce((a, b) => ({
        accepted: a.accepted + b.accepted,
        rejected: a.rejected + b.rejected,
        dropped: a.dropped + b.dropped,
      }));
    expect(sums).toEqual({ accepted: 200, rejected: 0, dropped: 3800 });
    const { read } = appliance.kernel.databases.audit;
    const stored = await read.selectFrom('entries').select('entry_id').where('project_id', '=', projectId).execute();
    expect(new Set(stored.map((row) => row.entry_id)).size).toBe(200);
    expect(stored).toHaveLength(200);
  });

  it.each([
    ['the queue is full', new BusyError('The audit queue is full.')],
    ['the disk is full', Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })],
    ['PostgreSQL is away', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
  ])('answers 503 when %s, and takes the batch later', async (_, trouble) => {
    const appliance = await open();
    const { key } = await openTenant(appliance, 'home');
    const { auditWriter } = appliance.kernel;
    const { run } = auditWriter;
    const send = () => appliance.request('POST', '/v1/sdk/audit', { body: { entries: [guardRow()] }, bearer: key });
    auditWriter.run = () => Promise.reject(trouble);
    const refused = await send();
    expect([refused.status, Number(refused.headers['retry-after']) > 0]).toEqual([503, true]);
    auditWriter.run = run;
    expect((await send()).body.accepted).toBe(1);
  });

  it('makes one data key for an organization, however many processes need it at once', async () => {
    const appliance = await open();
    const { orgId } = await openTenant(appliance, 'home');
    const sealer = {
      seal: (_: string, __: string, key: Uint8Array) => Buffer.from(key),
      open: (_: string, __: string, sealed: Uint8Array) => Buffer.from(sealed),
    };
    const processes = [1, 2, 3].map(() => new DataKeys(appliance.kernel, sealer));
    const keys = await Promise.all(processes.map((keys) => keys.newest(orgId)));
    expect(new Set(keys.map(({ key }) => Buffer.from(key).toString('hex'))).size).toBe(1);
    await expect(processes[0]!.newest('no such org')).rejects.toMatchObject({ status: 404 });
  });
});
