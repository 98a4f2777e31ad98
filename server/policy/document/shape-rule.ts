import type { Effect, PolicyRule } from './document.ts';
import { EFFECTS } from './document.ts';
import { checkKeys, isObject, type JsonObject, readBoolean, readText, readTexts, readWord } from './fields.ts';
import { LIMITS } from './limits.ts';
import { type ProblemList, quote } from './problem.ts';
import { shapeConditions } from './shape-conditions.ts';
import { type SourceMap, step } from './source-map.ts';

const RULE_KEYS = [
  'id', 'name', 'deny', 'allow', 'warn', 'effect', 'action', 'actions', 'resource', 'resources', 'when', 'conditions',
  'reason', 'reason_code', 'reason_localized', 'escalate_on_deny', 'clients', 'projects',
]; // biome-ignore format: one list, read as a list

const ADVICE: Record<string, string> = {
  audit: 'write warn instead; SDKs turn the effect audit into deny.',
  tags: 'SDKs drop it. Use clients, projects or conditions.',
  requires_approval: 'SDKs drop it. Write effect deny with escalate_on_deny: true.',
  approval_action: 'SDKs drop it. Write effect deny with escalate_on_deny: true.',
  priority: 'rules are tried from top to bottom. Move the rule, or set the priority of the policy.',
  enabled: 'SDKs do not read it. Remove the rule to switch it off.',
  is_enabled: 'SDKs do not read it. Remove the rule to switch it off.',
  tool: 'write the tool into the pattern, as in allow: "tool:method".',
  method: 'write the method into the pattern, as in allow: "tool:method".',
  pattern: 'write the pattern under allow, deny or warn.',
  match: 'write the pattern under allow, deny or warn.',
  unless: 'there is no negated condition of this kind. Use not_in, not_exists or a rule above this one.',
  except: 'there are no exceptions inside a rule. Put an allow rule above this one.',
  time_range: 'SDKs have no time windows.',
  ip_whitelist: 'SDKs do not know addresses.',
};

const ID = {
  max: LIMITS.idLength,
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  says: 'letters, digits, ".", "_" and "-" only',
};
const PATTERN = { max: LIMITS.patternLength, items: LIMITS.patternsPerRule, none: 'Name at least one tool.' };
const EVERYONE = 'SDKs read that as no restriction; remove the key or name someone.';

/** Reads one rule into its canonical shape; null when it cannot be read, with every reason reported. */
export function shapeRule(
  value: unknown,
  pointer: string,
  sourceMap: SourceMap,
  problems: ProblemList,
): PolicyRule | null {
  if (!isObject(value)) {
    problems.error('not_object', pointer, `A rule has to be an object, not ${quote(value)}.`);
    return null;
  }
  const before = problems.errors;
  checkKeys(value, pointer, 'A rule', RULE_KEYS, ADVICE, problems);
  const decision = shapeDecision(value, pointer, sourceMap, problems);
  const rest = shapeRest(value, pointer, sourceMap, problems);
  return decision && problems.errors === before ? { ...rest.names, ...decision, ...rest.fields } : null;
}

type Decision = { effect: Effect; actions: string[] };

function shapeDecision(
  rule: JsonObject,
  pointer: string,
  sourceMap: SourceMap,
  problems: ProblemList,
): Decision | undefined {
  const shorthands = EFFECTS.filter((effect) => Object.hasOwn(rule, effect));
  const longhand = ['effect', 'action', 'actions'].filter((key) => Object.hasOwn(rule, key));
  if (shorthands.length + (longhand.length > 0 ? 1 : 0) !== 1) {
    const found = [...shorthands, ...longhand];
    const message =
      found.length === 0
        ? 'The rule decides nothing. Write one of allow, deny or warn with a pattern, or effect with action.'
        : `The rule has ${found.join(' and ')} at once. Keep one; use separate rules for separate effects.`;
    problems.error(found.length === 0 ? 'no_effect' : 'several_effects', pointer, message);
    return undefined;
  }
  const shorthand = shorthands[0];
  if (shorthand === undefined) return shapeLonghand(rule, pointer, sourceMap, problems);
  sourceMap.alias(step(pointer, 'effect'), step(pointer, shorthand));
  const actions = shapeList(rule, shorthand, 'actions', pointer, PATTERN, sourceMap, problems);
  return actions && { effect: shorthand, actions };
}

function shapeLonghand(
  rule: JsonObject,
  pointer: string,
  sourceMap: SourceMap,
  problems: ProblemList,
): Decision | undefined {
  const effect = shapeEffect(rule, pointer, problems);
  const keys = ['action', 'actions'].filter((key) => Object.hasOwn(rule, key));
  if (keys.length === 2) {
    problems.error('several_keys', pointer, 'The rule has both action and actions. Keep actions.');
    return undefined;
  }
  const key = keys[0];
  if (key === undefined) {
    problems.error('no_pattern', pointer, 'The rule has an effect but no action. Add actions: ["tool:method"].');
    return undefined;
  }
  const actions = shapeList(rule, key, 'actions', pointer, PATTERN, sourceMap, problems);
  return effect && actions && { effect, actions };
}

function shapeEffect(rule: JsonObject, pointer: string, problems: ProblemList): Effect | undefined {
  const at = step(pointer, 'effect');
  if (!Object.hasOwn(rule, 'effect')) {
    problems.error('no_effect', pointer, 'The rule has an action but no effect. Add effect: allow, deny or warn.');
    return undefined;
  }
  if (rule.effect === 'audit') {
    const fix = { title: 'Write warn', patch: [{ op: 'replace' as const, path: at, value: 'warn' }] };
    const message = 'SDKs turn the effect audit into deny. Write warn: the call goes through and is recorded.';
    problems.error('effect_audit', at, message, { suggestion: 'warn', fix });
    return undefined;
  }
  if (['hitl', 'hitl_required', 'approve', 'require_approval', 'escalate'].includes(String(rule.effect))) {
    const message = `There is no effect ${quote(rule.effect)}. Write effect: deny with escalate_on_deny: true.`;
    problems.error('unknown_word', at, message, { suggestion: 'deny' });
    return undefined;
  }
  return readWord(rule.effect, at, 'effect', EFFECTS, problems);
}

