import type { LicensePayload } from '../../crypto/license.ts';
import { TIERS, type Tier } from '../../kernel/license-gate.ts';

export const DAY = 86_400_000;
/** Everything goes on for this long after a license ends (facts file, 3.3). */
export const GRACE_DAYS = 14;
export const TRIAL_DAYS = 14;

/** What the deployment may do at a moment. */
export interface LicenseState {
  /** `expired`: what runs goes on, nothing new can be switched on. `none`: neither trial nor license was ever there. */
  status: 'trial' | 'valid' | 'grace' | 'expired' | 'none';
  tier: Tier;
  /** Entitlements beyond the tier. */
  features: readonly string[];
  /** Ceilings by name; what is not named is not limited. */
  limits: Readonly<Record<string, number>>;
  licenseId: string | null;
  expiresAt: number | null;
}

/**
 * Works out the state from the installed licenses whose signature was right. Several may be installed; the usable one that
 * ends last counts.
 */
export function licenseState(
  installed: readonly LicensePayload[],
  trial: { ends_at: number } | null,
  now: number,
): LicenseState {
  let best: LicenseState | null = null;
  for (const license of installed) {
    if (now < Date.parse(license.starts_at ?? license.issued_at)) continue;
    const state = fromLicense(license, now);
    if (best === null || (state.expiresAt ?? 0) > (best.expiresAt ?? 0)) best = state;
  }
  if (best !== null && (best.status !== 'expired' || trial === null || trial.ends_at <= now)) return best;
  if (trial === null)
    return { status: 'none', tier: 'free', features: [], limits: {}, licenseId: null, expiresAt: null };
  return {
    status: trial.ends_at > now ? 'trial' : 'expired',
    tier: 'enterprise',
    features: [],
    limits: {},
    licenseId: null,
    expiresAt: trial.ends_at,
  };
}

function fromLicense(license: LicensePayload, now: number): LicenseState {
  const expiresAt = Date.parse(license.expires_at);
  const status = now < expiresAt ? 'valid' : now < expiresAt + GRACE_DAYS * DAY ? 'grace' : 'expired';
  return {
    status,
    tier: isTier(license.tier) ? license.tier : 'free',
    features: license.features,
    limits: { seats: license.seats, ...license.limits },
    licenseId: license.license_id,
    expiresAt,
  };
}

export function isTier(word: string): word is Tier {
  return (TIERS as readonly string[]).includes(word);
}
