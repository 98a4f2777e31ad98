import type { PolicyRule } from './document.ts';

/** The first release that enforces `clients` and conditions of bundles; older SDKs refuse a bundle that names it. */
export const VERSION_FLOOR = '1.13.0';

/**
 * True for a rule that an SDK without selectors and conditions would apply to more calls than its author meant, letting
 * them through: an allow or warn rule with `clients` or conditions.
 */
export function needsVersionFloor(rule: PolicyRule): boolean {
  return rule.effect !== 'deny' && (rule.clients !== undefined || rule.conditions !== undefined);
}
