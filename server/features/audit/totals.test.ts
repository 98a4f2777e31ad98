import { beforeAll, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import type { TestAppliance } from '../../../test/harness.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';
import { SLICE } from './scan.ts';

describeEachAppliance((open) => {
  let clock: ManualClock;
  let appliance: TestAppliance;
  let home: Tenant;
  beforeAll(async () => {
    clock = manualClock();
    appliance = await open({ clock });
    home = await openTenant(appliance, 'home');
  });

  const totals = (since: number) => appliance.services.audit.totals.totals(since);
  let sent = 0;
  async function report(decision: string, count: number) {
    const timestamp = new Date(clock.now()).toISOString();
    const entries = Array.from({ length: count }, () => ({ id: `e${sent++}`, decision, action: 'a:b', timestamp }));
    const answer = await appliance.request('POST', '/v1/sdk/audit', { bearer: home.key, body: { entries } });
    expect(answer.body.accepted).toBe(count);
  }

  it('is nothing while nothing was reported', async () => {
    expect(await totals(0)).toEqual({ entries: 0, outcomes: {} });
  });

  it('counts over several slices and begins at the asked time', async () => {
    clock.advance(60_000);
    const start = clock.now();
    await report('allow', SLICE + 7);
    clock.advance(60_000);
    const middle = clock.now();
    await report('deny', SLICE - 3);
    await report('warn', 2);
    expect(await totals(start)).toEqual({
      entries: 2 * SLICE + 6,
      outcomes: { allow: SLICE + 7, deny: SLICE - 3, warn: 2 },
    });
    clock.advance(60_000);
    expect((await totals(middle)).outcomes).toEqual({ deny: SLICE - 3, warn: 2 });
    clock.advance(60_000);
    expect(await totals(clock.now())).toEqual({ entries: 2 * SLICE + 6, outcomes: {} });
  });

  it('counts right where entries are gone', async () => {
    await appliance.kernel.databases.audit.write((trx) => trx.deleteFrom('entries').where('seq', '<=', 10).execute());
    clock.advance(60_000);
    expect((await totals(0)).entries).toBe(2 * SLICE - 4);
  });

  it('is counted once for those who ask within ten seconds', async () => {
    clock.advance(60_000);
    const first = await totals(0);
    await report('allow', 1);
    clock.advance(9_000);
    expect(await totals(9_000)).toBe(first);
    clock.advance(1_000);
    expect((await totals(10_000)).entries).toBe(first.entries + 1);
  });
});
