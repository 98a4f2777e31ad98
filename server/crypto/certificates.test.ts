import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateCovers, inspectCertificate, keyBelongsTo, renewalDue } from './certificate-inspection.ts';
import { createCertificateAuthority, type IssuedCertificate, issueServerCertificate } from './certificates.ts';

const DAY = 86_400_000;
const now = Date.now();
const ca = createCertificateAuthority({ commonName: 'Control Zero CA, Büro 1', now });
const names = ['cz.example.test', '*.apps.example.test', '127.0.0.1', '::1'];
const server = issueServerCertificate({ names, now, ca });
const hasOpenssl = opensslWorks();

describe('certificates', () => {
  test('the authority is self-signed, lasts ten years and may sign', () => {
    const facts = inspectCertificate(ca.certificatePem);
    expect(facts).toMatchObject({ isAuthority: true, isSelfSigned: true, subject: 'CN=Control Zero CA\\, Büro 1' });
    expect(facts.startsAt).toBe(Math.floor((now - 300_000) / 1000) * 1000);
    expect(Math.round((facts.endsAt - facts.startsAt) / DAY)).toBe(3653);
    expect(keyBelongsTo(ca.certificatePem, ca.privateKeyPem)).toBe(true);
  });

  test('a server certificate carries its names, lasts 397 days and is signed by the authority', () => {
    const facts = inspectCertificate(server.certificatePem);
    expect(facts).toMatchObject({ isAuthority: false, isSelfSigned: false, subject: 'CN=cz.example.test' });
    expect(facts.names).toEqual(['cz.example.test', '*.apps.example.test', '127.0.0.1', '0:0:0:0:0:0:0:1']);
    expect(facts.endsAt - facts.startsAt).toBeLessThanOrEqual(397 * DAY);
    expect(facts.endsAt - facts.startsAt).toBeGreaterThan(396 * DAY);
    const certificate = new X509Certificate(server.certificatePem);
    const authority = new X509Certificate(ca.certificatePem);
    expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(keyBelongsTo(server.certificatePem, server.privateKeyPem)).toBe(true);
    expect(keyBelongsTo(server.certificatePem, ca.privateKeyPem)).toBe(false);
  });

  test('serial numbers are positive, 16 bytes long and never repeat', () => {
    const serials = [1, 2, 3, 4].map(() => {
      const issued = issueServerCertificate({ names: ['a.example'], now, ca });
      return inspectCertificate(issued.certificatePem).serialNumber;
    });
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(new Set(serials).size).toBe(4);
  });

  test('it is for its own names and no other', () => {
    for (const name of ['cz.example.test', 'x.apps.example.test', '127.0.0.1', '::1']) {
      expect(certificateCovers(server.certificatePem, name)).toBe(true);
    }
    for (const name of ['example.test', 'a.b.apps.example.test', '127.0.0.2', '::2']) {
      expect(certificateCovers(server.certificatePem, name)).toBe(false);
    }
  });

  test('a client that trusts the authority accepts a real server, by name and by address', async () => {
    expect(await answer(server, ca.certificatePem, 'cz.example.test')).toBe('hello');
    expect(await answer(server, ca.certificatePem, 'one.apps.example.test')).toBe('hello');
    expect(await answer(server, ca.certificatePem, '')).toBe('hello');
  });

  test('a client refuses another name and another authority', async () => {
    await expect(answer(server, ca.certificatePem, 'evil.example.test')).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    const other = createCertificateAuthority({ commonName: 'Control Zero CA, Büro 1', now });
    await expect(answer(server, other.certificatePem, 'cz.example.test')).rejects.toThrow();
  });

  test('a client refuses a certificate whose time is over', async () => {
    const old = now - 500 * DAY;
    const oldCa = createCertificateAuthority({ commonName: 'Old', now: old });
    const expired = issueServerCertificate({ names, now: old, ca: oldCa });
    await expect(answer(expired, oldCa.certificatePem, 'cz.example.test')).rejects.toMatchObject({
      code: 'CERT_HAS_EXPIRED',
    });
  });

  test.runIf(hasOpenssl)('OpenSSL verifies the chain strictly, and refuses it for another name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cz-certificates-'));
    try {
      writeFileSync(join(folder, 'ca.pem'), ca.certificatePem);
      writeFileSync(join(folder, 'server.pem'), server.certificatePem);
      const verify = (...options: string[]) =>
        execFileSync(
          'openssl',
          ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', 'ca.pem', ...options, 'server.pem'],
          {
            cwd: folder,
            encoding: 'utf8',
            stdio: 'pipe',
          },
        );
      expect(verify('-verify_hostname', 'cz.example.test')).toContain('server.pem: OK');
      expect(verify('-verify_ip', '127.0.0.1')).toContain('server.pem: OK');
      expect(() => verify('-verify_hostname', 'evil.example.test')).toThrow(/hostname mismatch/i);
      const text = execFileSync('openssl', ['x509', '-noout', '-text', '-in', 'server.pem'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE/);
      expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
      expect(text).toMatch(/Extended Key Usage:\s+TLS Web Server Authentication/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('renewal is due thirty days before the end, or at the last third of a short life', () => {
    const { endsAt } = inspectCertificate(server.certificatePem);
    expect(renewalDue(server.certificatePem, now)).toBe(false);
    expect(renewalDue(server.certificatePem, endsAt - 30 * DAY - 1)).toBe(false);
    expect(renewalDue(server.certificatePem, endsAt - 30 * DAY)).toBe(true);
    expect(renewalDue(server.certificatePem, endsAt + DAY)).toBe(true);
    const nearEnd = inspectCertificate(ca.certificatePem).endsAt - 30 * DAY;
    const short = issueServerCertificate({ names, now: nearEnd, ca });
    expect(inspectCertificate(short.certificatePem).endsAt).toBe(inspectCertificate(ca.certificatePem).endsAt);
    expect(renewalDue(short.certificatePem, nearEnd + 19 * DAY)).toBe(false);
    expect(renewalDue(short.certificatePem, nearEnd + 21 * DAY)).toBe(true);
  });

  test('what cannot work is refused with the reason', () => {
    const other = createCertificateAuthority({ commonName: 'Other', now });
    expect(() => issueServerCertificate({ names: [], now, ca })).toThrow(/at least one/);
    expect(() => issueServerCertificate({ names: ['a b'], now, ca })).toThrow(/"a b" is neither/);
    expect(() => issueServerCertificate({ names, now: now + 3700 * DAY, ca })).toThrow(/expired/);
    expect(() => issueServerCertificate({ names, now, ca: { ...ca, privateKeyPem: other.privateKeyPem } })).toThrow(
      /belong/,
    );
    expect(() => issueServerCertificate({ names, now, ca: server })).toThrow(/not one/);
    expect(() => createCertificateAuthority({ commonName: '', now })).toThrow(RangeError);
    expect(() => createCertificateAuthority({ commonName: 'x'.repeat(65), now })).toThrow(RangeError);
    expect(() => inspectCertificate('hello')).toThrow(/no certificate/);
  });

  test('a host name too long for a common name is still served', async () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.example.test`;
    const issued = issueServerCertificate({ names: [long], now, ca });
    expect(await answer(issued, ca.certificatePem, long)).toBe('hello');
  });
});

/** Serves one request over TLS on loopback and returns what a client that trusts `trusted` receives. */
async function answer(certificate: IssuedCertificate, trusted: string, servername: string): Promise<string> {
  const listener = createServer({ cert: certificate.certificatePem, key: certificate.privateKeyPem }, (_req, reply) => {
    reply.end('hello');
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  try {
    return await new Promise((resolve, reject) => {
      const name = servername === '' ? {} : { servername };
      const call = request({ host: '127.0.0.1', port, ca: trusted, agent: false, ...name }, (reply) => {
        reply.setEncoding('utf8').once('data', resolve);
      });
      call.once('error', reject).end();
    });
  } finally {
    listener.closeAllConnections();
    listener.close();
  }
}

function opensslWorks(): boolean {
  try {
    return execFileSync('openssl', ['version'], { encoding: 'utf8' }).startsWith('OpenSSL');
  } catch {
    return false;
  }
}
