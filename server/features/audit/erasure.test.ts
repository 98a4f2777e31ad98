import { beforeAll, beforeEach, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { activityOf, openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { hookRow } from './sent-rows.fixture.ts';

const SECRET = 'canary-5e2a';
const ENTRIES = 1_201;
const BROKEN = 501;
const KEPT = { entries: ENTRIES, payloads: ENTRIES, aside: BROKEN, readable: ENTRIES + BROKEN };
const ERASED = { entries: ENTRIES, payloads: 0, aside: BROKEN, readable: 0 };

describeEachAppliance((open) => {
  const clock = manualClock();
  let appliance: TestAppliance;
  let made = 0;
  let tenant: Tenant;
  let name: string;
  beforeAll(async () => {
    appliance = await open({ clock });
  });
  beforeEach(async () => {
    made += 1;
    name = `tenant-${made}`;
    tenant = await outspoken(name);
  });

  /** An organization that keeps everything, with more rows than one step erases. */
  async function outspoken(called: string): Promise<Tenant> {
    const opened = await openTenant(appliance, called);
    await opened.owner.request('PATCH', `/api/orgs/${opened.orgId}/settings`, { audit_redaction: 'full' });
    const rows = Array.from({ length: ENTRIES }, (_, index) => hookRow({ id: `e${index}`, args: { text: SECRET } }));
    const broken = Array.from({ length: BROKEN }, (_, index) => `${SECRET} ${index}`);
    const body = { entries: [...rows, ...broken] };
    const answer = await appliance.request('POST', '/v1/sdk/audit', { body, bearer: opened.key });
    expect(answer.body).toEqual({ accepted: ENTRIES, rejected: BROKEN, dropped: 0 });
    return opened;
  }
  const kept = async ({ orgId }: Tenant) => {
    const { read } = appliance.kernel.databases.audit;
    const entries = await read.selectFrom('entries').select('seq').where('org_id', '=', orgId).execute();
    const payloads = await read.selectFrom('entry_payloads').select('content').where('org_id', '=', orgId).execute();
    const aside = await read.selectFrom('quarantine').select('content').where('org_id', '=', orgId).execute();
    const readable = [...payloads, ...aside].filter(({ content }) => content.includes(SECRET)).length;
    return { entries: entries.length, payloads: payloads.length, aside: aside.length, readable };
  };
  const noted = async () => {
    const rows = await appliance.kernel.databases.state.read.selectFrom('payload_erasures').selectAll().execute();
    return rows.some((row) => row.org_id === tenant.orgId);
  };
  const remove = async () =>
    expect((await tenant.owner.request('DELETE', `/api/orgs/${tenant.orgId}?confirm=${name}`)).status).toBe(204);
  const sweep = () => appliance.services.audit.erasure.sweep();

  it('erases what a removed organization kept of arguments and payloads, and nothing else', async () => {
    const neighbour = await outspoken(`${name}-neighbour`);
    expect(await kept(tenant)).toEqual(KEPT);
    await remove();
    await sweep();
    expect(await kept(tenant)).toEqual(ERASED);
    expect(await kept(neighbour)).toEqual(KEPT);
    const records = await activityOf(appliance, 'audit.payloads-erase');
    const record = records.find((row) => row.org_id === tenant.orgId);
    expect(record).toMatchObject({ actor_kind: 'system', target_id: tenant.orgId });
    expect(JSON.parse(record!.details)).toEqual({ payloads: ENTRIES, quarantined: BROKEN });
  });

  it('erases what arrives while the removal is still spreading, and then lets go of it', async () => {
    await remove();
    await sweep();
    const late = { entry_key: Buffer.from(name), org_id: tenant.orgId, salt: Buffer.alloc(16), key_version: null };
    await appliance.kernel.databases.audit.write((trx) =>
      trx
        .insertInto('entry_payloads')
        .values({ ...late, content: Buffer.from(SECRET) })
        .execute(),
    );
    clock.advance(60_000);
    await sweep();
    expect([await kept(tenant), await noted()]).toEqual([ERASED, true]);
    clock.advance(10 * 60_000);
    await sweep();
    expect(await noted()).toBe(false);
  });

  it('goes on after a start with what was noted and not done', async () => {
    await appliance.kernel.databases.state.write((trx) =>
      trx.insertInto('payload_erasures').values({ org_id: tenant.orgId, requested_at: clock.now() }).execute(),
    );
    appliance.services.audit.erasure.start();
    await appliance.services.audit.erasure.stop();
    expect(await kept(tenant)).toEqual(ERASED);
  });

  it('keeps everything when the organization stays after all', async () => {
    const refused = await tenant.owner.request('DELETE', `/api/orgs/${tenant.orgId}?confirm=wrong`);
    expect(refused.status).toBe(409);
    await sweep();
    expect([await kept(tenant), await noted()]).toEqual([KEPT, false]);
  });
});
