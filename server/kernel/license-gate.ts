/** Tiers of an organization or a license, lowest first. */
export const TIERS = ['free', 'solo', 'teams', 'enterprise'] as const;
export type Tier = (typeof TIERS)[number];

/**
 * Everything that can be switched off. `tier` is the lowest tier that has it (null: every tier); `env` is the deployment
 * switch of the specification. Sources: REST reference (flags named beside routes), facts file section 12.
 */
export const FEATURES = {
  enrollment_api: { tier: null, env: 'ENROLLMENT_API_ENABLED', title: 'Machine enrollment' },
  dlp_scanning: { tier: 'solo', env: null, title: 'DLP rules' },
  audit_export: { tier: 'solo', env: null, title: 'Audit export' },
  notifications: { tier: 'solo', env: null, title: 'Notification channels' },
  compliance_reports: { tier: 'solo', env: null, title: 'Compliance reports' },
  sso_saml: { tier: 'teams', env: null, title: 'Single sign-on and SCIM' },
  scout_agent: { tier: 'teams', env: null, title: 'Shadow AI Scout' },
  mcp_server_hosted: { tier: 'teams', env: null, title: 'Hosted MCP servers' },
  anomalies: { tier: 'teams', env: null, title: 'Anomaly detection' },
  browser_extension: { tier: 'teams', env: null, title: 'Browser extension deployment' },
  approvals: { tier: 'teams', env: null, title: 'Approvals' },
} as const satisfies Record<string, { tier: Tier | null; env: string | null; title: string }>;

export type FeatureFlag = keyof typeof FEATURES;

/** The lower of two tiers: an organization never has more than the license allows. */
export function lowerTier(a: Tier, b: Tier): Tier {
  return TIERS[Math.min(TIERS.indexOf(a), TIERS.indexOf(b))]!;
}

/** Whether a tier includes a feature. */
export function tierHas(tier: Tier, feature: FeatureFlag): boolean {
  const needed = FEATURES[feature].tier;
  return needed === null || TIERS.indexOf(tier) >= TIERS.indexOf(needed);
}
