import nacl from 'tweetnacl';
import { describe, expect, test } from 'vitest';
import { encodeLicense, type LicensePayload, type TrustedIssuer, verifyLicense } from './license.ts';
import { signingKeyFromSeed } from './signing.ts';

const issuer = signingKeyFromSeed(Buffer.alloc(32, 5));
const stranger = signingKeyFromSeed(Buffer.alloc(32, 6));
const trusted: TrustedIssuer[] = [{ kid: issuer.kid, publicKey: issuer.publicKey }];
const payload = {
  license_id: '0192aaaa-bbbb-7ccc-8ddd-eeeeffff0009',
  org_id: '0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001',
  seats: 25,
  tier: 'teams',
  features: ['apps', 'shadow_ai'],
  limits: { projects: 20 },
  issued_at: '2026-01-01T00:00:00Z',
  expires_at: '2027-01-01T00:00:00Z',
} satisfies Omit<LicensePayload, 'issuer_kid'>;
const duringTerm = Date.parse('2026-06-01T00:00:00Z');
const text = encodeLicense(payload, issuer);

/** A license text around any payload, signed by the issuer. */
function signed(content: string, domain = 'control-zero license v1\n'): string {
  const signature = issuer.sign(Buffer.from(domain + content));
  return `cz_ent_${Buffer.from(content).toString('base64url')}.${signature.toString('base64url')}`;
}

function reasonFor(change: object): string | undefined {
  const verdict = verifyLicense(
    signed(JSON.stringify({ ...payload, issuer_kid: issuer.kid, ...change })),
    trusted,
    duringTerm,
  );
  return verdict.status === 'malformed' ? verdict.reason : verdict.status;
}

describe('license', () => {
  test('an issued license is valid during its term and says what it grants', () => {
    expect(text).toMatch(/^cz_ent_[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/);
    expect(verifyLicense(text, trusted, duringTerm)).toEqual({
      status: 'valid',
      license: { ...payload, issuer_kid: issuer.kid },
    });
    expect(verifyLicense(` ${text}\n`, trusted, duringTerm).status).toBe('valid');
  });

  test('another implementation verifies the signature', () => {
    const [content, signature] = text.slice('cz_ent_'.length).split('.') as [string, string];
    const message = Buffer.concat([Buffer.from('control-zero license v1\n'), Buffer.from(content, 'base64url')]);
    expect(nacl.sign.detached.verify(message, Buffer.from(signature, 'base64url'), issuer.publicKey)).toBe(true);
  });

  test('the term includes its first moment and excludes its last', () => {
    const at = (time: string, license = text) => verifyLicense(license, trusted, Date.parse(time)).status;
    expect(at('2026-01-01T00:00:00Z')).toBe('valid');
    expect(at('2025-12-31T23:59:59Z')).toBe('not_yet_valid');
    expect(at('2026-12-31T23:59:59Z')).toBe('valid');
    expect(at('2027-01-01T00:00:00Z')).toBe('expired');
    const later = encodeLicense({ ...payload, starts_at: '2026-03-01T00:00:00Z' }, issuer);
    expect(at('2026-02-01T00:00:00Z', later)).toBe('not_yet_valid');
    expect(at('2026-03-01T00:00:00Z', later)).toBe('valid');
  });

  test('a license of an issuer who is not trusted is unknown, with the id to look for', () => {
    const foreign = encodeLicense(payload, stranger);
    expect(verifyLicense(foreign, trusted, duringTerm)).toEqual({ status: 'unknown_issuer', issuerKid: stranger.kid });
    expect(verifyLicense(text, [], duringTerm).status).toBe('unknown_issuer');
  });

  test('a changed payload or a borrowed signature is refused', () => {
    const [content, signature] = text.slice('cz_ent_'.length).split('.') as [string, string];
    const json = Buffer.from(content, 'base64url').toString();
    const more = Buffer.from(json.replace('"seats":25', '"seats":99')).toString('base64url');
    expect(verifyLicense(`cz_ent_${more}.${signature}`, trusted, duringTerm)).toEqual({
      status: 'bad_signature',
      issuerKid: issuer.kid,
    });
    const claimed = signed(JSON.stringify({ ...payload, issuer_kid: stranger.kid }));
    const both = [...trusted, { kid: stranger.kid, publicKey: stranger.publicKey }];
    expect(verifyLicense(claimed, both, duringTerm).status).toBe('bad_signature');
  });

  test('something else that the issuer signed does not pass as a license', () => {
    const other = signed(JSON.stringify({ ...payload, issuer_kid: issuer.kid }), '');
    expect(verifyLicense(other, trusted, duringTerm).status).toBe('bad_signature');
  });

  test.each([
    ['nothing', ''],
    ['another token', `cz_live_${'a'.repeat(64)}`],
    ['a cut-off text', text.slice(0, -20)],
    ['no signature', text.split('.')[0]!],
    ['no JSON', signed('hello')],
    ['a list', signed('[]')],
    ['an endless text', `cz_ent_${'A'.repeat(20_000)}`],
  ])('%s is malformed', (_what, wrong) => {
    expect(verifyLicense(wrong, trusted, duringTerm).status).toBe('malformed');
  });

  test.each<[string, object]>([
    ['org_id', { org_id: '' }],
    ['seats', { seats: -1 }],
    ['seats', { seats: '25' }],
    ['tier', { tier: undefined }],
    ['features', { features: 'all' }],
    ['features', { features: [1] }],
    ['limits', { limits: { projects: 1.5 } }],
    ['limits', { limits: [] }],
    ['issued_at', { issued_at: '2026-01-01' }],
    ['expires_at', { expires_at: '2026-13-45T00:00:00Z' }],
    ['expires_at', { expires_at: '2025-01-01T00:00:00Z' }],
    ['starts_at', { starts_at: 5 }],
  ])('a signed license with a wrong %s is malformed and says so', (field, change) => {
    expect(reasonFor(change)).toContain(field);
  });

  test('a field of a later release does no harm', () => {
    expect(reasonFor({ regions: ['eu'] })).toBe('valid');
  });

  test('a license that could not be read back is not issued', () => {
    expect(() => encodeLicense({ ...payload, seats: 1.5 }, issuer)).toThrow(/seats/);
    expect(() => encodeLicense({ ...payload, expires_at: payload.issued_at }, issuer)).toThrow(/ends before/);
  });
});
