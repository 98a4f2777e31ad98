import { rfc3339 } from '../../kernel/clock.ts';
import { conflict, type DomainError } from '../../kernel/errors.ts';
import {
  canonicalJson,
  effectiveDefaults,
  needsVersionFloor,
  type OlderSdkRule,
  olderSdkImpact,
  type ProjectDefaults,
  VERSION_FLOOR,
} from '../../policy/document/index.ts';
import type { NamedLivePolicy } from './live-policies.ts';
import type { SeenSdk } from './ports.ts';

/** A rule of a policy in force that older SDKs would decide otherwise. */
export type AffectedRule = OlderSdkRule & { policyId: string; policyName: string };

/** What a change brings that older SDKs refuse, widen or miss, compared with what was in force before. */
export interface NewImpact {
  addsVersionFloor: boolean;
  rules: AffectedRule[];
}

/**
 * Compares what is in force before and after a change. Counted are a version floor that was not there, and deny rules
 * that older SDKs would widen or miss and that were not in force before. (SDK contract 1, "Older SDKs".)
 *
 * @returns null when older SDKs are no worse off than before.
 */
export function newImpact(
  before: readonly NamedLivePolicy[],
  after: readonly NamedLivePolicy[],
  defaults: ProjectDefaults,
): NewImpact | null {
  const known = new Set(affectedRules(before, defaults).map(({ key }) => key));
  const added = affectedRules(after, defaults).filter(({ key }) => !known.has(key));
  const addsVersionFloor = !hasFloor(before) && hasFloor(after);
  const rules = added.map(({ rule }) => rule).filter((rule) => rule.effect === 'deny' || addsVersionFloor);
  return addsVersionFloor || rules.length > 0 ? { addsVersionFloor, rules } : null;
}

/** The SDKs among the seen ones that are older than the first release which enforces selectors and conditions. */
export function olderOf(seen: readonly SeenSdk[]): SeenSdk[] {
  return seen.filter((sdk) => !atLeastVersion(sdk.version, VERSION_FLOOR));
}

/** The 409 that names rules and SDKs; the body may repeat the request with `accept_older_sdk_impact: true`. */
export function olderSdkConflict(impact: NewImpact, sdks: readonly SeenSdk[], projectId: string): DomainError {
  const named = sdks.slice(0, 3).map((sdk) => `${sdk.name} ${sdk.version}`);
  const more = sdks.length > named.length ? ` and ${sdks.length - named.length} more` : '';
  const outcome = impact.addsVersionFloor
    ? `would refuse the bundle, which then asks for ${VERSION_FLOOR}`
    : 'would decide some calls otherwise than these rules say';
  return conflict(
    'OLDER_SDK_IMPACT',
    `Nothing was changed: SDKs seen in the last 30 days (${named.join(', ')}${more}) ${outcome}. Update them, or send accept_older_sdk_impact: true.`,
    {
      extra: {
        project_id: projectId,
        adds_version_floor: impact.addsVersionFloor,
        min_sdk_version: impact.addsVersionFloor ? VERSION_FLOOR : null,
        rules: impact.rules.map((rule) => ({
          policy_id: rule.policyId,
          policy_name: rule.policyName,
          rule_index: rule.ruleIndex,
          rule_id: rule.id ?? null,
          effect: rule.effect,
          kind: rule.kind,
          causes: rule.causes,
          message: rule.message,
        })),
        sdks: sdks.map((sdk) => ({ name: sdk.name, version: sdk.version, last_seen_at: rfc3339(sdk.lastSeenAt) })),
      },
    },
  );
}

function affectedRules(policies: readonly NamedLivePolicy[], defaults: ProjectDefaults) {
  const documents = policies.map((policy) => policy.document);
  const { default_action } = effectiveDefaults(defaults, documents);
  return policies.flatMap(({ policyId, name, document }) =>
    olderSdkImpact(document, default_action).rules.map((rule) => ({
      key: canonicalJson([document.rules[rule.ruleIndex], rule.kind, rule.causes]),
      rule: { ...rule, policyId, policyName: name },
    })),
  );
}

function hasFloor(policies: readonly NamedLivePolicy[]): boolean {
  return policies.some((policy) => policy.document.rules.some(needsVersionFloor));
}

/** Compares the leading numbers of two versions; one that has none counts as older. */
function atLeastVersion(version: string, floor: string): boolean {
  const own = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version.trim());
  if (own === null) return false;
  const wanted = floor.split('.').map(Number);
  for (const [index, least] of wanted.entries()) {
    const part = Number(own[index + 1] ?? 0);
    if (part !== least) return part > least;
  }
  return true;
}
