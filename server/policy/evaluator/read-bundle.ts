import { missedFloor, referenceSdkVersion } from './floor.ts';
import { EvaluationFault, PolicyReadError, shown } from './policy-error.ts';
import type { CompiledPolicy, CompiledRule } from './policy-types.ts';
import { isObject, isTruthy, member, strip, textOf } from './python-text.ts';
import { readRule } from './read-rule.ts';
import { belowFloor, bundleMissing, noActivePolicies, observing } from './synthetic-rules.ts';

type Json = Readonly<Record<string, unknown>>;

/** An empty bundle from an SDK's cache is believed this long, in seconds. */
const emptyBundleLifetime = 86_400;

/** How an SDK came to hold a bundle. */
export interface ReadContext {
  /** The project of the SDK's key; empty: the payload's own `project_id`. */
  readonly projectId: string;
  /** The SDK release to read as; default {@link referenceSdkVersion}. */
  readonly sdkVersion?: string;
  /** Set when the bytes came from the SDK's cache (304, or the server failed) instead of a fresh answer. */
  readonly fromCache?: {
    /** `created_at` of the container header, Unix seconds; 0 is unknown. */
    readonly createdAt: number;
    /** The SDK's clock, milliseconds since the Unix epoch. */
    readonly now: number;
  };
}

/**
 * Reads a bundle payload (the JSON inside a `.czpolicy`) exactly as the Python SDK 1.13.16 does: unknown members are
 * ignored, unknown effects deny, odd values fall back or widen as they do there, policies are ordered by `priority`, high
 * first. (Python SDK notes 3.3–3.5.)
 * @throws PolicyReadError for whatever makes that SDK refuse the bundle; the first problem in reading order is named
 */
export function readBundle(payload: unknown, context: ReadContext): CompiledPolicy {
  try {
    return read(payload, context);
  } catch (error) {
    if (error instanceof EvaluationFault) throw new PolicyReadError(error.message, { field: 'payload' });
    throw error;
  }
}

function read(payload: unknown, context: ReadContext): CompiledPolicy {
  if (!isObject(payload)) throw new PolicyReadError(`has to be an object, not ${shown(payload)}`, { field: 'payload' });
  const sdkVersion = context.sdkVersion ?? referenceSdkVersion;
  const floor = missedFloor(payload, sdkVersion);
  const defaults = {
    defaultAction: setting(payload, 'default_action', ['deny', 'allow', 'warn'] as const),
    defaultOnMissing: setting(payload, 'default_on_missing', ['deny', 'allow'] as const),
    defaultOnEmpty: setting(payload, 'default_on_empty', ['observe', 'deny', 'allow', 'warn'] as const),
    defaultOnTamper: setting(payload, 'default_on_tamper', ['warn', 'deny', 'deny-all', 'quarantine'] as const),
  };
  const claimedProject = member(payload, 'project_id');
  const shared = {
    projectId: context.projectId || (isTruthy(claimedProject) ? textOf(claimedProject) : ''),
    dlpRules: listOrEmpty(member(payload, 'dlp_rules')),
  };
  if (floor !== undefined && defaults.defaultAction === 'deny') {
    return {
      ...shared,
      rules: [belowFloor(floor, sdkVersion)],
      defaultAction: 'deny',
      defaultOnMissing: 'deny',
      defaultOnEmpty: 'observe',
      defaultOnTamper: 'warn',
      enforcementStatus: 'fail_closed',
      dlpRules: [],
    };
  }
  const rules = flatRules(payload);
  if (rules.length === 0) rules.push(ruleForNone(payload, defaults, context));
  return {
    ...shared,
    ...defaults,
    rules,
    enforcementStatus: floor === undefined ? 'enforcing' : 'degraded_below_floor',
  };
}

/** The first word is the fallback for anything that is none of them. */
function setting<Word extends string>(payload: Json, field: string, allowed: readonly [Word, ...Word[]]): Word {
  const value = member(payload, field);
  if (typeof value === 'object' && value !== null) {
    throw new PolicyReadError(`has to be one of ${allowed.join(', ')}, not ${shown(value)}`, { field });
  }
  return allowed.find((word) => word === value) ?? allowed[0];
}

interface OrderedPolicy {
  readonly policy: Json;
  readonly policyIndex: number;
  readonly priority: number;
}

function flatRules(payload: Json): CompiledRule[] {
  const rules: CompiledRule[] = [];
  for (const { policy, policyIndex } of orderedPolicies(payload)) {
    const written = member(policy, 'rules');
    const members = Array.isArray(written) ? written : isObject(written) ? Object.values(written) : [];
    const id = Object.hasOwn(policy, 'id') ? textOf(policy['id']) : '';
    members.forEach((rule: unknown, ruleIndex) => {
      if (isObject(rule)) rules.push(readRule(rule, id, rules.length, { policyIndex, ruleIndex }));
    });
  }
  return rules;
}

function orderedPolicies(payload: Json): OrderedPolicy[] {
  const policies = member(payload, 'policies');
  if (typeof policies === 'number' || typeof policies === 'boolean') {
    if (policies) throw new PolicyReadError(`has to be a list, not ${shown(policies)}`, { field: 'policies' });
  }
  const ordered: OrderedPolicy[] = [];
  listOrEmpty(policies).forEach((policy, policyIndex) => {
    if (isObject(policy)) ordered.push({ policy, policyIndex, priority: priorityOf(policy, policyIndex) });
  });
  return ordered.sort((left, right) => right.priority - left.priority);
}

function priorityOf(policy: Json, policyIndex: number): number {
  const value = Object.hasOwn(policy, 'priority') ? policy['priority'] : 100;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value);
  const digits = typeof value === 'string' ? strip(value) : '';
  if (/^[+-]?\d+(?:_\d+)*$/.test(digits)) return Number(digits.replaceAll('_', ''));
  throw new PolicyReadError(`has to be a whole number, not ${shown(value)}`, { policyIndex, field: 'priority' });
}

/** Only an explicit empty list of policies, with a count that agrees, is an empty project; anything else is a fault. */
function ruleForNone(
  payload: Json,
  defaults: Pick<CompiledPolicy, 'defaultOnMissing' | 'defaultOnEmpty'>,
  context: ReadContext,
): CompiledRule {
  const policies = member(payload, 'policies');
  const isEmpty = Array.isArray(policies) && policies.length === 0 && (activePolicyCount(payload) ?? 0) === 0;
  if (!isEmpty || isStale(context.fromCache)) return bundleMissing(defaults.defaultOnMissing);
  return defaults.defaultOnEmpty === 'observe' ? observing() : noActivePolicies(defaults.defaultOnEmpty);
}

function activePolicyCount(payload: Json): number | undefined {
  const metadata = member(payload, 'metadata');
  const count = isObject(metadata) ? member(metadata, 'active_policy_count') : undefined;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined;
}

function isStale(fromCache: ReadContext['fromCache']): boolean {
  if (fromCache === undefined) return false;
  return fromCache.createdAt <= 0 || Math.floor(fromCache.now / 1000) - fromCache.createdAt > emptyBundleLifetime;
}

function listOrEmpty(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
