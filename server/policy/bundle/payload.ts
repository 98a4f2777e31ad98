import { canonicalJson } from '../document/canonical-json.ts';
import { effectiveDefaults, effectWhenEmpty, type ProjectDefaults } from '../document/defaults.ts';
import type { DlpRule, PolicyRule } from '../document/document.ts';
import { needsVersionFloor, VERSION_FLOOR } from '../document/older-sdks.ts';
import { compileGlob } from '../evaluator/patterns.ts';
import {
  type BuildMode,
  type BundleRule,
  bundleRules,
  catchAllRule,
  checkTag,
  DEFAULT_TAG,
  inMode,
  OBSERVE_TAG,
} from './bundle-rules.ts';
import { type BundleDlpRule, bundleDlpRules } from './dlp-rules.ts';
import { type BundlePlace, PolicyBuildError } from './errors.ts';
import { type LivePolicy, orderPolicies } from './order.ts';

/** The project a bundle is for; `projects` selectors are compared with its id and its other names. */
export type BundleProject = { id: string; names?: readonly string[] };

/** The permanent tag of one rule of one version of a policy: the same arguments give the same tag for ever. */
export type TagFor = (policyId: string, version: number, ruleIndex: number) => string;

export type BundleInput = {
  project: BundleProject;
  /** The live policies, in any order. */
  policies: readonly LivePolicy[];
  defaults: ProjectDefaults;
  /** Live DLP rules of the project, besides those that its policies carry. */
  dlpRules?: readonly DlpRule[];
  mode: BuildMode;
  tagFor: TagFor;
};

/** One object per rule, all of the same priority: one SDK sorts upwards, the other downwards. */
type BundlePolicy = { id: string; priority: number; rules: [BundleRule] };

export type BundlePayload = ProjectDefaults & {
  schema_version: '1.0';
  project_id: string;
  policies: BundlePolicy[];
  dlp_rules?: BundleDlpRule[];
  metadata: { active_policy_count: number; min_sdk_version?: string };
};

/** Where the rule `rule-<index>` of a build came from; null for the catch-all that no policy wrote. */
export type RuleOrigin = {
  index: number;
  tag: string;
  policyId: string | null;
  version: number | null;
  ruleIndex: number | null;
};

export type BuiltPayload = {
  payload: BundlePayload;
  /** The payload as canonical JSON in UTF-8: the same meaning gives the same bytes. */
  bytes: Buffer;
  ruleIndex: RuleOrigin[];
  policyCount: number;
  minSdkVersion?: string;
};

const COMMON_PRIORITY = 100;

/** SDKs read at most this much, unpacked. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** The rule of a policy that an origin names; empty for a rule that no policy wrote. */
export function placeOf({ policyId, version, ruleIndex }: Omit<RuleOrigin, 'index'>): BundlePlace {
  return policyId === null || version === null || ruleIndex === null ? {} : { policyId, version, ruleIndex };
}

type PlacedRule = { rule: PolicyRule; origin: Omit<RuleOrigin, 'index'> };

/**
 * Translates the live policies of a project into the payload of a bundle that every published SDK decides alike.
 *
 * Rules stay in the order in which they are tried, one pattern each, under permanent tags; selectors for other projects
 * are resolved here; defaults are the project's, tightened by its documents. The result never has zero rules. Input
 * documents have to be valid; what an SDK could not carry throws `PolicyBuildError`, and `verifyPayload` reads the
 * result back before anyone signs it.
 */
