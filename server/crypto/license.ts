import { canonicalJson } from './canonical-json.ts';
import { type LicensePayload, readLicensePayload } from './license-payload.ts';
import { SIGNATURE_BYTES, type SigningKey, verifySignature } from './signing.ts';

export type { LicensePayload } from './license-payload.ts';

/** A public key whose licenses are accepted. */
export interface TrustedIssuer {
  readonly kid: string;
  /** Raw Ed25519 public key. */
  readonly publicKey: Uint8Array;
}

/** What a license text is worth at a moment. Whenever `license` is present its signature was right. */
export type LicenseVerdict =
  | { readonly status: 'valid' | 'expired' | 'not_yet_valid'; readonly license: LicensePayload }
  | { readonly status: 'bad_signature' | 'unknown_issuer'; readonly issuerKid: string }
  | { readonly status: 'malformed'; readonly reason: string };

const PREFIX = 'cz_ent_';
const LONGEST_TEXT = 16_384;
const DOMAIN = Buffer.from('control-zero license v1\n', 'utf8');

/**
 * Writes a license: `cz_ent_`, base64url of the canonical JSON payload, a dot, base64url of the Ed25519 signature.
 * The signature covers a fixed first line and the payload, so no other thing signed by that key passes as a license.
 * `issuer_kid` is filled in from the key. Throws `RangeError` for a payload that could not be read back.
 */
export function encodeLicense(payload: Omit<LicensePayload, 'issuer_kid'>, issuer: SigningKey): string {
  const whole: LicensePayload = { ...payload, issuer_kid: issuer.kid };
  const read = readLicensePayload(whole);
  if (!read.ok) throw new RangeError(`The license cannot be issued: ${read.reason}`);
  const bytes = Buffer.from(canonicalJson(whole), 'utf8');
  const signature = issuer.sign(Buffer.concat([DOMAIN, bytes]));
  const text = `${PREFIX}${bytes.toString('base64url')}.${signature.toString('base64url')}`;
  if (text.length > LONGEST_TEXT) {
    throw new RangeError(`The license would have ${text.length} characters; at most ${LONGEST_TEXT} are read.`);
  }
  return text;
}

/**
 * Says what a license text is worth at `now` (milliseconds since the Unix epoch), offline and without throwing.
 * Fields that this release does not know are kept out of the result but stay covered by the signature. How long an
 * expired license is still tolerated is for the caller to decide.
 */
export function verifyLicense(text: string, trusted: readonly TrustedIssuer[], now: number): LicenseVerdict {
  const malformed = (reason: string): LicenseVerdict => ({ status: 'malformed', reason });
  if (text.length > LONGEST_TEXT) return malformed(`The license is longer than ${LONGEST_TEXT} characters.`);
  const parts = /^cz_ent_([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/.exec(text.trim());
  if (!parts) return malformed(`The license does not have the form ${PREFIX}<payload>.<signature>; copy it whole.`);
  const bytes = Buffer.from(parts[1]!, 'base64url');
  const signature = Buffer.from(parts[2]!, 'base64url');
  if (signature.length !== SIGNATURE_BYTES) {
    return malformed(`The signature of the license has ${signature.length} bytes instead of ${SIGNATURE_BYTES}.`);
  }
  const read = readLicensePayload(parseJson(bytes));
  if (!read.ok) return malformed(read.reason);

  const license = read.license;
  const issuers = trusted.filter((issuer) => issuer.kid === license.issuer_kid);
  if (issuers.length === 0) return { status: 'unknown_issuer', issuerKid: license.issuer_kid };
  const signed = Buffer.concat([DOMAIN, bytes]);
  if (!issuers.some((issuer) => verifySignature(issuer.publicKey, signed, signature))) {
    return { status: 'bad_signature', issuerKid: license.issuer_kid };
  }
  if (now >= Date.parse(license.expires_at)) return { status: 'expired', license };
  if (now < Date.parse(license.starts_at ?? license.issued_at)) return { status: 'not_yet_valid', license };
  return { status: 'valid', license };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
