import type { PolicyDocument } from '../document/document.ts';

export type PolicyScope = 'org' | 'project';

/** The priority of a policy for which nobody chose another. */
export const STANDARD_PRIORITY = 100;

/** One live policy of a project, as a bundle needs it. */
export type LivePolicy = {
  policyId: string;
  version: number;
  scope: PolicyScope;
  /** Higher is tried first. */
  priority: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  document: PolicyDocument;
};

/**
 * The order in which policies are tried: higher priority first; ties put org policies before project policies, then
 * the older before the newer, then the smaller id. The answer does not depend on the order of the input.
 */
export function orderPolicies(policies: readonly LivePolicy[]): LivePolicy[] {
  return [...policies].sort(
    (a, b) =>
      b.priority - a.priority ||
      scopeRank(a.scope) - scopeRank(b.scope) ||
      a.createdAt - b.createdAt ||
      (a.policyId < b.policyId ? -1 : a.policyId > b.policyId ? 1 : 0),
  );
}

function scopeRank(scope: PolicyScope): number {
  return scope === 'org' ? 0 : 1;
}