export function buildPayload(input: BundleInput): BuiltPayload {
  const policies = orderPolicies(input.policies);
  const defaults = effectiveDefaults(
    input.defaults,
    policies.map((policy) => policy.document),
  );
  const placed = policies.flatMap((policy) => placeRules(policy, input.project, input.tagFor));
  refuseSharedTags(placed);
  const rules = withCatchAll(placed, policies.length, defaults, input.mode);
  const dlpRules = bundleDlpRules(
    [...policies.flatMap((policy) => policy.document.dlp_rules ?? []), ...(input.dlpRules ?? [])],
    input.mode,
  );
  const minSdkVersion = placed.some(({ rule }) => needsVersionFloor(rule)) ? VERSION_FLOOR : undefined;
  const payload: BundlePayload = {
    schema_version: '1.0',
    project_id: input.project.id,
    ...deliveredDefaults(defaults, policies.length, input.mode),
    policies: rules.map(({ rule }) => ({ id: rule.id, priority: COMMON_PRIORITY, rules: [rule] })),
    ...(dlpRules.length > 0 && { dlp_rules: dlpRules }),
    metadata: {
      active_policy_count: policies.length,
      ...(minSdkVersion !== undefined && { min_sdk_version: minSdkVersion }),
    },
  };
  return {
    payload,
    bytes: payloadBytes(payload),
    ruleIndex: rules.map(({ origin }, index) => ({ index, ...origin })),
    policyCount: policies.length,
    ...(minSdkVersion !== undefined && { minSdkVersion }),
  };
}

function placeRules(policy: LivePolicy, project: BundleProject, tagFor: TagFor): PlacedRule[] {
  const { policyId, version } = policy;
  return policy.document.rules.flatMap((rule, ruleIndex) => {
    if (!appliesTo(rule, project)) return [];
    const tag = tagFor(policyId, version, ruleIndex);
    checkTag(tag, policyId, version, ruleIndex);
    return [{ rule, origin: { tag, policyId, version, ruleIndex } }];
  });
}

/** Two rules under one tag could not be told apart in the audit. */
function refuseSharedTags(placed: readonly PlacedRule[]): void {
  const seen = new Set<string>();
  for (const { origin } of placed) {
    if (seen.has(origin.tag)) {
      throw new PolicyBuildError('bad_rule_tag', `The rule tag ${origin.tag} is used for two rules.`, placeOf(origin));
    }
    seen.add(origin.tag);
  }
}

/** True when a rule has no `projects` selector or one that names this project, by id or by another name. */
function appliesTo(rule: PolicyRule, project: BundleProject): boolean {
  const { projects } = rule;
  if (!projects) return true;
  const names = [project.id, ...(project.names ?? [])];
  return projects.some((glob) => names.some((name) => compileGlob(glob).matches(name)));
}

type SentRule = { rule: BundleRule; origin: Omit<RuleOrigin, 'index'> };

function withCatchAll(
  placed: PlacedRule[],
  policyCount: number,
  defaults: ProjectDefaults,
  mode: BuildMode,
): SentRule[] {
  const nobody = { policyId: null, version: null, ruleIndex: null };
  if (placed.length > 0) {
    return placed.flatMap(({ rule, origin }) =>
      bundleRules(rule, origin.tag, mode).map((sent) => ({ rule: sent, origin })),
    );
  }
  if (policyCount > 0) {
    const rule = catchAllRule(DEFAULT_TAG, inMode(defaults.default_action, mode), 'NO_RULE_MATCH');
    return [{ rule, origin: { tag: DEFAULT_TAG, ...nobody } }];
  }
  const code = defaults.default_on_empty === 'observe' ? 'OBSERVE_MODE_NO_POLICY' : 'NO_ACTIVE_POLICIES';
  const rule = catchAllRule(OBSERVE_TAG, inMode(effectWhenEmpty(defaults), mode), code);
  return [{ rule, origin: { tag: OBSERVE_TAG, ...nobody } }];
}

/** In an empty project the default is what the catch-all says, for the calls that a catch-all of an SDK misses. */
function deliveredDefaults(defaults: ProjectDefaults, policyCount: number, mode: BuildMode): ProjectDefaults {
  const action = policyCount === 0 ? effectWhenEmpty(defaults) : defaults.default_action;
  const empty = mode === 'test' && defaults.default_on_empty === 'deny' ? 'warn' : defaults.default_on_empty;
  return { ...defaults, default_action: inMode(action, mode), default_on_empty: empty };
}

function payloadBytes(payload: BundlePayload): Buffer {
  const bytes = Buffer.from(canonicalJson(payload), 'utf8');
  if (bytes.byteLength <= MAX_PAYLOAD_BYTES) return bytes;
  const message = `The bundle would have ${bytes.byteLength} bytes; SDKs read at most ${MAX_PAYLOAD_BYTES}. Remove rules.`;
  throw new PolicyBuildError('bundle_too_large', message);
}
