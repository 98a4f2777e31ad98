import { compileConditions } from './conditions.ts';
import { compileActionPattern, compileGlob, type Pattern } from './patterns.ts';
import { type PolicyPlace, PolicyReadError, shown } from './policy-error.ts';
import type { CompiledRule, Effect } from './policy-types.ts';
import { isObject, isTruthy, member, strip, textOf } from './python-text.ts';

type Json = Readonly<Record<string, unknown>>;
type RulePlace = Omit<PolicyPlace, 'field'>;

/**
 * Reads one rule of a bundle payload as the SDK translates it (Python SDK notes 3.4).
 * @param policyId of the policy object that holds it, for the default reason
 * @param index its place in the flattened list, from 0
 * @throws PolicyReadError for what makes the SDK refuse the bundle
 */
export function readRule(rule: Json, policyId: string, index: number, place: RulePlace): CompiledRule {
  const effect = effectOf(rule, place);
  const actions = actionsOf(rule, place).map(compileActionPattern);
  const id = member(rule, 'id');
  const reason = member(rule, 'reason');
  const reasonCode = member(rule, 'reason_code');
  return {
    policyId: `rule-${index}`,
    index,
    tag: typeof id === 'string' && id !== '' ? id : null,
    effect,
    actions,
    resources: resourcesOf(rule, place),
    clients: selectorOf(rule, 'clients'),
    projects: selectorOf(rule, 'projects'),
    conditions: conditionsOf(rule, place),
    reason: isTruthy(reason) ? textOf(reason) : `policy:${policyId}`,
    reasonLocalized: localizedReasons(rule),
    reasonCode: typeof reasonCode === 'string' ? reasonCode : '',
    escalateOnDeny: isTruthy(member(rule, 'escalate_on_deny')),
  };
}

function isEffect(value: unknown): value is Effect {
  return value === 'allow' || value === 'deny' || value === 'warn';
}

/** `effect`, else `action` when that is an effect word; every other word denies. */
function effectOf(rule: Json, place: RulePlace): Effect {
  const written = member(rule, 'effect');
  if (!isTruthy(written)) {
    const action = member(rule, 'action');
    refuseStructure(action, { ...place, field: 'action' });
    if (isEffect(action)) return action;
  }
  refuseStructure(written, { ...place, field: 'effect' });
  return isEffect(written) ? written : 'deny';
}

function refuseStructure(value: unknown, place: PolicyPlace): void {
  if (typeof value !== 'object' || value === null) return;
  throw new PolicyReadError(`has to be text, not ${shown(value)}; write several patterns under "actions"`, place);
}

/** The first of several spellings that yields a pattern; a rule without any is about every action. */
function actionsOf(rule: Json, place: RulePlace): string[] {
  const actions = member(rule, 'actions');
  if (Array.isArray(actions)) {
    const patterns = actions.filter((pattern): pattern is string => typeof pattern === 'string' && pattern !== '');
    if (patterns.length > 0) return patterns;
  }
  const named = firstTruthy(member(rule, 'tool'), member(rule, 'pattern'));
  if (named !== undefined) return [textOf(named)];
  const action = member(rule, 'action');
  if (isTruthy(action)) {
    refuseStructure(action, { ...place, field: 'action' });
    if (!isEffect(action)) return [textOf(action)];
  }
  const match = member(rule, 'match');
  const matched = isObject(match) ? firstTruthy(member(match, 'tool'), member(match, 'action')) : undefined;
  return [matched === undefined ? '*' : textOf(matched)];
}

function firstTruthy(...values: readonly unknown[]): unknown {
  return values.find(isTruthy);
}

/** Text or a list of text; `*` in the list, an empty list, null and nothing at all mean every resource. */
function resourcesOf(rule: Json, place: RulePlace): Pattern[] {
  const field = isTruthy(member(rule, 'resources')) ? 'resources' : 'resource';
  const written = member(rule, field);
  if (!isTruthy(written)) return [];
  const list: readonly unknown[] = Array.isArray(written) ? written : [written];
  const patterns = list.filter((resource): resource is string => typeof resource === 'string');
  if (patterns.length !== list.length) {
    throw new PolicyReadError(`has to be text or a list of text, not ${shown(written)}`, { ...place, field });
  }
  return patterns.includes('*') ? [] : patterns.map(compileGlob);
}

/** Anything but a list with text in it counts as absent, so the rule applies to everybody, as in the SDK. */
function selectorOf(rule: Json, field: 'clients' | 'projects'): Pattern[] {
  const written = member(rule, field);
  const list: readonly unknown[] = Array.isArray(written) ? written : [];
  return list.filter((entry): entry is string => typeof entry === 'string').map(compileGlob);
}

function conditionsOf(rule: Json, place: RulePlace): CompiledRule['conditions'] {
  for (const field of ['when', 'conditions']) {
    const written = member(rule, field);
    if (written !== null && written !== undefined && !isObject(written)) {
      throw new PolicyReadError(`has to be an object of conditions, not ${shown(written)}`, { ...place, field });
    }
  }
  const field = isTruthy(member(rule, 'when')) ? 'when' : 'conditions';
  const written = member(rule, field);
  return isObject(written) ? compileConditions(written, { ...place, field }) : [];
}

function localizedReasons(rule: Json): ReadonlyMap<string, string> {
  const written = member(rule, 'reason_localized');
  const reasons = new Map<string, string>();
  if (!isObject(written)) return reasons;
  for (const [locale, reason] of Object.entries(written)) {
    if (typeof reason === 'string') reasons.set(strip(locale).toLowerCase(), reason);
  }
  return reasons;
}
