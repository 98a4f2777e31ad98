import type { DraftDocument, PolicySettings, SettingName } from './document.ts';
import { SETTING_NAMES, SETTING_WORDS } from './document.ts';
import { checkKeys, isObject, type JsonObject, readWord } from './fields.ts';
import { LIMITS } from './limits.ts';
import { type ProblemList, quote } from './problem.ts';
import { shapeDlpRule } from './shape-dlp.ts';
import { shapeRule } from './shape-rule.ts';
import { type SourceMap, step } from './source-map.ts';

const LEGACY_TAMPER = 'tamper_behavior';
const DOCUMENT_KEYS = ['version', 'settings', 'rules', 'dlp_rules', ...SETTING_NAMES, LEGACY_TAMPER];
const ADVICE: Record<string, string> = {
  policies: 'this is a single policy. Save each policy as a document of its own, with its rules at the top.',
  priority: 'the priority belongs to the policy, not to its document. Set it where the policy is saved.',
};

/**
 * Brings a value that a reader produced into the canonical document, as far as it goes.
 *
 * Rules that cannot be read are null in the answer, so that the others can still be judged in the same run. Every
 * deviation is reported to `problems`; spellings that differ from the canonical ones are noted in `sourceMap`.
 */
export function shapeDocument(value: unknown, sourceMap: SourceMap, problems: ProblemList): DraftDocument {
  const draft: DraftDocument = { settings: {}, rules: [], dlp_rules: [] };
  if (!isObject(value)) {
    problems.error('not_object', '', `A policy document has to be an object, not ${quote(value)}.`);
    return draft;
  }
  checkKeys(value, '', 'A policy document', DOCUMENT_KEYS, ADVICE, problems);
  checkVersion(value, problems);
  draft.settings = shapeSettings(value, sourceMap, problems);
  draft.rules = shapeRules(value, sourceMap, problems);
  draft.dlp_rules = shapeDlpRules(value, problems);
  return draft;
}

function checkVersion(value: JsonObject, problems: ProblemList): void {
  if (value.version === '1' || value.version === 1) return;
  if (!Object.hasOwn(value, 'version')) {
    const fix = { title: "Add version: '1'", patch: [{ op: 'add' as const, path: '/version', value: '1' }] };
    problems.error('version', '', "The document has no version. Add version: '1'.", { fix });
    return;
  }
  const fix = { title: "Write version: '1'", patch: [{ op: 'replace' as const, path: '/version', value: '1' }] };
  const message = `The only version of policy documents is '1', not ${quote(value.version)}.`;
  problems.error('version', '/version', message, { suggestion: '1', fix });
}

function shapeSettings(value: JsonObject, sourceMap: SourceMap, problems: ProblemList): PolicySettings {
  const inner = Object.hasOwn(value, 'settings') ? value.settings : {};
  if (!isObject(inner)) {
    problems.error('not_object', '/settings', `settings has to be an object, not ${quote(inner)}.`);
    return {};
  }
  checkKeys(inner, '/settings', 'settings', [...SETTING_NAMES, LEGACY_TAMPER], {}, problems);
  const settings: PolicySettings = {};
  for (const name of SETTING_NAMES) {
    const found = placesOf(name, value, inner);
    const [first, ...others] = found;
    if (!first) continue;
    for (const other of others) {
      if (other.value === first.value) continue;
      const message = `${name} is set twice, to ${quote(first.value)} and ${quote(other.value)}. Keep one.`;
      problems.error('setting_twice', other.path, message);
    }
    sourceMap.alias(`/settings/${name}`, first.path);
    const word = readWord(first.value, first.path, name, SETTING_WORDS[name] as readonly string[], problems);
    if (word !== undefined) Object.assign(settings, { [name]: word });
  }
  return settings;
}

/** Where a setting may stand: at the top level (which wins in SDKs), under `settings`, and under the old name. */
function placesOf(name: SettingName, top: JsonObject, inner: JsonObject): { path: string; value: unknown }[] {
  const keys = name === 'default_on_tamper' ? [name, LEGACY_TAMPER] : [name];
  return keys.flatMap((key) => [
    ...(Object.hasOwn(top, key) ? [{ path: `/${key}`, value: top[key] }] : []),
    ...(Object.hasOwn(inner, key) ? [{ path: `/settings/${key}`, value: inner[key] }] : []),
  ]);
}

function shapeRules(value: JsonObject, sourceMap: SourceMap, problems: ProblemList): DraftDocument['rules'] {
  const { rules } = value;
  if (!Array.isArray(rules) || rules.length === 0) {
    const found = Object.hasOwn(value, 'rules')
      ? Array.isArray(rules)
        ? 'empty'
        : `${quote(rules)}, not a list`
      : 'missing';
    problems.error(
      'no_rules',
      Object.hasOwn(value, 'rules') ? '/rules' : '',
      `rules is ${found}. A policy needs at least one rule.`,
    );
    return [];
  }
  if (rules.length > LIMITS.rules) {
    problems.error('too_many', '/rules', `The document has ${rules.length} rules; the limit is ${LIMITS.rules}.`);
    return [];
  }
  return rules.map((rule, index) => shapeRule(rule, step('/rules', index), sourceMap, problems));
}

function shapeDlpRules(value: JsonObject, problems: ProblemList): DraftDocument['dlp_rules'] {
  const rules = value.dlp_rules;
  if (!Object.hasOwn(value, 'dlp_rules')) return [];
  if (!Array.isArray(rules) || rules.length > LIMITS.dlpRules) {
    const message = `dlp_rules has to be a list of at most ${LIMITS.dlpRules} rules.`;
    problems.error(Array.isArray(rules) ? 'too_many' : 'not_list', '/dlp_rules', message);
    return [];
  }
  return rules.map((rule, index) => shapeDlpRule(rule, step('/dlp_rules', index), problems));
}
