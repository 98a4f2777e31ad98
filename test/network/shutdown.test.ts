import { existsSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../server/kernel/logging.ts';
import { type RunningServer, serve } from '../../server/main.ts';
import { serveDeployment, type TestDeployment } from './deployment.ts';
import { exchange } from './http.ts';
import { connectRaw } from './raw.ts';

let deployment: TestDeployment;
afterEach(() => deployment.discard());

const registration = '{"email":"late@example.com","password":"violet tram kettle"}';
const head = [
  'POST /auth/register HTTP/1.1',
  'Host: localhost',
  'Content-Type: application/json',
  `Content-Length: ${registration.length}`,
  '',
  '',
].join('\r\n');

/** Waits until the server has seen what was sent before on other connections: it takes them in their order. */
const settled = () => exchange(`${deployment.url}/health`);

describe('a server that is stopped', () => {
  it('answers the requests that it has accepted, and no new ones', async () => {
    deployment = await serveDeployment({ settings: { CZ_REGISTRATION: 'open' } });
    const { server, url, home } = deployment;
    const accepted = await connectRaw(url);
    accepted.send(head);
    accepted.send(registration.slice(0, 10));
    await settled();

    const closed = server.close();
    const late = await exchange(`${url}/health`).catch((error: NodeJS.ErrnoException) => error.code);
    expect(['ECONNREFUSED', 'ECONNRESET']).toContain(late);
    accepted.send(registration.slice(10));
    expect(await accepted.ended).toMatch(/^HTTP\/1\.1 201 /);
    await closed;
    expect(existsSync(server.socket)).toBe(false);

    const again: RunningServer = await serve({
      home,
      log: createLog('silent'),
      environment: { CZ_BIND: '127.0.0.1' },
    });
    // Only an account gets a link.
    const link = { method: 'POST', body: { email: 'late@example.com' }, socketPath: again.socket };
    const answer = await exchange('http://appliance/operator/links/verify', link);
    await again.close();
    expect(answer.status).toBe(200);
  });

  it('answers what still comes on a connection at work like anything else, and then ends it', async () => {
    deployment = await serveDeployment({ settings: { CZ_REGISTRATION: 'open' } });
    const busy = await connectRaw(deployment.url);
    busy.send(head);
    await settled();
    const closed = deployment.server.close();
    busy.send(`${registration}GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const [, first = '', second = ''] = (await busy.ended).split('HTTP/1.1 ');
    expect(first).toMatch(/^201 /);
    expect(second).toMatch(/^404 /);
    expect(second.toLowerCase()).toContain('connection: close');
    expect(second).toContain('"request_id"');
    await closed;
  });

  it('ends connections on which nothing is asked', async () => {
    deployment = await serveDeployment();
    const idle = await connectRaw(deployment.url);
    idle.send('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    while (!idle.received().includes('"ok"')) await settled();
    await deployment.server.close();
    expect(await idle.ended).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('does not wait longer than its setting for a client that never finishes', async () => {
    deployment = await serveDeployment({ settings: { CZ_SHUTDOWN_SECONDS: '1' } });
    const stuck = await connectRaw(deployment.url);
    stuck.send(head);
    await settled();
    await deployment.server.close();
    expect(await stuck.ended).toBe('');
  });

  it('gives its directory back, and refuses a second server on it while it runs', async () => {
    deployment = await serveDeployment();
    const second = () =>
      serve({ home: deployment.home, log: createLog('silent'), environment: { CZ_BIND: '127.0.0.1' } });
    await expect(second()).rejects.toThrow(/another process|in use|locked/i);
    expect((await settled()).status).toBe(200);
    await deployment.server.close();
    await (await second()).close();
    rmSync(deployment.server.socket, { force: true });
  });
});
