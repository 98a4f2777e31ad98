import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../../../test/harness.ts';
import { createCertificateAuthority, issueServerCertificate } from '../../crypto/certificates.ts';
import { type ManualClock, manualClock } from '../../kernel/clock.ts';

describe('the certificate in the health of the system', () => {
  let clock: ManualClock;
  let appliance: TestAppliance;
  beforeAll(async () => {
    clock = manualClock();
    appliance = await startAppliance({ clock, settings: { CZ_TLS: 'init' } });
  });
  afterAll(() => appliance.discard());

  const look = () => appliance.services.admin.health.look();
  const warned = async (text: RegExp) => (await look()).warnings.some((warning) => text.test(warning));

  it('is missed when it cannot be read', async () => {
    const { certificate, warnings, status } = await look();
    expect(certificate).toBeNull();
    expect(warnings).toContainEqual(expect.stringMatching(/^The certificate cannot be read: .*CZ_TLS_CERTIFICATE/));
    expect(status).toBe('degraded');
  });

  it('is shown with its names and its end, and warned of before that', async () => {
    const now = clock.now();
    const ca = createCertificateAuthority({ commonName: 'Test CA', now });
    const { certificatePem } = issueServerCertificate({ names: ['control.example.com', '127.0.0.1'], now, ca });
    mkdirSync(join(appliance.home, 'config/certs'), { recursive: true });
    writeFileSync(join(appliance.home, 'config/certs/server.pem'), certificatePem);
    const { certificate } = await look();
    expect(certificate).toMatchObject({
      names: ['control.example.com', '127.0.0.1'],
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      renewal_due: false,
    });
    expect(await warned(/certificate/)).toBe(false);
    clock.set(Date.parse(certificate!.expires_at) - 3_600_000);
    expect((await look()).certificate!.renewal_due).toBe(true);
    expect(await warned(/^The certificate ends at /)).toBe(true);
  });

  it('is not all that is warned of: so is a missing license', async () => {
    expect(await warned(/^There is neither a trial nor a license/)).toBe(true);
  });
});
