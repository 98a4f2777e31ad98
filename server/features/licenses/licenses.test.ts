import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from '../../../test/harness.ts';
import { operatorContext, signUpAdmin } from '../../../test/people.ts';
import { openTenant } from '../../../test/tenant.ts';
import { encodeLicense } from '../../crypto/license.ts';
import { generateSigningSeed, signingKeyFromSeed } from '../../crypto/signing.ts';
import { ownContext } from '../../kernel/activity.ts';
import { manualClock } from '../../kernel/clock.ts';

const DAY = 86_400_000;
const issuer = signingKeyFromSeed(generateSigningSeed());
const START = Date.UTC(2026, 5, 1);

function license(days: number, tier = 'teams', limits: Record<string, number> = {}, features: string[] = []) {
  return encodeLicense(
    {
      license_id: `lic-${tier}-${days}`,
      org_id: 'acme',
      seats: 10,
      tier,
      features,
      limits,
      issued_at: new Date(START).toISOString(),
      expires_at: new Date(START + days * DAY).toISOString(),
    },
    issuer,
  );
}

describe('licenses', () => {
  const clock = manualClock(START);
  let appliance: TestAppliance;
  beforeEach(async () => {
    clock.set(START);
    appliance = await startAppliance({ clock, settings: { CZ_LICENSE_TRUST: issuer.publicKey.toString('base64') } });
  });
  afterEach(() => appliance.discard());

  it('starts the trial once and counts it down by the clock', async () => {
    expect((await appliance.operate('GET', '/operator/license')).body.status).toBe('none');
    expect((await appliance.operate('POST', '/operator/trial')).body).toMatchObject({
      started: true,
      license: { status: 'trial', tier: 'enterprise' },
    });
    clock.advance(13 * DAY);
    expect((await appliance.operate('POST', '/operator/trial')).body).toMatchObject({
      started: false,
      license: { status: 'trial' },
    });
    clock.advance(2 * DAY);
    expect((await appliance.operate('GET', '/operator/license')).body.status).toBe('expired');
  });

  it('installs a license of a trusted issuer, once, and walks the ladder valid, grace, expired', async () => {
    const text = license(30);
    expect((await appliance.operate('POST', '/operator/license', { license_key: text })).body).toMatchObject({
      status: 'valid',
      tier: 'teams',
      limits: { seats: 10 },
    });
    expect((await appliance.operate('POST', '/operator/license', { license_key: text })).status).toBe(409);
    clock.advance(31 * DAY);
    expect((await appliance.operate('GET', '/operator/license')).body.status).toBe('grace');
    clock.advance(14 * DAY);
    expect((await appliance.operate('GET', '/operator/license')).body.status).toBe('expired');
  });

  it('refuses tampered, foreign and malformed texts and changes nothing', async () => {
    const foreign = encodeLicense(
      {
        license_id: 'x',
        org_id: 'a',
        seats: 1,
        tier: 'teams',
        features: [],
        limits: {},
        issued_at: '2026-01-01T00:00:00Z',
        expires_at: '2030-01-01T00:00:00Z',
      },
      signingKeyFromSeed(generateSigningSeed()),
    );
    for (const [text, status] of [
      [foreign, 'unknown_issuer'],
      [`${license(30).slice(0, -6)}AAAAAA`, 'bad_signature'],
      ['cz_ent_nonsense', 'malformed'],
    ] as const) {
      expect((await appliance.operate('POST', '/operator/license/verify', { license_key: text })).body.status).toBe(
        status,
      );
      expect((await appliance.operate('POST', '/operator/license', { license_key: text })).status).toBe(400);
    }
    expect((await appliance.operate('GET', '/operator/license')).body.status).toBe('none');
  });

  it('gates features by flag, tier and end of license', async () => {
    const { flags, licenses } = appliance.services;
    const context = ownContext(appliance.kernel, { kind: 'system', task: 'test' }, 'test');
    await expect(flags.check('dlp_scanning', null, 'GET')).rejects.toMatchObject({
      status: 403,
      code: 'FEATURE_NOT_AVAILABLE',
      facts: { extra: { feature: 'dlp_scanning', tier: 'free' } },
    });
    await licenses.install(context, license(30));
    await expect(flags.check('dlp_scanning', null, 'POST')).resolves.toBeUndefined();
    await flags.set(context, 'dlp_scanning', false, null);
    await expect(flags.check('dlp_scanning', null, 'GET')).rejects.toMatchObject({
      status: 503,
      code: 'FEATURE_DISABLED',
    });
    await flags.set(context, 'dlp_scanning', true, null);
    clock.advance(60 * DAY);
    await expect(flags.check('dlp_scanning', null, 'GET')).resolves.toBeUndefined();
    await expect(flags.check('dlp_scanning', null, 'POST')).rejects.toMatchObject({
      status: 403,
      code: 'LICENSE_EXPIRED',
    });
  });

  it('gives an organization what the license names beyond its tier, and tells SDKs so', async () => {
    const tenant = await openTenant(appliance, 'entitled');
    const context = operatorContext(appliance);
    await appliance.services.licenses.install(context, license(40, 'solo', { projects: 9 }, ['anomalies']));
    const init = async () =>
      (await appliance.request('POST', '/v1/sdk/init', { bearer: tenant.key, body: {} })).body.features;
    const features = ['enrollment_api', 'dlp_scanning', 'audit_export', 'notifications', 'compliance_reports'];
    expect(await init()).toEqual([...features, 'anomalies']);
    await appliance.services.flags.set(context, 'anomalies', false, tenant.orgId);
    expect(await init()).toEqual(features);
  });

  it('lists what was issued in pages, newest first', async () => {
    const admin = await signUpAdmin(appliance, 'root@appliance.example');
    const wish = { tier: 'teams', seats: 5, expires_at: new Date(START + DAY).toISOString() };
    for (const org_id of ['first', 'second', 'third'])
      await admin.request('POST', '/api/admin/licenses', { ...wish, org_id });
    const page = (await admin.request('GET', '/api/admin/licenses?limit=2')).body;
    expect(page.licenses.map((row: { org_id: string }) => row.org_id)).toEqual(['third', 'second']);
    const rest = (await admin.request('GET', `/api/admin/licenses?limit=2&cursor=${page.next_cursor}`)).body;
    expect(rest).toMatchObject({ licenses: [{ org_id: 'first' }], next_cursor: null });
  });

  it('refuses what no license can hold, and issues nothing then', async () => {
    const admin = await signUpAdmin(appliance, 'root@appliance.example');
    const wish = { org_id: 'acme', tier: 'teams', seats: 5, expires_at: '2030-01-01T00:00:00Z' };
    const long = Array.from({ length: 50 }, (_, index) => `${'€'.repeat(97)}${index}`);
    for (const wrong of [
      { features: long, limits: Object.fromEntries(long.map((name) => [name, 1])) },
      { limits: { '': 1 } },
      { limits: { ['x'.repeat(201)]: 1 } },
      { expires_at: '9999-12-31T23:59:59-23:59' },
      { expires_at: '2025-01-01T00:00:00Z' },
    ]) {
      const answer = await admin.request('POST', '/api/admin/licenses', { ...wish, ...wrong });
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    }
    expect((await admin.request('GET', '/api/admin/licenses')).body.licenses).toEqual([]);
  });

  it('switches features only that exist, and only for organizations that exist', async () => {
    const admin = await signUpAdmin(appliance, 'root@appliance.example');
    const flags = async () => (await admin.request('GET', '/api/admin/features')).body;
    const before = await flags();
    const unknown = '00000000-0000-7000-8000-000000000000';
    for (const [change, status] of [
      [{ flag: 'toString', enabled: false }, 400],
      [{ flag: 'no_such_feature', enabled: false }, 400],
      [{ flag: 'anomalies', enabled: false, org_id: unknown }, 404],
    ] as const) {
      expect((await admin.request('POST', '/api/admin/features', change)).status).toBe(status);
      expect((await admin.request('PUT', '/api/admin/features', change)).status).toBe(status);
    }
    expect(await flags()).toEqual(before);

    const org = (await admin.request('POST', '/api/orgs', { name: 'short-lived' })).body;
    const switched = await admin.request('PUT', '/api/admin/features', {
      flag: 'anomalies',
      enabled: false,
      org_id: org.id,
    });
    expect(switched.body.overrides).toEqual([{ org_id: org.id, enabled: false }]);
    expect((await admin.request('DELETE', `/api/orgs/${org.id}?confirm=short-lived`)).status).toBe(204);
    expect(await flags()).toEqual(before);
  });

  it('still says what a license is worth when its own has ended', async () => {
    const tenant = await openTenant(appliance, 'scouted');
    const key = await tenant.owner.request('POST', `/api/projects/${tenant.projectId}/api-keys`, {
      name: 'scout',
      scopes: ['scout'],
    });
    const validate = async (body: unknown) =>
      appliance.request('POST', '/api/scout/license/validate', {
        bearer: key.body.key,
        ...(body === undefined ? {} : { body }),
      });
    expect((await validate({})).body).toMatchObject({ valid: true, status: 'trial' });
    expect((await validate(undefined)).body).toMatchObject({ valid: true, status: 'trial' });
    clock.advance(15 * DAY);
    const ended = await validate({});
    expect([ended.status, ended.body]).toMatchObject([200, { valid: false, status: 'expired' }]);
    expect((await validate({ license_key: license(30) })).body).toMatchObject({
      valid: true,
      tier: 'teams',
      seats: 10,
    });
    expect(
      (await appliance.request('POST', '/api/scout/license/validate', { bearer: tenant.key, body: {} })).status,
    ).toBe(403);
  });

  it('never accepts what it issued itself', async () => {
    const { licenses } = appliance.services;
    const context = {
      ...ownContext(appliance.kernel, { kind: 'system', task: 'test' }, 'test'),
      record: async () => {},
    };
    const issued = await licenses.issue(context, {
      customer: 'other',
      tier: 'teams',
      seats: 5,
      features: [],
      limits: {},
      expiresAt: START + DAY,
    });
    expect(licenses.inspect(issued.text).status).toBe('unknown_issuer');
  });

  it('refuses new sessions with 402 once a month is used up, and again takes them after a reset', async () => {
    const { licenses, usage, alerts } = appliance.services;
    const context = {
      ...ownContext(appliance.kernel, { kind: 'system', task: 'test' }, 'test'),
      record: async () => {},
    };
    await licenses.install(context, license(90, 'teams', { guarded_calls: 100 }));
    usage.count('org-1', 'guarded_calls', 100);
    await expect(Promise.resolve(usage.check('org-1'))).resolves.toBeUndefined();
    usage.count('org-1', 'guarded_calls', 1);
    clock.advance(11_000);
    await expect(Promise.resolve(usage.check('org-1'))).rejects.toMatchObject({
      status: 402,
      code: 'USAGE_LIMIT_EXCEEDED',
    });
    expect(() => usage.check('org-1')).toThrow(expect.objectContaining({ status: 402 }));
    expect(await alerts.list({ orgId: 'org-1' }, 10)).toHaveLength(1);
    await usage.reset(context, 'org-1');
    await expect(Promise.resolve(usage.check('org-1'))).resolves.toBeUndefined();
    usage.count('org-1', 'guarded_calls', 500);
    clock.advance(31 * DAY);
    expect(await usage.usage('org-1')).toMatchObject({ guarded_calls: 0, over_limit: false });
  });
});
