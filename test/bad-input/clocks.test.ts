import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../server/kernel/clock.ts';
import { startAppliance, type TestAppliance } from '../harness.ts';
import { openTenant, type Tenant } from '../tenant.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 10, 21, 12);

let clock: ManualClock;
let appliance: TestAppliance;
let home: Tenant;
beforeEach(async () => {
  clock = manualClock(NOON);
  appliance = await startAppliance({ clock, settings: { CZ_RATE_KEY: '3', CZ_SESSION_HOURS: '2' } });
  home = await openTenant(appliance, 'home');
});
afterEach(() => appliance?.discard());

const me = async () => (await appliance.request('GET', '/auth/me', { bearer: home.owner.token })).status;

describe('a clock that is set back', () => {
  it('neither ends open sessions nor lets ended ones in again', async () => {
    clock.set(NOON - DAY);
    expect(await me()).toBe(200);
    expect((await appliance.request('POST', '/auth/logout', { bearer: home.owner.token })).status).toBe(200);
    for (const at of [NOON - 2 * DAY, NOON, NOON + MINUTE]) {
      clock.set(at);
      expect(await me()).toBe(401);
    }
  });

  it('prolongs a session by no more than it was set back', async () => {
    clock.set(NOON - HOUR);
    expect(await me()).toBe(200);
    clock.set(NOON + 2 * HOUR);
    expect(await me()).toBe(401);
  });

  it('keeps nobody out by a rate window that ends in the far future', async () => {
    const ask = async () => (await appliance.request('GET', '/v1/policies', { bearer: home.key })).status;
    clock.set(NOON + DAY);
    for (const expected of [200, 200, 200, 429]) expect(await ask()).toBe(expected);
    clock.set(NOON);
    expect(await ask()).toBe(200);
  });

  it('tells no one to wait longer than a minute', async () => {
    const ask = () => appliance.request('GET', '/v1/policies', { bearer: home.key });
    clock.set(NOON + 59 * SECOND);
    for (let count = 0; count < 3; count += 1) await ask();
    clock.set(NOON + 30 * SECOND);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  it('repeats the answer of an Idempotency-Key instead of doing the work again', async () => {
    const make = () =>
      appliance.request('POST', `/api/orgs/${home.orgId}/projects`, {
        bearer: home.owner.token,
        csrf: home.owner.csrf,
        headers: { 'idempotency-key': 'one-project' },
        body: { name: 'made-once' },
      });
    const first = await make();
    expect(first.status).toBe(201);
    for (const at of [NOON - DAY, NOON + HOUR]) {
      clock.set(at);
      const again = await make();
      expect([again.status, again.body.id]).toEqual([201, first.body.id]);
      expect(again.headers['idempotent-replayed']).toBe('true');
    }
  });

  it('takes changes, and lists them', async () => {
    clock.set(NOON - DAY);
    const below = `/api/projects/${home.projectId}`;
    const rules = [{ deny: 'Bash:rm' }];
    const made = await home.owner.request('POST', `${below}/policies`, {
      name: 'guards',
      document: { version: '1', rules },
    });
    expect(made.status).toBe(201);
    const changed = await home.owner.request('PATCH', `${below}/policies/${made.body.id}`, { priority: 7 });
    expect(changed.status).toBe(200);
    const pulled = await appliance.request('GET', '/v1/sdk/policies/pull', { bearer: home.key });
    expect([pulled.status, pulled.headers.etag]).toEqual([200, `"${changed.body.bundle.etag}"`]);
    const entries = [{ id: 'e1', tool_name: 'Bash', decision: 'deny', ts: new Date(NOON).toISOString() }];
    const sent = await appliance.request('POST', '/v1/sdk/audit', { bearer: home.key, body: { entries } });
    expect(sent.body).toEqual({ accepted: 1, rejected: 0, dropped: 0 });
    expect((await home.owner.request('GET', `${below}/logs`)).body.logs).toHaveLength(1);
  });
});

describe('the trial', () => {
  const status = async () => (await appliance.operate('GET', '/operator/license')).body.status;

  it('is not had twice by setting the clock', async () => {
    const startAgain = async () => (await appliance.operate('POST', '/operator/trial')).body.started;
    expect(await status()).toBe('trial');
    clock.set(NOON + 15 * DAY);
    expect([await status(), await startAgain()]).toEqual(['expired', false]);
    clock.set(NOON - 15 * DAY);
    expect(await startAgain()).toBe(false);
    clock.set(NOON + 15 * DAY);
    expect(await status()).toBe('expired');
  });
});
