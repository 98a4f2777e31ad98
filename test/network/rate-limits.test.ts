import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../server/kernel/clock.ts';
import { startAppliance, type TestAppliance } from '../harness.ts';
import { openTenant, type Tenant } from '../tenant.ts';
import { exchange, listening, type WireAnswer } from './http.ts';

const WRONG_KEY = `cz_live_${'0'.repeat(64)}`;

let clock: ManualClock;
let appliance: TestAppliance;
let home: Tenant;
let url: string;
beforeEach(() => {
  clock = manualClock();
});
afterEach(() => appliance.discard());

/** Opens an appliance with a tenant; the minute in which it was made is over. */
async function open(settings: Record<string, string>) {
  appliance = await startAppliance({ settings, clock });
  home = await openTenant(appliance, 'home');
  url = await listening(appliance);
  clock.advance(60_000);
}
const get = (path: string, credential?: string) =>
  exchange(`${url}${path}`, credential === undefined ? {} : { headers: { authorization: `Bearer ${credential}` } });
const init = (key: string) =>
  exchange(`${url}/v1/sdk/init`, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: {} });

function expectLimited(answer: WireAnswer, seconds: number) {
  expect(answer.status).toBe(429);
  expect(answer.headers['retry-after']).toBe(String(seconds));
  expect(answer.body).toMatchObject({ code: 'RATE_LIMITED', error: expect.any(String) });
}

/** Repeats a request and gives the statuses. */
async function statuses(times: number, request: () => Promise<WireAnswer>): Promise<number[]> {
  const all: number[] = [];
  for (let call = 0; call < times; call += 1) all.push((await request()).status);
  return all;
}

describe('the limit of an address', () => {
  it('answers 429 with the seconds to wait, and lets in again when they are over', async () => {
    await open({ CZ_RATE_IP: '100' });
    expect(await statuses(100, () => get('/'))).toEqual(Array.from({ length: 100 }, () => 200));
    clock.advance(18_500);
    expectLimited(await get('/'), 42);
    expectLimited(await get('/auth/me', home.owner.token), 42);
    expect((await get('/health')).status).toBe(200);
    expect((await get('/ready')).status).toBe(200);
    clock.advance(41_499);
    expectLimited(await get('/'), 1);
    clock.advance(1);
    expect((await get('/')).status).toBe(200);
  });

  it('is another one for signing in', async () => {
    await open({ CZ_RATE_SIGN_IN: '10' });
    const attempt = (email: string) =>
      exchange(`${url}/auth/login`, { method: 'POST', body: { email, password: 'not the password' } });
    for (let call = 0; call < 10; call += 1) {
      expect((await attempt(`nobody-${call}@example.com`)).status).not.toBe(200);
    }
    expectLimited(await attempt('somebody@example.com'), 60);
    expect((await get('/auth/me', home.owner.token)).status).toBe(200);
  });
});

describe('the limit of a key', () => {
  it('answers 429 for this key alone', async () => {
    await open({ CZ_RATE_KEY: '3' });
    const other = await home.owner.request('POST', `/api/projects/${home.projectId}/api-keys`, { name: 'other' });
    expect(await statuses(3, () => init(home.key))).toEqual([200, 200, 200]);
    const refused = await init(home.key);
    expectLimited(refused, 60);
    expect(refused.headers['x-ratelimit-limit']).toBe('3');
    expect((await init(other.body.key)).status).toBe(200);
  });

  it('is counted apart for bundles and for audit, so that neither starves the other', async () => {
    await open({ CZ_RATE_KEY: '1', CZ_RATE_BUNDLE: '2', CZ_RATE_INGEST: '2' });
    const pull = () => get('/v1/sdk/policies/pull', home.key);
    const report = () =>
      exchange(`${url}/v1/sdk/audit`, {
        method: 'POST',
        headers: { authorization: `Bearer ${home.key}` },
        body: { entries: [] },
      });
    expect(await statuses(2, () => init(home.key))).toEqual([200, 429]);
    expect(await statuses(3, pull)).toEqual([200, 200, 429]);
    expect(await statuses(3, report)).toEqual([200, 200, 429]);
    expectLimited(await pull(), 60);
  });
});

describe('the limit of a session', () => {
  it('answers 429 for this person alone', async () => {
    await open({ CZ_RATE_SESSION: '3' });
    const second = (await openTenant(appliance, 'second')).owner;
    clock.advance(60_000);
    expect(await statuses(4, () => get('/auth/me', home.owner.token))).toEqual([200, 200, 200, 429]);
    expect((await get('/auth/me', second.token)).status).toBe(200);
  });
});

describe('failed credentials', () => {
  it('are slowed down, and never stand in the way of valid ones from the same address', async () => {
    await open({ CZ_RATE_FAILURES: '3', CZ_RATE_IP: '10' });
    expect(await statuses(3, () => init(WRONG_KEY))).toEqual([401, 401, 401]);
    expectLimited(await init(WRONG_KEY), 60);
    expectLimited(await get('/auth/me', 'nonsense'), 60);
    // More of them than the address has requests: they do not count against it.
    expect(await statuses(20, () => init(WRONG_KEY))).toEqual(Array.from({ length: 20 }, () => 429));
    expect((await init(home.key)).status).toBe(200);
    expect((await get('/auth/me', home.owner.token)).status).toBe(200);
    clock.advance(60_000);
    expect((await init(WRONG_KEY)).status).toBe(401);
  });
});
