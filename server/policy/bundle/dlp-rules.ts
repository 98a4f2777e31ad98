import { canonicalJson } from '../document/canonical-json.ts';
import { type DlpRule, isEnabled } from '../document/document.ts';
import { checkDlpRule } from '../document/validate-dlp.ts';
import type { BuildMode } from './bundle-rules.ts';
import { PolicyBuildError } from './errors.ts';

export type BundleDlpRule = Omit<DlpRule, 'enabled'>;

/**
 * The DLP rules that SDKs get: enabled ones whose scopes include `sdk`, each once. With a test key all of them only
 * detect. A rule that an SDK would choke on throws `PolicyBuildError`, since a wrong category blocks every match.
 */
export function bundleDlpRules(rules: readonly DlpRule[], mode: BuildMode): BundleDlpRule[] {
  const sent = new Map<string, BundleDlpRule>();
  for (const rule of rules) {
    if (!isEnabled(rule) || (rule.scopes && !rule.scopes.includes('sdk'))) continue;
    const fault = checkDlpRule(rule);
    if (fault) throw new PolicyBuildError(fault.code, `DLP rule ${rule.id}: ${fault.message}`, { dlpRuleId: rule.id });
    const { enabled: _switch, ...kept } = rule;
    const delivered = mode === 'test' ? { ...kept, action: 'detect' as const } : kept;
    sent.set(canonicalJson(delivered), delivered);
  }
  return [...sent.values()];
}
