import { PolicyReadError } from '../evaluator/policy-error.ts';
import type { CompiledPolicy, CompiledRule } from '../evaluator/policy-types.ts';
import { readBundle } from '../evaluator/read-bundle.ts';
import type { BundleRule } from './bundle-rules.ts';
import { PolicyBuildError } from './errors.ts';
import { type BuiltPayload, placeOf, type RuleOrigin } from './payload.ts';

/**
 * Reads the bytes of a built payload back, with the evaluator's own reader, and compares them with what was meant:
 * every rule in its place with its tag, effect, pattern, resources, clients and conditions, and every default.
 *
 * To be called before a payload is signed: a bundle that an SDK cannot read stops every agent of its project, and one
 * that it reads as wider than written lets calls through.
 *
 * @returns the policy as SDKs will decide it.
 * @throws PolicyBuildError naming policy, version and rule; the bundle must not be delivered then.
 */
export function verifyPayload(built: BuiltPayload): CompiledPolicy {
  const policy = readBack(built);
  const { payload } = built;
  const sameDefaults =
    policy.defaultAction === payload.default_action &&
    policy.defaultOnMissing === payload.default_on_missing &&
    policy.defaultOnEmpty === payload.default_on_empty &&
    policy.defaultOnTamper === payload.default_on_tamper;
  if (!sameDefaults || policy.enforcementStatus !== 'enforcing' || policy.projectId !== payload.project_id) {
    throw new PolicyBuildError(
      'bundle_reads_differently',
      'The bundle is read with other defaults than it was built with.',
    );
  }
  if (policy.rules.length !== built.ruleIndex.length) {
    const message = `The bundle is read with ${policy.rules.length} rules instead of ${built.ruleIndex.length}.`;
    throw new PolicyBuildError('bundle_reads_differently', message);
  }
  for (const [index, origin] of built.ruleIndex.entries()) {
    const sent = payload.policies[index]!.rules[0];
    const field = firstDifference(sent, policy.rules[index]!, origin);
    if (field === undefined) continue;
    const message = `The ${field} of rule ${index} is read differently from how it was written. Correct the rule.`;
    throw new PolicyBuildError('bundle_reads_differently', message, placeOf(origin));
  }
  return policy;
}

function readBack(built: BuiltPayload): CompiledPolicy {
  try {
    return readBundle(JSON.parse(built.bytes.toString('utf8')), { projectId: built.payload.project_id });
  } catch (error) {
    if (!(error instanceof PolicyReadError)) throw error;
    const index = error.place.policyIndex;
    const origin = index === undefined ? undefined : built.ruleIndex[index];
    throw new PolicyBuildError('bundle_unreadable', error.message, origin ? placeOf(origin) : {});
  }
}

function firstDifference(sent: BundleRule, read: CompiledRule, origin: RuleOrigin): string | undefined {
  const sources = (patterns: readonly { source: string }[]) => patterns.map((pattern) => pattern.source);
  if (read.tag !== sent.id || sent.id !== origin.tag || read.index !== origin.index) return 'id';
  if (read.effect !== sent.effect) return 'effect';
  if (!same(sources(read.actions), sent.actions)) return 'pattern';
  if (!same(sources(read.resources), sent.resources.includes('*') ? [] : sent.resources)) return 'resources';
  if (!same(sources(read.clients), sent.clients ?? [])) return 'clients';
  if (!same(read.conditions.map((condition) => condition.key).sort(), Object.keys(sent.conditions ?? {}).sort()))
    return 'conditions';
  if (read.escalateOnDeny !== (sent.escalate_on_deny ?? false)) return 'escalate_on_deny';
  return read.projects.length > 0 ? 'projects' : undefined;
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((entry, index) => entry === right[index]);
}
