import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../harness.ts';
import { openTenant, type Tenant } from '../tenant.ts';
import { exchange, listening } from './http.ts';
import { connectRaw } from './raw.ts';

const MEGABYTE = 1_048_576;

let appliance: TestAppliance;
let home: Tenant;
let url: string;
beforeAll(async () => {
  appliance = await startAppliance({ settings: { CZ_REQUEST_TIMEOUT_SECONDS: '1' } });
  home = await openTenant(appliance, 'home');
  url = await listening(appliance);
});
afterAll(() => appliance.discard());

const credentials = () => ({ authorization: `Bearer ${home.owner.token}`, 'x-csrf-token': home.owner.csrf });
/** The head of a request that creates an organization, as lines. */
const head = (...more: string[]) =>
  [
    'POST /api/orgs HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    ...Object.entries(credentials()).map(([name, value]) => `${name}: ${value}`),
    ...more,
    '',
    '',
  ].join('\r\n');
const orgNames = async () =>
  (await home.owner.request('GET', '/api/orgs')).body.orgs.map((org: { name: string }) => org.name);

describe('a body that is too large', () => {
  it('is refused with 413 by its announced length, before it was sent', async () => {
    const connection = await connectRaw(url);
    connection.send(head(`Content-Length: ${MEGABYTE + 1}`));
    connection.send('{');
    const answer = await connection.ended;
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"PAYLOAD_TOO_LARGE"');
  });

  it('is refused with 413 once it is longer than allowed, when no length was announced', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(MEGABYTE) });
    const headers = { ...credentials(), 'transfer-encoding': 'chunked' };
    const answer = await exchange(`${url}/api/orgs`, { method: 'POST', headers, body }).catch((error) => error);
    // The server may close before everything was sent; what counts is that nothing was made.
    if (!(answer instanceof Error)) expect(answer.status).toBe(413);
    expect(await orgNames()).toEqual(['home']);
  });

  it('is taken up to the limit', async () => {
    const body = `{"name":"Large"${' '.repeat(MEGABYTE - 16)}}`;
    expect(Buffer.byteLength(body)).toBe(MEGABYTE);
    const answer = await exchange(`${url}/api/orgs`, { method: 'POST', headers: credentials(), body });
    expect(answer.status).toBe(201);
    expect(await orgNames()).toContain('Large');
  });

  it('of a batch of audit entries is 400, which makes SDKs send smaller ones', async () => {
    const connection = await connectRaw(url);
    connection.send(
      [
        'POST /v1/sdk/audit HTTP/1.1',
        'Host: localhost',
        `Authorization: Bearer ${home.key}`,
        'Content-Type: application/json',
        `Content-Length: ${16 * MEGABYTE + 1}`,
        '',
        '{',
      ].join('\r\n'),
    );
    const answer = await connection.ended;
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"BATCH_TOO_LARGE"');
  });
});

describe('a slow client', () => {
  it('that never finishes its body is cut off', async () => {
    const connection = await connectRaw(url);
    connection.send(head('Content-Length: 20'));
    connection.send('{"name":"Never');
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 408 /);
    expect(await orgNames()).not.toContain('Never');
  });

  it('that never finishes its headers is cut off', async () => {
    const connection = await connectRaw(url);
    connection.send('GET /health HTTP/1.1\r\nHost: loc');
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that says nothing at all is cut off', async () => {
    const connection = await connectRaw(url);
    expect(await connection.ended).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('is answered when it finishes in time', async () => {
    const connection = await connectRaw(url);
    const body = '{"name":"Slow"}';
    connection.send(head(`Content-Length: ${body.length}`, 'Connection: close'));
    for (const character of body) connection.send(character);
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 201 /);
    expect(await orgNames()).toContain('Slow');
  });
});
