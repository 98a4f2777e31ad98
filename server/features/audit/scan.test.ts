import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEachAppliance } from '../../../test/each-appliance.ts';
import { startAppliance, type TestAppliance } from '../../../test/harness.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';
import { manualClock } from '../../kernel/clock.ts';
import { placeAfter, sliceQuery } from './scan.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 30);
const SECOND = 1_000;

/** Delivers entries that happened one second after the other, the last one now. */
async function deliver(appliance: TestAppliance, { key }: Tenant, count: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, index) => ({
    id: `e${index}`,
    decision: index % 2 === 0 ? 'allow' : 'deny',
    ts: new Date(NOW - index * SECOND).toISOString(),
  }));
  const answer = await appliance.request('POST', '/v1/sdk/audit', { bearer: key, body: { entries } });
  expect(answer.body.accepted).toBe(count);
}

describeEachAppliance((open) => {
  let appliance: TestAppliance;
  let tenant: Tenant;
  beforeAll(async () => {
    appliance = await open({ clock: manualClock(NOW) });
    tenant = await openTenant(appliance, 'scanned');
    await deliver(appliance, tenant, 60);
  });

  const list = async (query: string) =>
    (await tenant.owner.request('GET', `/api/projects/${tenant.projectId}/logs?${query}`)).body as {
      logs: { ts: string }[];
      next_cursor: string | null;
    };
  const ages = (logs: readonly { ts: string }[]) => logs.map(({ ts }) => (NOW - Date.parse(ts)) / SECOND);
  const at = (age: number) => new Date(NOW - age * SECOND).toISOString();
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

  it('keeps to the window on every page', async () => {
    for (const filter of ['', '&mode=', '&decision=deny']) {
      const window = `since=${at(40)}&until=${at(9)}${filter}`;
      const seen: number[] = [];
      let cursor: string | null = null;
      do {
        const page = await list(`${window}&limit=7${cursor === null ? '' : `&cursor=${cursor}`}`);
        seen.push(...ages(page.logs));
        cursor = page.next_cursor;
      } while (cursor !== null);
      const inside = range(10, 41);
      expect([filter, seen]).toEqual([
        filter,
        filter.endsWith('deny') ? inside.filter((age) => age % 2 === 1) : inside,
      ]);
    }
  });

  it('keeps to the window also with a cursor of another one', async () => {
    const { next_cursor: cursor } = await list('limit=5');
    expect(ages((await list(`limit=3&cursor=${cursor}`)).logs)).toEqual([5, 6, 7]);
    expect(ages((await list(`limit=3&until=${at(20)}&cursor=${cursor}`)).logs)).toEqual([21, 22, 23]);
    expect(ages((await list(`limit=3&since=${at(6)}&cursor=${cursor}`)).logs)).toEqual([5, 6]);
    expect((await list(`since=${at(3)}&cursor=${cursor}`)).logs).toEqual([]);
  });
});

describe('a slice of many entries on SQLite', () => {
  const COUNT = 40_000;
  let appliance: TestAppliance;
  let tenant: Tenant;
  beforeAll(async () => {
    appliance = await startAppliance({ clock: manualClock(NOW) });
    tenant = await openTenant(appliance, 'large');
    await deliver(appliance, tenant, COUNT);
  });
  afterAll(() => appliance.discard());

  /** The least processor time of several attempts, in milliseconds. */
  async function leastTime(run: () => Promise<unknown>): Promise<number> {
    const times: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const before = process.cpuUsage();
      for (let again = 0; again < 5; again += 1) await run();
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1_000);
    }
    return Math.min(...times);
  }

  it('costs the same in a wide window as without one: it does not pass over the whole window', async () => {
    const db = appliance.kernel.databases.audit.read;
    const { orgId, projectId } = tenant;
    const open = { orgId, projectId, filter: {} };
    const wide = { orgId, projectId, filter: { since: NOW - 2 * COUNT * SECOND, until: NOW + SECOND } };
    const before = (await placeAfter(db, open, undefined, COUNT / 2))!;
    const step = async (request: typeof open) => {
      const end = await placeAfter(db, request, before, 200);
      const rows = await sliceQuery(db, request, before, end).select(['seq']).execute();
      expect(rows).toHaveLength(200);
    };
    const ratio = (await leastTime(() => step(wide))) / (await leastTime(() => step(open)));
    expect(ratio).toBeLessThan(3);
  });
});
