import type { DlpRule } from './document.ts';
import { checkKeys, isObject, type JsonObject, readBoolean, readText, readTexts, readWord } from './fields.ts';
import { LIMITS } from './limits.ts';
import { type ProblemList, quote } from './problem.ts';
import { step } from './source-map.ts';

/** Categories that SDKs may report; any other makes every match a scanner error, which blocks the call. */
export const DLP_CATEGORIES = [
  'compliance', 'contact', 'credential', 'crypto', 'custom', 'document', 'financial', 'ip', 'medical', 'national_id',
  'network', 'pii', 'secret', 'sensitive_personal', 'tax', 'healthcare',
] as const; // biome-ignore format: one list, read as a list

export const DLP_ACTIONS = ['detect', 'mask', 'block'] as const;

/** Where a DLP rule is applied; SDKs skip a rule whose scopes do not name `sdk`. */
export const DLP_SCOPES = ['sdk', 'gateway', 'browser_ext', 'scout'] as const;

const DLP_KEYS = [
  'id', 'name', 'pattern', 'category', 'action', 'region', 'scopes', 'context_keywords', 'context_required', 'enabled',
]; // biome-ignore format: one list, read as a list

const ID = {
  max: LIMITS.idLength,
  pattern: /^[A-Za-z0-9][A-Za-z0-9._:-]*$/,
  says: 'letters, digits, ".", "_", ":" and "-" only',
};

/**
 * Reads one DLP rule into its canonical shape, with category `pii` and action `detect` where they are not written
 * (the SDKs' own defaults); null when it cannot be read, with every reason reported.
 */
export function shapeDlpRule(value: unknown, pointer: string, problems: ProblemList): DlpRule | null {
  if (!isObject(value)) {
    problems.error('not_object', pointer, `A DLP rule has to be an object, not ${quote(value)}.`);
    return null;
  }
  const before = problems.errors;
  checkKeys(value, pointer, 'A DLP rule', DLP_KEYS, {}, problems);
  for (const key of ['id', 'pattern']) {
    if (!Object.hasOwn(value, key)) problems.error('missing_key', pointer, `The DLP rule has no ${key}. Add one.`);
  }
  const rule = shapeFields(value, pointer, problems);
  return problems.errors === before ? (rule as DlpRule) : null;
}

function shapeFields(value: JsonObject, pointer: string, problems: ProblemList): Partial<DlpRule> {
  const has = (key: string) => Object.hasOwn(value, key);
  const at = (key: string) => step(pointer, key);
  const text = (key: string, max: number) => readText(value[key], at(key), key, { max }, problems);
  const flag = (key: string) => readBoolean(value[key], at(key), key, problems);
  const pattern = { max: LIMITS.dlpPatternLength, lines: true };
  const fields: { [Key in keyof DlpRule]?: DlpRule[Key] | undefined } = {
    id: has('id') ? readText(value.id, at('id'), 'id', ID, problems) : undefined,
    name: has('name') ? text('name', LIMITS.nameLength) : undefined,
    pattern: has('pattern') ? readText(value.pattern, at('pattern'), 'pattern', pattern, problems) : undefined,
    category: has('category') ? readWord(value.category, at('category'), 'category', DLP_CATEGORIES, problems) : 'pii',
    action: has('action') ? readWord(value.action, at('action'), 'action', DLP_ACTIONS, problems) : 'detect',
    region: has('region') ? text('region', LIMITS.idLength) : undefined,
    scopes: has('scopes') ? shapeScopes(value.scopes, at('scopes'), problems) : undefined,
    context_keywords: has('context_keywords')
      ? keywords(value.context_keywords, at('context_keywords'), problems)
      : undefined,
    context_required: has('context_required') ? flag('context_required') : undefined,
    enabled: has('enabled') ? flag('enabled') : undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined));
}

function keywords(value: unknown, pointer: string, problems: ProblemList): string[] | undefined {
  const rules = { max: LIMITS.keywordLength, items: LIMITS.keywords, none: 'Remove the key, or name a word.' };
  return readTexts(value, pointer, 'context_keywords', rules, problems);
}

function shapeScopes(value: unknown, pointer: string, problems: ProblemList): string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    problems.error(
      'empty_list',
      pointer,
      `scopes has to be a list of ${DLP_SCOPES.join(', ')}. Remove the key for all.`,
    );
    return undefined;
  }
  const scopes = value
    .slice(0, DLP_SCOPES.length * 2)
    .map((scope, index) => readWord(scope, step(pointer, index), 'A scope', DLP_SCOPES, problems));
  return scopes.every((scope) => scope !== undefined) ? [...new Set(scopes)] : undefined;
}
