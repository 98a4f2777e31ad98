import type { Tier } from '../../kernel/license-gate.ts';

/** Days an audit entry is kept at most, by tier; also what holds until an owner chooses (facts file, 10.5). */
const DAYS_BY_TIER: Readonly<Record<Tier, { most: number; standard: number }>> = {
  free: { most: 7, standard: 7 },
  solo: { most: 30, standard: 30 },
  teams: { most: 90, standard: 90 },
  enterprise: { most: 3650, standard: 365 },
};

export const LEAST_RETENTION_DAYS = 1;
export const MOST_RETENTION_DAYS = DAYS_BY_TIER.enterprise.most;

/** How long an organization keeps its audit entries, and what it may choose. */
export interface AuditRetention {
  retentionDays: number;
  standardDays: number;
  leastDays: number;
  mostDays: number;
  tier: Tier;
}

/**
 * The retention of an organization: what its owner chose, else the standard of the tier.
 * A choice outlives a change to a lower tier, so that no evidence is lost because a license ended.
 */
export function auditRetention(chosen: number | null, tier: Tier): AuditRetention {
  const { most, standard } = DAYS_BY_TIER[tier];
  return {
    retentionDays: chosen ?? standard,
    standardDays: standard,
    leastDays: LEAST_RETENTION_DAYS,
    mostDays: most,
    tier,
  };
}

/**
 * What an organization that chose nothing keeps after a change to `tier`: the days in force when the new standard is
 * shorter, so that a change of plan alone deletes no evidence; null for the standard of the tier.
 */
export function retentionAfterTierChange(daysInForce: number, tier: Tier): number | null {
  return DAYS_BY_TIER[tier].standard < daysInForce ? daysInForce : null;
}
