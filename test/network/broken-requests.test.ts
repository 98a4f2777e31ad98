import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../harness.ts';
import { listening } from './http.ts';
import { connectRaw } from './raw.ts';

let appliance: TestAppliance;
let url: string;
beforeAll(async () => {
  appliance = await startAppliance({ settings: { CZ_REQUEST_TIMEOUT_SECONDS: '1' } });
  url = await listening(appliance);
});
afterAll(() => appliance.discard());

/** Sends bytes and reads the one answer that they get before the connection ends. */
async function answerTo(bytes: string) {
  const connection = await connectRaw(url);
  connection.send(bytes);
  const [head = '', text = ''] = (await connection.ended).split('\r\n\r\n', 2);
  const [status = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => line.toLowerCase().split(': ', 2) as [string, string]));
  return { status: Number(status.split(' ')[1]), headers, body: JSON.parse(text), text };
}

const request = (target: string, ...lines: string[]) =>
  [`GET ${target} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n');

/** The head of a request that has a body. */
const posted = (target: string, ...lines: string[]) =>
  request(target, 'Content-Type: application/json', ...lines).replace('GET', 'POST');

const BROKEN = [
  ['bytes that are no HTTP', 'hello\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  ['an unknown method', 'BREW /health HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  ['two lengths of one body', request('/', 'Content-Length: 2', 'Content-Length: 3'), 400, 'MALFORMED_REQUEST'],
  [
    'both a length and chunks',
    request('/', 'Content-Length: 2', 'Transfer-Encoding: chunked'),
    400,
    'MALFORMED_REQUEST',
  ],
  ['headers that are too large', request('/', `X-Large: ${'x'.repeat(20_000)}`), 431, 'HEADERS_TOO_LARGE'],
  ['an address that is too large', request(`/${'x'.repeat(20_000)}`), 431, 'HEADERS_TOO_LARGE'],
  ['headers that never end', 'GET / HTTP/1.1\r\nHost: loc', 408, 'REQUEST_TIMEOUT'],
  ['no Host header', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'VALIDATION_FAILED'],
  ['an unknown expectation', request('/health', 'Expect: a-miracle'), 417, 'EXPECTATION_FAILED'],
  ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', 405, 'METHOD_NOT_ALLOWED'],
] as const;

describe('a request that cannot be read', () => {
  it.each(BROKEN)('because of %s is refused like any other', async (_, bytes, status, code) => {
    const answer = await answerTo(bytes);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers.connection).toBe('close');
    expect(answer.body).toMatchObject({ code, request_id: answer.headers['x-request-id'] });
    expect(answer.body.error).toMatch(/^[A-Z].*\.$/);
    expect(answer.body.statusCode).toBeUndefined();
    expect(answer.text).not.toContain('xxxx');
  });

  it('is refused in the contract of its path', async () => {
    const large = await answerTo(request('/v1/projects/p', `X-Large: ${'x'.repeat(20_000)}`));
    expect(large).toMatchObject({ status: 431, body: { error: { code: 'headers_too_large' } } });
  });

  it('is answered with the id that it sent, as far as it was read', async () => {
    const slow = await answerTo(posted('/auth/login', 'X-Request-ID: mine-1', 'Content-Length: 10'));
    expect(slow).toMatchObject({ status: 408, body: { request_id: 'mine-1' } });
  });

  it('gets no second answer when the first one did not wait for its body', async () => {
    const connection = await connectRaw(url);
    connection.send(request('/health', 'Content-Length: 10'));
    const all = await connection.ended;
    expect(all.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
  });

  it('is counted, and does not keep the server from answering others', async () => {
    const refused = () => appliance.kernel.metrics.unrouted.statuses[4]!;
    const before = refused();
    await answerTo('hello\r\n\r\n');
    await answerTo(request('/nowhere', 'Connection: close'));
    expect(refused()).toBe(before + 2);
    expect(await answerTo(request('/health', 'Connection: close'))).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    });
  });
});
