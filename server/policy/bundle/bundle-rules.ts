import { clientSpellings } from '../document/client-labels.ts';
import type { Condition, Effect, PolicyRule } from '../document/document.ts';
import { PolicyBuildError } from './errors.ts';

export type BuildMode = 'live' | 'test';

/** A rule as SDKs read it: one pattern, resources always a list, the tag as its id. */
export type BundleRule = {
  id: string;
  effect: Effect;
  actions: [string];
  resources: string[];
  conditions?: Record<string, Condition>;
  clients?: string[];
  reason?: string;
  reason_code?: string;
  reason_localized?: Record<string, string>;
  escalate_on_deny?: boolean;
};

/** Short, of low entropy, and never like a key: SDKs refuse to send longer or more random looking words. */
const TAG = /^r[0-9a-z]{1,22}$/;

/** Ids of the rules that no policy wrote; they have letters where permanent tags have a number. */
export const OBSERVE_TAG = 'robserve';
export const DEFAULT_TAG = 'rdefault';

/** The rules that one author rule becomes, one per pattern, all under the same tag. */
export function bundleRules(rule: PolicyRule, tag: string, mode: BuildMode): BundleRule[] {
  const clients = rule.clients && [...new Set(rule.clients.flatMap(clientSpellings))];
  const effect = inMode(rule.effect, mode);
  return rule.actions.map((pattern) => ({
    id: tag,
    effect,
    actions: [pattern],
    resources: rule.resources ? [...rule.resources] : ['*'],
    ...(rule.conditions && { conditions: rule.conditions }),
    ...(clients && { clients }),
    ...(rule.reason !== undefined && { reason: tagged(rule.reason, tag) }),
    ...(rule.reason_code !== undefined && { reason_code: rule.reason_code }),
    ...(rule.reason_localized && { reason_localized: taggedAll(rule.reason_localized, tag) }),
    ...(rule.escalate_on_deny && effect === 'deny' && { escalate_on_deny: true }),
  }));
}

/** A rule for every call, for a bundle that would otherwise have none: SDKs deny everything with an old empty one. */
export function catchAllRule(tag: string, effect: Effect, reasonCode: string): BundleRule {
  return { id: tag, effect, actions: ['*'], resources: ['*'], reason_code: reasonCode };
}

/** With a test key nothing is stopped: what would be denied is a warning. */
export function inMode(effect: Effect, mode: BuildMode): Effect {
  return mode === 'test' && effect === 'deny' ? 'warn' : effect;
}

/** Refuses a tag that an SDK would not carry back. */
export function checkTag(tag: string, policyId: string, version: number, ruleIndex: number): void {
  if (TAG.test(tag) && tag !== OBSERVE_TAG && tag !== DEFAULT_TAG) return;
  const message = `The rule tag ${JSON.stringify(tag)} has to be "r" and up to 22 digits or lower-case letters.`;
  throw new PolicyBuildError('bad_rule_tag', message, { policyId, version, ruleIndex });
}

function tagged(reason: string, tag: string): string {
  return `${reason} [${tag}]`;
}

function taggedAll(reasons: Record<string, string>, tag: string): Record<string, string> {
  return Object.fromEntries(Object.entries(reasons).map(([locale, reason]) => [locale, tagged(reason, tag)]));
}
