import type { DlpRule } from './document.ts';
import { LIMITS } from './limits.ts';
import type { ProblemList } from './problem.ts';
import { canExplode, expressionFault } from './regular-expression.ts';
import { DLP_ACTIONS, DLP_CATEGORIES } from './shape-dlp.ts';
import { step } from './source-map.ts';

export type DlpFault = { code: string; field: keyof DlpRule; message: string };

/**
 * What would make SDKs drop a DLP rule or stumble over it: an expression that they cannot compile, a category that they
 * may not report, an action that they do not know. Undefined for a rule that works everywhere.
 */
export function checkDlpRule(rule: DlpRule): DlpFault | undefined {
  if (!(DLP_CATEGORIES as readonly string[]).includes(rule.category)) {
    const message = `the category ${rule.category} makes every match block the call. Use one of ${DLP_CATEGORIES.join(', ')}.`;
    return { code: 'dlp_category', field: 'category', message };
  }
  if (!(DLP_ACTIONS as readonly string[]).includes(rule.action)) {
    const message = `the action ${rule.action} is taken for detect. Use one of ${DLP_ACTIONS.join(', ')}.`;
    return { code: 'dlp_action', field: 'action', message };
  }
  if (rule.pattern.length > LIMITS.dlpPatternLength) {
    const message = `the pattern has ${rule.pattern.length} characters; the limit is ${LIMITS.dlpPatternLength}.`;
    return { code: 'too_long', field: 'pattern', message };
  }
  const fault = expressionFault(rule.pattern);
  if (fault === undefined) return undefined;
  return { code: 'bad_expression', field: 'pattern', message: `the pattern is not accepted by every SDK: ${fault}.` };
}

/** Judges the DLP rules of a document; `null` stands for one that could not be read. */
export function validateDlpRules(rules: readonly (DlpRule | null)[], problems: ProblemList): void {
  const seen = new Map<string, number>();
  for (const [index, rule] of rules.entries()) {
    if (rule) validateDlpRule(rule, step('/dlp_rules', index), seen, index, problems);
  }
}

function validateDlpRule(
  rule: DlpRule,
  pointer: string,
  seen: Map<string, number>,
  index: number,
  problems: ProblemList,
): void {
  const fault = checkDlpRule(rule);
  if (fault) problems.error(fault.code, step(pointer, fault.field), `In DLP rule ${rule.id} ${fault.message}`);
  else if (canExplode(rule.pattern)) {
    const message = `The pattern of DLP rule ${rule.id} repeats a repetition, which can take the Python SDK very long.`;
    problems.warn('slow_expression', step(pointer, 'pattern'), message);
  }
  const first = seen.get(rule.id);
  if (first !== undefined) {
    problems.error(
      'repeated_id',
      step(pointer, 'id'),
      `DLP rule ${first + 1} has the id ${rule.id} too. Ids are unique.`,
    );
  }
  seen.set(rule.id, seen.get(rule.id) ?? index);
  if (rule.id.startsWith('pii:')) {
    const message = `An id that begins with pii: switches the built-in detectors of SDKs off. Use another id to keep them.`;
    problems.warn('replaces_builtin_detectors', step(pointer, 'id'), message);
  }
  if (rule.context_required && !rule.context_keywords) {
    const message = `DLP rule ${rule.id} requires context but names no context_keywords, so it never matches. Add some.`;
    problems.error('no_keywords', step(pointer, 'context_required'), message);
  }
  if (rule.scopes && !rule.scopes.includes('sdk')) {
    const message = `DLP rule ${rule.id} is not for SDKs (its scopes lack sdk), so it is left out of bundles.`;
    problems.warn('not_for_sdks', step(pointer, 'scopes'), message);
  }
}
