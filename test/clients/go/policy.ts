import { aliasesOf, sqlClass } from './database.ts';
import { matchPath } from './match.ts';

/** What the older SDK does not understand of a bundle. */
export class PolicyValidationError extends Error {}
export class NewerSdkRequired extends Error {}

export interface Decision {
  effect: string;
  policyId: string;
  reason: string;
  reasonCode: string;
}

export interface Call {
  tool: string;
  method?: string;
  args?: Record<string, unknown>;
  resource?: string;
}

interface Rule {
  id: string;
  effect: string;
  pattern: string;
  resources: string[] | null;
  reason: string;
  reasonCode: string;
}

type Json = Record<string, unknown>;
const VERSION = [1, 7, 6];

/** A translated bundle payload with the decisions of the older SDK: ascending priority, first match wins. */
export class Policy {
  private readonly rules: Rule[];
  private readonly fallback: Decision;
  private readonly degraded: boolean;

  constructor(payload: Json) {
    refuseNewer((payload.metadata as Json | undefined)?.min_sdk_version);
    const policies = Array.isArray(payload.policies) ? (payload.policies as Json[]) : null;
    this.rules = translate(policies ?? []);
    const count = (payload.metadata as Json | undefined)?.active_policy_count;
    const declared = typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : null;
    const empty = policies !== null && policies.length === 0 && (declared === null || declared === 0);
    this.degraded = this.rules.length === 0;
    this.fallback = this.degraded ? withoutRules(payload, empty) : noMatch(payload);
  }

  decide(call: Call): Decision {
    if (this.degraded) return this.fallback;
    const candidates = candidatesOf(call);
    let gateSkipped = false;
    for (const rule of this.rules) {
      if (!candidates.some((candidate) => rule.pattern === '*' || matchPath(rule.pattern, candidate))) continue;
      if (!resourceMatches(rule, call.resource)) {
        gateSkipped = true;
        continue;
      }
      return { effect: rule.effect, policyId: rule.id, reason: rule.reason, reasonCode: rule.reasonCode };
    }
    return gateSkipped && this.fallback.effect === 'deny'
      ? { ...this.fallback, policyId: 'synthetic:RESOURCE_GATE_SKIP' }
      : this.fallback;
  }
}

function candidatesOf(call: Call): string[] {
  const actions = [`${call.tool}:${call.method ?? '*'}`];
  const sql = call.args?.sql;
  const derived = call.tool === 'database' && typeof sql === 'string' ? sqlClass(sql) : null;
  if (derived !== null) actions.push(`database:${derived}`);
  return actions.flatMap(aliasesOf);
}

function resourceMatches(rule: Rule, resource: string | undefined): boolean {
  if (rule.resources === null || rule.resources.length === 0 || rule.resources.includes('*')) return true;
  return resource !== undefined && rule.resources.some((pattern) => matchPath(pattern, resource));
}

function translate(policies: Json[]): Rule[] {
  const sorted = policies
    .filter((policy) => typeof policy === 'object' && policy !== null)
    .map((policy, index) => ({ policy, index, priority: typeof policy.priority === 'number' ? policy.priority : 100 }))
    .sort((a, b) => a.priority - b.priority || a.index - b.index);
  const rules: Rule[] = [];
  for (const { policy } of sorted) {
    for (const rule of (Array.isArray(policy.rules) ? policy.rules : []) as Json[]) {
      if (typeof rule !== 'object' || rule === null) continue;
      rules.push(translateRule(rule, String(policy.id ?? ''), rules.length));
    }
  }
  return rules;
}

function translateRule(rule: Json, policyId: string, index: number): Rule {
  const words = ['allow', 'deny', 'warn', 'audit'];
  const named = typeof rule.effect === 'string' && rule.effect !== '' ? rule.effect : rule.action;
  const effect = words.includes(named as string) ? (named as string) : 'deny';
  const actions = (Array.isArray(rule.actions) ? rule.actions : []).filter(
    (action): action is string => typeof action === 'string' && action !== '',
  );
  if (actions.length > 1) throw new PolicyValidationError('pattern must be a string or list');
  const pattern = actions[0] ?? '*';
  const resources = rule.resources ?? rule.resource;
  return {
    id: typeof rule.id === 'string' && rule.id !== '' ? rule.id : `rule-${index}`,
    effect,
    pattern: pattern === '*' || pattern.includes(':') ? pattern : `${pattern}:*`,
    resources: typeof resources === 'string' ? [resources] : Array.isArray(resources) ? (resources as string[]) : null,
    reason: typeof rule.reason === 'string' && rule.reason !== '' ? rule.reason : `policy:${policyId}`,
    reasonCode: typeof rule.reason_code === 'string' && rule.reason_code !== '' ? rule.reason_code : 'RULE_MATCH',
  };
}

function knob(value: unknown, allowed: readonly string[], fallback: string): string {
  return typeof value === 'string' && allowed.includes(value) ? value : fallback;
}

function withoutRules(payload: Json, empty: boolean): Decision {
  if (!empty) {
    const effect = knob(payload.default_on_missing, ['deny', 'allow'], 'deny');
    return { effect, policyId: 'synthetic:BUNDLE_MISSING', reason: 'bundle missing', reasonCode: 'BUNDLE_MISSING' };
  }
  const word = knob(payload.default_on_empty, ['observe', 'deny', 'allow', 'warn'], 'observe');
  const code = word === 'observe' ? 'OBSERVE_MODE_NO_POLICY' : 'NO_ACTIVE_POLICIES';
  return { effect: word === 'observe' ? 'allow' : word, policyId: `synthetic:${code}`, reason: code, reasonCode: code };
}

function noMatch(payload: Json): Decision {
  const effect = knob(payload.default_action, ['deny', 'allow', 'warn'], 'deny');
  return {
    effect,
    policyId: 'synthetic:NO_RULE_MATCH',
    reason: 'No matching policy rule',
    reasonCode: 'NO_RULE_MATCH',
  };
}

function refuseNewer(floor: unknown): void {
  if (typeof floor !== 'string' || floor === '') return;
  const parts = floor
    .replace(/^[vV]/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  if (parts.some(Number.isNaN)) return;
  for (let at = 0; at < 3; at += 1) {
    const difference = (VERSION[at] ?? 0) - (parts[at] ?? 0);
    if (difference < 0) throw new NewerSdkRequired(`the bundle needs ${floor}`);
    if (difference > 0) return;
  }
}
