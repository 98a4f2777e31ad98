/** Names the part of a policy that cannot be delivered. */
export type BundlePlace = { policyId?: string; version?: number; ruleIndex?: number; dlpRuleId?: string };

/** A bundle that must not be signed: the last good build stays. Carries what a person needs to find the cause. */
export class PolicyBuildError extends Error {
  readonly code: string;
  readonly place: BundlePlace;

  constructor(code: string, message: string, place: BundlePlace = {}) {
    super(message);
    this.name = 'PolicyBuildError';
    this.code = code;
    this.place = place;
  }
}
