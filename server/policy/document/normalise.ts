import { stringify } from 'yaml';
import { canonicalJson } from './canonical-json.ts';
import type { DlpRule, PolicyDocument, PolicyRule } from './document.ts';
import { isEnabled, SETTING_NAMES } from './document.ts';

type Ordered = Record<string, unknown>;

/**
 * The one form of a document that means the same: members in a fixed order, settings and locales sorted, members that
 * say what their absence says (`enabled: true`, `escalate_on_deny: false`, empty settings) left out. Rules, patterns
 * and selectors keep their order. Normalising twice changes nothing.
 */
export function normaliseDocument(document: PolicyDocument): PolicyDocument {
  const settings = Object.fromEntries(
    SETTING_NAMES.filter((name) => document.settings?.[name] !== undefined).map((name) => [
      name,
      document.settings?.[name],
    ]),
  );
  const dlpRules = document.dlp_rules ?? [];
  return {
    version: '1',
    ...(Object.keys(settings).length > 0 && { settings }),
    rules: document.rules.map(normaliseRule),
    ...(dlpRules.length > 0 && { dlp_rules: dlpRules.map(normaliseDlpRule) }),
  };
}

/** The canonical JSON text of a document; two documents with the same text mean the same. */
export function documentJson(document: PolicyDocument, indent = 0): string {
  return canonicalJson(normaliseDocument(document), indent);
}

/**
 * A document as YAML for people: the effect is the key (`deny: Bash:rm`), one pattern stands without a list.
 * Reading it gives the normalised document back.
 */
export function documentYaml(document: PolicyDocument): string {
  const normal = normaliseDocument(document);
  const shown = { ...normal, rules: normal.rules.map(readableRule) };
  return stringify(shown, {
    version: '1.2',
    schema: 'core',
    lineWidth: 0,
    singleQuote: true,
    aliasDuplicateObjects: false,
  });
}

function normaliseRule(rule: PolicyRule): PolicyRule {
  return withoutAbsent({
    id: rule.id,
    name: rule.name,
    effect: rule.effect,
    actions: rule.actions,
    resources: rule.resources,
    conditions: rule.conditions && sorted(rule.conditions),
    clients: rule.clients,
    projects: rule.projects,
    reason: rule.reason,
    reason_code: rule.reason_code,
    reason_localized: rule.reason_localized && sorted(rule.reason_localized),
    escalate_on_deny: rule.escalate_on_deny || undefined,
  }) as PolicyRule;
}

function normaliseDlpRule(rule: DlpRule): DlpRule {
  return withoutAbsent({
    id: rule.id,
    name: rule.name,
    pattern: rule.pattern,
    category: rule.category,
    action: rule.action,
    region: rule.region,
    scopes: rule.scopes,
    context_keywords: rule.context_keywords,
    context_required: rule.context_required || undefined,
    enabled: isEnabled(rule) ? undefined : false,
  }) as DlpRule;
}

function readableRule(rule: PolicyRule): Ordered {
  const { id, name, effect, actions, ...rest } = rule;
  return withoutAbsent({ id, name, [effect]: actions.length === 1 ? actions[0] : actions, ...rest });
}

function sorted<Value>(object: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withoutAbsent(object: Ordered): Ordered {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
