import type { CompiledRule, Effect } from './policy-types.ts';
import { strip } from './python-text.ts';

/**
 * The reason of a rule in a language: the exact locale (`ko-kr`), else its primary language (`ko`), else the plain reason.
 * Locales count in any case.
 */
export function localizedReason(rule: CompiledRule, locale: string | undefined): string {
  const wanted = locale === undefined ? '' : strip(locale).toLowerCase();
  if (wanted === '' || wanted === 'en') return rule.reason;
  const primary = wanted.split(/[-_]/, 1)[0] as string;
  return rule.reasonLocalized.get(wanted) || rule.reasonLocalized.get(primary) || rule.reason;
}

/** The reason of a decision that no rule made. */
export function noMatchReason(action: string, defaultAction: Effect): string {
  return defaultAction === 'deny'
    ? `No policy rule matches '${action}' and the default is deny; add a rule that allows it.`
    : `No policy rule matches '${action}' (default_action is ${defaultAction}).`;
}
