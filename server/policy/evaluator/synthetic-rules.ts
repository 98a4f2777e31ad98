import { compileActionPattern } from './patterns.ts';
import type { CompiledRule, Effect } from './policy-types.ts';

function catchAll(name: string, effect: Effect, reason: string): CompiledRule {
  return {
    policyId: `synthetic:${name}`,
    index: null,
    tag: null,
    effect,
    actions: [compileActionPattern('*')],
    resources: [],
    clients: [],
    projects: [],
    conditions: [],
    reason,
    reasonLocalized: new Map(),
    reasonCode: name,
    escalateOnDeny: false,
  };
}

/** Policies are attached, yet no rule came out of the bundle, or an empty one is too old to be believed. */
export function bundleMissing(effect: 'allow' | 'deny'): CompiledRule {
  return catchAll(
    'BUNDLE_MISSING',
    effect,
    `The policy bundle holds no rule to enforce; default_on_missing is ${effect}.`,
  );
}

/** The project has no policy and only observes. */
export function observing(): CompiledRule {
  return catchAll(
    'OBSERVE_MODE_NO_POLICY',
    'allow',
    'No policy is active on this project: calls are recorded, not enforced.',
  );
}

/** The project has no policy and its owner chose what that means. */
export function noActivePolicies(effect: Effect): CompiledRule {
  return catchAll('NO_ACTIVE_POLICIES', effect, `No policy is active on this project; default_on_empty is ${effect}.`);
}

/** The SDK is older than the bundle requires, and the bundle denies by default. */
export function belowFloor(required: string, actual: string): CompiledRule {
  return catchAll(
    'SDK_BELOW_FLOOR',
    'deny',
    `This policy requires SDK ${required} or newer and cannot be enforced by ${actual}; upgrade the SDK.`,
  );
}
