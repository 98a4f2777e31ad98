import type { DefaultAction, PolicyDocument, PolicyRule } from './document.ts';
import { isDerivedOnly } from './known-tools.ts';
import { actionParts, type ComparableRule, comparable, mayNameTool, mayShareTool } from './rule-patterns.ts';

/** The first release that enforces `clients` and conditions of bundles; older SDKs refuse a bundle that names it. */
export const VERSION_FLOOR = '1.13.0';

export type OlderSdkCause = 'clients' | 'conditions' | 'slash_in_action' | 'slash_in_resource' | 'derived_class';

/** How an SDK of the Go line (1.7.6 and older) would decide a rule otherwise than its author meant. */
export type OlderSdkRule = {
  ruleIndex: number;
  id?: string;
  effect: PolicyRule['effect'];
  /** `widened`: applied to more calls than meant. `missed`: not applied where it should deny. */
  kind: 'widened' | 'missed';
  causes: OlderSdkCause[];
  message: string;
};

export type OlderSdkImpact = {
  rules: OlderSdkRule[];
  /** True when the bundle will name a lowest version, which makes those SDKs refuse it with a clear error. */
  addsVersionFloor: boolean;
};

/**
 * True for a rule that an SDK without selectors and conditions would apply to more calls than its author meant, letting
 * them through: an allow or warn rule with `clients` or conditions.
 */
export function needsVersionFloor(rule: PolicyRule): boolean {
  return rule.effect !== 'deny' && (rule.clients !== undefined || rule.conditions !== undefined);
}

/**
 * The rules of a document that SDKs of the Go line would widen or miss, and whether the document adds a version floor.
 *
 * Such an SDK ignores `clients` and conditions, does not let `*` cross a `/`, and derives no classes from command lines.
 * Allow and warn rules that it misses fall to the default and are not listed: that is stricter, unless the default
 * allows, and then the outcome is the same.
 *
 * @param projectDefault what unmatched calls get besides what the document itself says; the stricter one counts.
 * @param later the rules of policies that are tried after this one: they may let through what is missed here.
 */
export function olderSdkImpact(
  document: PolicyDocument,
  projectDefault: DefaultAction = 'deny',
  later: readonly PolicyRule[] = [],
): OlderSdkImpact {
  const { rules, settings } = document;
  const whole = impactOfRules([...rules, ...later], strictestDefault(settings?.default_action, projectDefault));
  return {
    rules: whole.rules.filter((rule) => rule.ruleIndex < rules.length),
    addsVersionFloor: rules.some(needsVersionFloor),
  };
}

/** The same for the rules of a draft, where null stands for one that could not be read. */
export function impactOfRules(rules: readonly (PolicyRule | null)[], defaultAction: DefaultAction): OlderSdkImpact {
  const compared = rules.map((rule) => rule && comparable(rule));
  const found = compared.flatMap((rule, ruleIndex) => {
    if (!rule) return [];
    const opened = (test: (later: ComparableRule) => boolean) =>
      defaultAction !== 'deny' ||
      compared.some((later, at) => at > ruleIndex && later && later.rule.effect !== 'deny' && test(later));
    const both = [widened(rule.rule, ruleIndex), missed(rule, ruleIndex, defaultAction !== 'deny', opened)];
    return both.filter((each) => each !== undefined);
  });
  return { rules: found, addsVersionFloor: rules.some((rule) => rule !== null && needsVersionFloor(rule)) };
}

/** What unmatched calls get when both are said: the stricter word. */
export function strictestDefault(a: DefaultAction | undefined, b: DefaultAction): DefaultAction {
  if (a === 'deny' || b === 'deny') return 'deny';
  return a === 'warn' || b === 'warn' ? 'warn' : 'allow';
}

function widened(rule: PolicyRule, ruleIndex: number): OlderSdkRule | undefined {
  const causes: OlderSdkCause[] = [];
  if (rule.clients) causes.push('clients');
  if (rule.conditions) causes.push('conditions');
  if (causes.length === 0) return undefined;
  const outcome =
    rule.effect === 'deny' ? 'They deny more calls than meant.' : 'They therefore have to refuse the bundle.';
  const message = `Go SDKs 1.7.6 and older ignore the ${causes.join(' and ')} of this rule. ${outcome}`;
  return entry(rule, ruleIndex, 'widened', causes, message);
}

/** `opened` tells whether the default, or a later rule that passes the test, lets a missed call through. */
function missed(
  compared: ComparableRule,
  ruleIndex: number,
  defaultAllows: boolean,
  opened: (test: (later: ComparableRule) => boolean) => boolean,
): OlderSdkRule | undefined {
  const { rule } = compared;
  if (rule.effect !== 'deny') return undefined;
  const causes: OlderSdkCause[] = [];
  if (defaultAllows && missingSlashVariants(rule.actions).length > 0) causes.push('slash_in_action');
  const gates = rule.resources?.includes('*') ? [] : (rule.resources ?? []);
  const missesSlash = missingSlashVariants(gates).length > 0;
  if (missesSlash && opened((later) => mayShareTool(later, compared))) causes.push('slash_in_resource');
  const isDerived = rule.actions.some((action) => isDerivedOnly(actionParts(action).tool));
  if (isDerived && opened((later) => mayNameTool(later, 'Bash'))) causes.push('derived_class');
  if (causes.length === 0) return undefined;
  return entry(rule, ruleIndex, 'missed', causes, missedMessage(causes));
}

function missedMessage(causes: readonly OlderSdkCause[]): string {
  const reasons: Record<OlderSdkCause, string> = {
    clients: 'ignore clients',
    conditions: 'ignore conditions',
    slash_in_action: 'stop * at a "/" in the name of a tool or method',
    slash_in_resource: 'stop * at a "/" in a resource',
    derived_class: 'derive no classes such as file_delete or git_push from commands',
  };
  return `Go SDKs 1.7.6 and older ${causes.map((cause) => reasons[cause]).join(' and ')}, so this rule misses calls that are then let through.`;
}

function entry(
  rule: PolicyRule,
  ruleIndex: number,
  kind: OlderSdkRule['kind'],
  causes: OlderSdkCause[],
  message: string,
): OlderSdkRule {
  return { ruleIndex, ...(rule.id !== undefined && { id: rule.id }), effect: rule.effect, kind, causes, message };
}

/**
 * The globs that a list lacks so that an SDK whose `*` stops at a slash matches up to two more parts, one and two
 * further stars after a slash each. Empty when every glob has them already.
 */
export function missingSlashVariants(globs: readonly string[]): string[] {
  const isVariant = (glob: string) => globs.includes(replaceLast(glob, '*/*', '*'));
  return globs.flatMap((glob) => {
    if (!glob.includes('*') || isVariant(glob)) return [];
    const variants = [replaceLast(glob, '*', '*/*'), replaceLast(glob, '*', '*/*/*')];
    return variants.filter((variant) => !globs.includes(variant));
  });
}

function replaceLast(text: string, part: string, by: string): string {
  const at = text.lastIndexOf(part);
  return at < 0 ? '' : text.slice(0, at) + by + text.slice(at + part.length);
}
