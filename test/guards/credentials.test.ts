import { createHmac, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteRecord } from '../../server/kernel/kernel.ts';
import { startAppliance, type TestAppliance } from '../harness.ts';
import { type Person, signUp } from '../people.ts';
import { accepted, contractHeaders, nameOf, pathOf } from './route-table.ts';

let appliance: TestAppliance;
let person: Person;
let key: string;
let guarded: RouteRecord[];

beforeAll(async () => {
  appliance = await startAppliance();
  await appliance.operate('POST', '/operator/trial');
  person = await signUp(appliance, 'guard@example.com');
  const org = (await person.request('POST', '/api/orgs', { name: 'Guard' })).body;
  const project = (await person.request('POST', `/api/orgs/${org.id}/projects`, { name: 'guard' })).body;
  const created = await person.request('POST', `/api/projects/${project.id}/api-keys`, {
    name: 'guard',
    scopes: ['read', 'write', 'scout'],
  });
  key = created.body.key;
  guarded = appliance.kernel.routes.filter((route) => route.contract !== 'operator' && accepted(route).length > 0);
});
afterAll(() => appliance.discard());

/** Calls every guarded route and lists those whose status is not the expected refusal. */
async function notRefused(headersFor: (route: RouteRecord) => Record<string, string> | null): Promise<string[]> {
  const wrong: string[] = [];
  for (const route of guarded) {
    const headers = headersFor(route);
    if (headers === null) continue;
    const answer = await appliance.request(route.method, pathOf(route), {
      headers: { ...contractHeaders(route), ...headers },
      ...(route.method === 'GET' ? {} : { body: {} }),
    });
    if (answer.status !== 401) wrong.push(`${nameOf(route)} → ${answer.status}`);
  }
  return wrong;
}

describe('every guarded route', () => {
  it('exists in number', () => {
    expect(guarded.length).toBeGreaterThan(40);
  });

  it('refuses a request without a credential', async () => {
    expect(await notRefused(() => ({}))).toEqual([]);
  });

  it('refuses an API key that nobody issued', async () => {
    const forged = `cz_live_${randomBytes(32).toString('hex')}`;
    expect(await notRefused(() => ({ authorization: `Bearer ${forged}` }))).toEqual([]);
    expect(await notRefused(() => ({ 'x-api-key': forged }))).toEqual([]);
  });

  it('refuses sessions that were forged, unsigned or signed with another key', async () => {
    const claims = { sub: person.id, sid: 'made-up' };
    const foreign = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(randomBytes(32));
    const [head, body] = [{ alg: 'none' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const tampered = `${person.token.slice(0, -4)}AAAA`;
    for (const token of [
      foreign,
      `${head}.${body}.`,
      tampered,
      'nonsense',
      createHmac('sha256', 'k').update('x').digest('hex'),
    ]) {
      expect(await notRefused(() => ({ authorization: `Bearer ${token}` }))).toEqual([]);
    }
  });

  it('refuses a real API key where a session is asked for', async () => {
    expect(
      await notRefused((route) => (accepted(route).includes('api-key') ? null : { authorization: `Bearer ${key}` })),
    ).toEqual([]);
  });

  it('refuses a real session where an API key or a machine is asked for', async () => {
    expect(
      await notRefused((route) =>
        accepted(route).includes('session') ? null : { authorization: `Bearer ${person.token}` },
      ),
    ).toEqual([]);
  });

  it('refuses a machine signature that no machine made', async () => {
    const headers = {
      'x-cz-machine-id': 'nobody',
      'x-cz-timestamp': '1750000000',
      'x-cz-signature': Buffer.alloc(64, 7).toString('base64'),
    };
    expect(await notRefused(() => headers)).toEqual([]);
  });

  it('keeps operator routes off the network', async () => {
    for (const route of appliance.kernel.routes.filter(
      (candidate) => candidate.contract === 'operator' && candidate.path.startsWith('/operator'),
    )) {
      const answer = await appliance.request(route.method, pathOf(route), {
        bearer: person.token,
        ...(route.method === 'GET' ? {} : { body: {} }),
      });
      expect(`${nameOf(route)} ${answer.status}`).toBe(`${nameOf(route)} 404`);
    }
  });
});