function shapeRest(rule: JsonObject, pointer: string, sourceMap: SourceMap, problems: ProblemList) {
  const names: Pick<PolicyRule, 'id' | 'name'> = {};
  const fields: Omit<PolicyRule, 'id' | 'name' | 'effect' | 'actions'> = {};
  const text = (key: string, rules: Parameters<typeof readText>[3]) =>
    Object.hasOwn(rule, key) ? readText(rule[key], step(pointer, key), key, rules, problems) : undefined;
  const list = (keys: string[], canonical: string, rules: Parameters<typeof readTexts>[3]) => {
    const key = oneOf(rule, keys, pointer, problems);
    return key === undefined ? undefined : shapeList(rule, key, canonical, pointer, rules, sourceMap, problems);
  };

  assign(names, 'id', text('id', ID));
  assign(names, 'name', text('name', { max: LIMITS.nameLength }));
  const resources = {
    max: LIMITS.resourceLength,
    items: LIMITS.resources,
    none: 'Remove the key, or name a resource.',
  };
  assign(fields, 'resources', list(['resources', 'resource'], 'resources', resources));
  const condition = oneOf(rule, ['conditions', 'when'], pointer, problems);
  if (condition !== undefined) {
    sourceMap.alias(step(pointer, 'conditions'), step(pointer, condition));
    assign(fields, 'conditions', shapeConditions(rule[condition], step(pointer, condition), problems));
  }
  assign(fields, 'reason', text('reason', { max: LIMITS.reasonLength, lines: true }));
  const code = {
    max: LIMITS.reasonCodeLength,
    pattern: /^[A-Za-z][A-Za-z0-9_.-]*$/,
    says: 'letters, digits and "_" only',
  };
  assign(fields, 'reason_code', text('reason_code', code));
  if (Object.hasOwn(rule, 'reason_localized')) {
    assign(
      fields,
      'reason_localized',
      shapeLocalised(rule.reason_localized, step(pointer, 'reason_localized'), problems),
    );
  }
  if (Object.hasOwn(rule, 'escalate_on_deny')) {
    const at = step(pointer, 'escalate_on_deny');
    assign(fields, 'escalate_on_deny', readBoolean(rule.escalate_on_deny, at, 'escalate_on_deny', problems));
  }
  const selector = { max: LIMITS.selectorLength, items: LIMITS.selectors, none: EVERYONE };
  assign(fields, 'clients', list(['clients'], 'clients', selector));
  assign(fields, 'projects', list(['projects'], 'projects', selector));
  return { names, fields };
}

function assign<Target extends object, Key extends keyof Target>(
  target: Target,
  key: Key,
  value: Target[Key] | undefined,
) {
  if (value !== undefined) target[key] = value;
}

function oneOf(rule: JsonObject, keys: string[], pointer: string, problems: ProblemList): string | undefined {
  const found = keys.filter((key) => Object.hasOwn(rule, key));
  if (found.length > 1) {
    problems.error('several_keys', pointer, `The rule has both ${found.join(' and ')}, which mean the same. Keep one.`);
  }
  return found[0];
}

function shapeList(
  rule: JsonObject,
  key: string,
  canonical: string,
  pointer: string,
  rules: Parameters<typeof readTexts>[3],
  sourceMap: SourceMap,
  problems: ProblemList,
): string[] | undefined {
  const at = step(pointer, key);
  const target = step(pointer, canonical);
  sourceMap.alias(target, at);
  if (!Array.isArray(rule[key])) sourceMap.alias(step(target, 0), at);
  return readTexts(rule[key], target, key, rules, problems);
}

function shapeLocalised(value: unknown, pointer: string, problems: ProblemList): Record<string, string> | undefined {
  if (!isObject(value)) {
    problems.error('not_object', pointer, `reason_localized has to be an object of locales, not ${quote(value)}.`);
    return undefined;
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > LIMITS.locales) {
    problems.error(
      'too_many',
      pointer,
      `reason_localized needs 1 to ${LIMITS.locales} locales, not ${entries.length}.`,
    );
    return undefined;
  }
  const localised: Record<string, string> = {};
  for (const [locale, text] of entries) shapeLocale(localised, locale, text, step(pointer, locale), problems);
  return Object.keys(localised).length === entries.length ? localised : undefined;
}

function shapeLocale(
  into: Record<string, string>,
  locale: string,
  text: unknown,
  pointer: string,
  problems: ProblemList,
) {
  const key = locale.toLowerCase();
  if (locale.length > LIMITS.localeLength || !/^[a-z]{2,8}(?:[-_][a-z0-9]{1,8})*$/.test(key)) {
    problems.error('bad_locale', pointer, `${quote(locale)} is no locale. Write one as "ko" or "pt-br".`, {
      onKey: true,
    });
    return;
  }
  if (Object.hasOwn(into, key)) {
    problems.error('duplicate_key', pointer, `The locale ${key} stands here twice; keep one.`, { onKey: true });
    return;
  }
  const reason = readText(text, pointer, `The reason for ${key}`, { max: LIMITS.reasonLength, lines: true }, problems);
  if (reason !== undefined) into[key] = reason;
}
