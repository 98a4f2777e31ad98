import type { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { writeCertificates } from '../../cli/init/files.ts';
import { PATHS } from '../../server/deployment.ts';
import { createLog } from '../../server/kernel/logging.ts';
import { serve } from '../../server/main.ts';
import { serveDeployment, type TestDeployment } from './deployment.ts';
import { exchange } from './http.ts';

let deployment: TestDeployment;
afterEach(() => deployment.discard());

/** The certificate that a new connection is shown, with whether the private authority vouches for it. */
function shownCertificate(options: { maxVersion?: 'TLSv1.1' | 'TLSv1.2' } = {}): Promise<X509Certificate> {
  const { hostname, port } = new URL(deployment.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), ca: deployment.ca, ...options }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(new Error('no certificate was shown'));
      else resolve(certificate);
    });
    socket.on('error', reject);
  });
}

const certificateFile = (name: string) => join(deployment.home, PATHS.certificates, name);

describe('HTTPS', () => {
  it('is served with the private authority that init made, and to nobody in plain text', async () => {
    deployment = await serveDeployment({ tls: 'init' });
    expect(deployment.url).toMatch(/^https:/);
    const answer = await exchange(`${deployment.url}/health`, { ca: deployment.ca });
    expect(answer.status).toBe(200);
    const named = deployment.url.replace('127.0.0.1', 'localhost');
    expect((await exchange(`${named}/health`, { ca: deployment.ca })).status).toBe(200);
    await expect(exchange(`${deployment.url}/health`)).rejects.toThrow(/self-signed certificate/);
    await expect(exchange(`${deployment.url.replace('https', 'http')}/health`)).rejects.toThrow();
    await expect(shownCertificate({ maxVersion: 'TLSv1.1' })).rejects.toThrow();
    expect((await shownCertificate({ maxVersion: 'TLSv1.2' })).checkHost('localhost')).toBe('localhost');
  });

  it('takes a renewed certificate into use without a restart', async () => {
    deployment = await serveDeployment({ tls: 'init' });
    const before = await shownCertificate();
    writeCertificates(deployment.home, 'control.example.com', Date.now());
    await vi.waitFor(async () => expect((await shownCertificate()).serialNumber).not.toBe(before.serialNumber), {
      timeout: 10_000,
      interval: 20,
    });
    const after = await shownCertificate();
    expect(after.checkHost('control.example.com')).toBe('control.example.com');
    expect(after.issuer).toBe(before.issuer);
    expect((await exchange(`${deployment.url}/health`, { ca: deployment.ca })).status).toBe(200);
  });

  it('notices new files behind symbolic links, in different folders, written one after the other', async () => {
    deployment = await serveDeployment({ tls: 'init' });
    const before = await shownCertificate();
    await deployment.server.close();
    const [store, certificates, keys] = ['store', 'certificates', 'keys'].map((name) => join(deployment.home, name));
    for (const folder of [store, certificates, keys]) mkdirSync(folder!);
    for (const [name, folder] of [
      ['server.pem', certificates],
      ['server-key.pem', keys],
    ] as const) {
      copyFileSync(certificateFile(name), join(store!, name));
      symlinkSync(join(store!, name), join(folder!, name));
    }
    const server = await serve({
      home: deployment.home,
      log: createLog('silent'),
      environment: {
        CZ_BIND: '127.0.0.1',
        CZ_TLS: 'own',
        CZ_TLS_CERTIFICATE: 'certificates/server.pem',
        CZ_TLS_KEY: 'keys/server-key.pem',
      },
    });
    const url = server.url.replace('//localhost', '//127.0.0.1');
    deployment = {
      ...deployment,
      url,
      discard: () => server.close().then(() => rmSync(deployment.home, { recursive: true })),
    };
    expect((await shownCertificate()).serialNumber).toBe(before.serialNumber);

    writeCertificates(deployment.home, 'localhost', Date.now());
    for (const name of ['server.pem', 'server-key.pem']) copyFileSync(certificateFile(name), join(store!, name));
    await vi.waitFor(async () => expect((await shownCertificate()).serialNumber).not.toBe(before.serialNumber), {
      timeout: 10_000,
      interval: 20,
    });
  });

  it('is not served with a key that does not belong to the certificate, and says which files these are', async () => {
    deployment = await serveDeployment({ tls: 'init' });
    await deployment.server.close();
    copyFileSync(certificateFile('ca-key.pem'), certificateFile('server-key.pem'));
    const again = serve({ home: deployment.home, log: createLog('silent'), environment: { CZ_BIND: '127.0.0.1' } });
    await expect(again).rejects.toThrow(/server\.pem \(CZ_TLS_CERTIFICATE\) and \S+server-key\.pem \(CZ_TLS_KEY\)/);
  });

  it('goes on with the old certificate when the new files are broken, and takes the next good ones', async () => {
    deployment = await serveDeployment({ tls: 'init' });
    const before = await shownCertificate();
    const good = readFileSync(certificateFile('server.pem'));
    writeFileSync(certificateFile('server.pem'), 'no certificate at all');
    writeFileSync(certificateFile('server-key.pem'), 'no key either');
    expect((await shownCertificate()).serialNumber).toBe(before.serialNumber);
    expect((await exchange(`${deployment.url}/health`, { ca: deployment.ca })).status).toBe(200);

    writeCertificates(deployment.home, 'localhost', Date.now());
    await vi.waitFor(async () => expect((await shownCertificate()).serialNumber).not.toBe(before.serialNumber), {
      timeout: 10_000,
      interval: 20,
    });
    expect(readFileSync(certificateFile('server.pem'))).not.toEqual(good);
  });
});
