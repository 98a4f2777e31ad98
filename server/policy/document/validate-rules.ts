import { CLIENT_SPELLINGS, clientLabel } from './client-labels.ts';
import type { DefaultAction, DraftDocument, PolicyRule } from './document.ts';
import { nearest } from './nearest.ts';
import { impactOfRules, missingSlashVariants, type OlderSdkRule } from './older-sdks.ts';
import { addPatternsFix, addResourcesFix, replacePatternFix } from './pattern-fixes.ts';
import { type ProblemList, quote } from './problem.ts';
import { actionParts, comparable, hasGlob, shadows } from './rule-patterns.ts';
import { step } from './source-map.ts';
import { checkGlobForm, validateActions } from './validate-actions.ts';
import { validateConditions } from './validate-conditions.ts';

/** Judges one rule by itself: patterns, gates, conditions, and members that need each other. */
export function validateRule(rule: PolicyRule, pointer: string, tools: readonly string[], problems: ProblemList): void {
  validateActions(rule, pointer, tools, problems);
  for (const gate of ['resources', 'clients', 'projects'] as const) {
    for (const [index, glob] of (rule[gate] ?? []).entries())
      checkGlobForm(glob, step(step(pointer, gate), index), problems);
  }
  checkResources(rule, pointer, problems);
  checkClients(rule, pointer, problems);
  validateConditions(rule, pointer, problems);
  checkEscalation(rule, pointer, problems);
  checkSecrets(rule, pointer, problems);
}

function checkResources(rule: PolicyRule, pointer: string, problems: ProblemList): void {
  if (rule.resources === undefined || rule.resources.length === 1 || !rule.resources.includes('*')) return;
  const message = 'A list of resources that holds "*" is no restriction at all; the other entries mean nothing.';
  problems.warn('open_resources', step(pointer, 'resources'), message);
}

function checkClients(rule: PolicyRule, pointer: string, problems: ProblemList): void {
  for (const [index, client] of (rule.clients ?? []).entries()) {
    if (hasGlob(client) || clientLabel(client) !== undefined) continue;
    const at = step(step(pointer, 'clients'), index);
    const suggestion = nearest(client, CLIENT_SPELLINGS, 2);
    const meant = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
    const message = `No SDK calls itself ${quote(client)}; hooks report such a client as unknown.${meant}`;
    problems.warn('unknown_client', at, message, {
      ...(suggestion !== undefined && { suggestion, fix: replacePatternFix(at, suggestion, problems) }),
    });
  }
}

function checkEscalation(rule: PolicyRule, pointer: string, problems: ProblemList): void {
  if (!rule.escalate_on_deny) return;
  if (rule.effect !== 'deny') {
    const message = `escalate_on_deny means nothing on a rule that does not deny. Write deny, or remove it.`;
    problems.warn('no_effect_here', step(pointer, 'escalate_on_deny'), message);
    return;
  }
  if (rule.reason !== undefined) checkSendable(rule.reason, step(pointer, 'reason'), problems);
  for (const [locale, reason] of Object.entries(rule.reason_localized ?? {})) {
    checkSendable(reason, step(step(pointer, 'reason_localized'), locale), problems);
  }
}

/** What SDKs take for a secret at the beginning of a sentence, and then do not send. */
const LIKE_A_SECRET = /^(?:sk|pk|cz_live|cz_test|gh[pousr]_|xoxb-|xoxp-|AKIA|ASIA|AIza)|-----BEGIN/;

/** The reason goes out with the request for approval, and SDKs refuse to send what looks like a secret to them. */
function checkSendable(reason: string, pointer: string, problems: ProblemList): void {
  const found = LIKE_A_SECRET.exec(reason)?.[0];
  if (found === undefined) return;
  const message = `SDKs take a reason with ${quote(found)} here for a secret and never send the approval request. Begin it otherwise.`;
  problems.error('reason_like_secret', pointer, message);
}

/** An approval names only the rule, so each secret under approval needs a rule of its own. */
function checkSecrets(rule: PolicyRule, pointer: string, problems: ProblemList): void {
  const forSecrets = rule.actions.some((action) => actionParts(action).tool.toLowerCase() === 'secrets');
  if (!forSecrets || rule.effect !== 'deny' || !rule.reason_code?.startsWith('HITL_')) return;
  const [name, ...others] = rule.resources ?? [];
  if (name === undefined || others.length > 0 || hasGlob(name)) {
    const message =
      'Approvals name the rule and not the secret: give each secret under approval a rule with its one name in resources.';
    problems.error('shared_secret_rule', step(pointer, rule.resources ? 'resources' : 'actions'), message);
  } else if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    const message = `Secret names have only letters, digits, ".", "_" and "-"; no secret is called ${quote(name)}.`;
    problems.error('bad_form', step(step(pointer, 'resources'), 0), message);
  }
}

/** Warns about rules that never decide, because an earlier one matches everything that they match. */
export function warnAboutShadows(rules: readonly (PolicyRule | null)[], problems: ProblemList): void {
  const compared = rules.map((rule) => rule && comparable(rule));
  for (const [index, later] of compared.entries()) {
    if (!later) continue;
    const { rule } = later;
    const earlier = compared.findIndex((each, at) => at < index && each !== null && shadows(each, later));
    if (earlier < 0) continue;
    const same = rules[earlier]!.effect === rule.effect;
    const advice = same ? 'Remove it.' : `Move it above rule ${earlier + 1}, or remove it.`;
    const message = `Rule ${index + 1} never decides: rule ${earlier + 1} (${rules[earlier]!.effect}) matches everything it matches. ${advice}`;
    problems.warn('unreachable_rule', step('/rules', index), message);
  }
}

/** Warns where SDKs of the Go line would decide otherwise. */
export function warnAboutOlderSdks(draft: DraftDocument, defaultAction: DefaultAction, problems: ProblemList): void {
  for (const impact of impactOfRules(draft.rules, defaultAction).rules) {
    warnAboutRule(impact, draft.rules[impact.ruleIndex]!, problems);
  }
  if (draft.dlp_rules.length > 0) {
    const message = 'Go SDKs 1.7.6 and older do not apply the dlp_rules of policies.';
    problems.warn('older_sdk_without_dlp', '/dlp_rules', message, { onKey: true });
  }
}

function warnAboutRule(impact: OlderSdkRule, rule: PolicyRule, problems: ProblemList): void {
  const pointer = step('/rules', impact.ruleIndex);
  const code = impact.kind === 'widened' ? 'older_sdk_widens' : 'older_sdk_misses';
  const member = impact.causes.map((cause) => MEMBERS[cause])[0]!;
  const fix = slashFix(impact, rule, pointer, problems);
  problems.warn(code, step(pointer, member), impact.message, { ...(fix && { fix }) });
}

const MEMBERS = {
  clients: 'clients',
  conditions: 'conditions',
  slash_in_action: 'actions',
  slash_in_resource: 'resources',
  derived_class: 'actions',
} as const satisfies Record<OlderSdkRule['causes'][number], keyof PolicyRule>;

function slashFix(impact: OlderSdkRule, rule: PolicyRule, pointer: string, problems: ProblemList) {
  const title = 'Add variants with slashes';
  const inResource = impact.causes.includes('slash_in_resource');
  if (inResource) return addResourcesFix(title, rule, pointer, missingSlashVariants(rule.resources ?? []), problems);
  if (!impact.causes.includes('slash_in_action')) return undefined;
  return addPatternsFix(title, rule, pointer, missingSlashVariants(rule.actions), problems);
}
