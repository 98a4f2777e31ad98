/** What a license grants, as it is signed. Times are RFC 3339 in UTC. */
export interface LicensePayload {
  readonly license_id: string;
  readonly org_id: string;
  /** Agents and users together that may be active in a calendar month. */
  readonly seats: number;
  readonly tier: string;
  /** Feature entitlements by name. */
  readonly features: readonly string[];
  /** Further ceilings by name; what is not named is not limited. */
  readonly limits: Readonly<Record<string, number>>;
  readonly issued_at: string;
  /** Not usable before; the time of issue when absent. */
  readonly starts_at?: string;
  /** Not valid from this moment on. */
  readonly expires_at: string;
  /** Id of the key that signed it, see `keyId`. */
  readonly issuer_kid: string;
}

export type LicenseReading =
  | { readonly ok: true; readonly license: LicensePayload }
  | { readonly ok: false; readonly reason: string };

const LONGEST_NAME = 200;
const MOST_ENTRIES = 200;
const RFC3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/;

/**
 * Takes the known fields of a parsed license payload, or says which one is missing or misshapen.
 * Also refuses a license that ends before it starts. Never throws.
 */
export function readLicensePayload(value: unknown): LicenseReading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('payload', 'a JSON object');
  const fields = value as Record<string, unknown>;
  for (const name of ['license_id', 'org_id', 'tier', 'issuer_kid'] as const) {
    if (!isName(fields[name])) return refuse(name, `a text of 1 to ${LONGEST_NAME} characters`);
  }
  for (const name of ['issued_at', 'expires_at'] as const) {
    if (!isTime(fields[name])) return refuse(name, 'a UTC time like 2026-01-31T00:00:00Z');
  }
  if (fields['starts_at'] !== undefined && !isTime(fields['starts_at'])) return refuse('starts_at', 'a UTC time');
  if (!isCount(fields['seats'])) return refuse('seats', 'a whole number, 0 or more');
  const { features, limits } = fields;
  if (!Array.isArray(features) || features.length > MOST_ENTRIES || !features.every(isName)) {
    return refuse('features', `a list of at most ${MOST_ENTRIES} names`);
  }
  if (typeof limits !== 'object' || limits === null || Array.isArray(limits)) return refuse('limits', 'an object');
  const ceilings = Object.entries(limits);
  if (ceilings.length > MOST_ENTRIES || !ceilings.every(([name, limit]) => isName(name) && isCount(limit))) {
    return refuse('limits', 'names with whole numbers, 0 or more');
  }
  const known = fields as unknown as LicensePayload;
  if (Date.parse(known.expires_at) <= Date.parse(known.starts_at ?? known.issued_at)) {
    return { ok: false, reason: 'The license ends before it starts (expires_at).' };
  }
  return {
    ok: true,
    license: {
      license_id: known.license_id,
      org_id: known.org_id,
      seats: known.seats,
      tier: known.tier,
      features: [...known.features],
      limits: { ...known.limits },
      issued_at: known.issued_at,
      ...(known.starts_at === undefined ? {} : { starts_at: known.starts_at }),
      expires_at: known.expires_at,
      issuer_kid: known.issuer_kid,
    },
  };
}

function refuse(field: string, expected: string): LicenseReading {
  return { ok: false, reason: `The license field "${field}" is not ${expected}.` };
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && RFC3339_UTC.test(value) && !Number.isNaN(Date.parse(value));
}
