import { afterEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../server/kernel/clock.ts';
import { startAppliance, type TestAppliance } from '../harness.ts';
import { PASSWORD, signUp } from '../people.ts';
import { activityOf, openTenant } from '../tenant.ts';
import { exchange, listening } from './http.ts';

let appliance: TestAppliance;
let url: string;
afterEach(() => appliance.discard());

async function open(settings: Record<string, string>) {
  appliance = await startAppliance({ settings, clock: manualClock() });
  url = await listening(appliance);
}

/** Signs in over the network with these headers and gives the address that was recorded for it. */
async function recordedAddress(headers: Record<string, string>): Promise<string | null> {
  const email = 'traveller@example.com';
  if ((await activityOf(appliance, 'user.sign-in')).length === 0) await signUp(appliance, email);
  const body = { email, password: PASSWORD };
  expect((await exchange(`${url}/auth/login`, { method: 'POST', headers, body })).status).toBe(200);
  return (await activityOf(appliance, 'user.sign-in')).at(-1)!.ip;
}

describe('forwarded headers', () => {
  it('of anybody are not believed by default', async () => {
    await open({});
    expect(await recordedAddress({})).toBe('127.0.0.1');
    const forged = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9', 'x-real-ip': '203.0.113.9' };
    expect(await recordedAddress(forged)).toBe('127.0.0.1');
  });

  it('of an address that is no trusted proxy are not believed', async () => {
    await open({ CZ_TRUSTED_PROXIES: '10.0.0.0/8' });
    expect(await recordedAddress({ 'x-forwarded-for': '203.0.113.9' })).toBe('127.0.0.1');
  });

  it('come with requests of the proxies only where these end TLS; probes are answered to everybody', async () => {
    await open({ CZ_TLS: 'proxy', CZ_TRUSTED_PROXIES: '10.0.0.0/8' });
    for (const path of ['/', '/auth/me', '/nowhere', '/ui/', '/openapi.json', '/v1/projects']) {
      const answer = await exchange(`${url}${path}`, { headers: { 'x-forwarded-for': '10.0.0.1' } });
      expect(answer.status, path).toBe(403);
      expect(answer.text, path).toContain('CZ_TRUSTED_PROXIES');
    }
    expect((await exchange(`${url}/health`)).status).toBe(200);
    expect((await exchange(`${url}/ready`)).status).toBe(200);
    await appliance.discard();
    await open({ CZ_TLS: 'proxy', CZ_TRUSTED_PROXIES: '127.0.0.1/32' });
    expect((await exchange(`${url}/`, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status).toBe(200);
  });

  it('of trusted proxies name the client; what the client itself wrote in front does not count', async () => {
    await open({ CZ_TRUSTED_PROXIES: '127.0.0.1/32,10.0.0.0/8' });
    expect(await recordedAddress({})).toBe('127.0.0.1');
    expect(await recordedAddress({ 'x-forwarded-for': '203.0.113.9' })).toBe('203.0.113.9');
    expect(await recordedAddress({ 'x-forwarded-for': '198.51.100.1, 203.0.113.9' })).toBe('203.0.113.9');
    expect(await recordedAddress({ 'x-forwarded-for': '203.0.113.9, 10.1.2.3' })).toBe('203.0.113.9');
    expect(await recordedAddress({ 'x-forwarded-for': '2001:db8::7' })).toBe('2001:db8::7');
    expect(await recordedAddress({ forwarded: 'for=203.0.113.9', 'x-real-ip': '203.0.113.9' })).toBe('127.0.0.1');
  });

  it('cannot be used to escape the limit of an address', async () => {
    await open({ CZ_RATE_IP: '3' });
    const statuses: number[] = [];
    for (const client of [1, 2, 3, 4]) {
      statuses.push((await exchange(`${url}/`, { headers: { 'x-forwarded-for': `203.0.113.${client}` } })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('count the addresses of one IPv6 network, and both spellings of an IPv4 address, as one client', async () => {
    await open({ CZ_RATE_IP: '2', CZ_TRUSTED_PROXIES: '127.0.0.1/32' });
    const as = async (client: string) => (await exchange(`${url}/`, { headers: { 'x-forwarded-for': client } })).status;
    expect([await as('2001:db8::1'), await as('2001:db8::2:2'), await as('2001:db8::3:3:3')]).toEqual([200, 200, 429]);
    expect(await as('2001:db8:0:1::1')).toBe(200);
    expect([await as('203.0.113.5'), await as('::ffff:203.0.113.5'), await as('203.0.113.5')]).toEqual([200, 200, 429]);
  });

  it('give each client behind a trusted proxy a limit of its own', async () => {
    await open({ CZ_RATE_IP: '2', CZ_TRUSTED_PROXIES: '127.0.0.1/32' });
    const as = async (client: string) => (await exchange(`${url}/`, { headers: { 'x-forwarded-for': client } })).status;
    expect([await as('203.0.113.1'), await as('203.0.113.1'), await as('203.0.113.1')]).toEqual([200, 200, 429]);
    expect(await as('203.0.113.2')).toBe(200);
  });

  it('never open /metrics, whoever sends them', async () => {
    await open({ CZ_TRUSTED_PROXIES: '127.0.0.1/32' });
    expect((await exchange(`${url}/metrics`)).status).toBe(200);
    for (const name of ['x-forwarded-for', 'forwarded']) {
      expect((await exchange(`${url}/metrics`, { headers: { [name]: '127.0.0.1' } })).status).toBe(404);
    }
  });
});

describe('links', () => {
  it('are built from the configuration, never from what a request says', async () => {
    await open({ CZ_TRUSTED_PROXIES: '127.0.0.1/32', CZ_PUBLIC_URL: 'https://control.example.com' });
    const { owner, orgId } = await openTenant(appliance, 'home');
    const answer = await exchange(`${url}/api/orgs/${orgId}/members/invite`, {
      method: 'POST',
      headers: {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'http',
        authorization: `Bearer ${owner.token}`,
        'x-csrf-token': owner.csrf,
      },
      body: { email: 'guest@example.com' },
    });
    expect(answer.status).toBe(201);
    expect(answer.body.accept_url).toMatch(/^https:\/\/control\.example\.com\/ui\//);
    const page = await exchange(`${url}/`, { headers: { host: 'evil.example', accept: 'text/html' } });
    expect(page.headers.location).toBe('/ui/');
  });
});
