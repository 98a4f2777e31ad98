import { type Gate, judge, type Verdict } from './judge-rule.ts';
import { EvaluationFault } from './policy-error.ts';
import type { CompiledPolicy, CompiledRule, Effect } from './policy-types.ts';
import { type PolicyCall, prepare, type Question } from './question.ts';
import { localizedReason, noMatchReason } from './reasons.ts';

/**
 * How the outcome relates to the one without tool aliases: the same; a new, stricter one; a laxer one that was held back;
 * or not comparable.
 */
export type MatchSemantics = 'unchanged' | 'new' | 'new_suppressed' | 'indeterminate';

/** Why a rule did or did not match, for simulation. */
export interface RuleTrace {
  readonly policyId: string;
  readonly ruleIndex: number | null;
  readonly ruleTag: string | null;
  readonly gate: Gate;
  /** The key of the condition that did not hold. */
  readonly condition?: string;
  /** False when the action matches only through a tool alias. */
  readonly asCalled: boolean;
}

/** What an SDK decides about a call, before any scan for sensitive data. */
export interface Decision {
  readonly effect: Effect;
  /** True for `allow` alone; a warned call proceeds too, but SDKs report it as neither allowed nor denied. */
  readonly allowed: boolean;
  readonly ruleIndex: number | null;
  /** `rule-<n>` or `synthetic:…`. */
  readonly policyId: string;
  readonly ruleTag: string | null;
  readonly reason: string;
  readonly reasonCode: string;
  readonly matchSemantics: MatchSemantics;
  /** The rules that won without and with tool aliases when they differ; empty text stands for none. */
  readonly divergentRuleIds: readonly string[];
  readonly escalateOnDeny: boolean;
  /** Every rule that was asked, in order; present when asked for. */
  readonly trace?: readonly RuleTrace[];
}

/**
 * Decides a call as the Python SDK 1.13.16 does: the first matching rule wins, else the default action.
 * The decision is made twice, with and without the names that tool aliases bring; the stricter outcome counts, so an alias
 * can close but never open. Scans for sensitive data are not part of it. (Python SDK notes, section 4.)
 *
 * Never throws for a JSON call: what the SDK's evaluator cannot handle is denied with `synthetic:ENGINE_UNAVAILABLE`.
 */
export function decide(policy: CompiledPolicy, call: PolicyCall, options: { readonly trace?: boolean } = {}): Decision {
  const trace: RuleTrace[] | undefined = options.trace ? [] : undefined;
  try {
    const decision = evaluate(policy, call, trace);
    return trace === undefined ? decision : { ...decision, trace };
  } catch (error) {
    if (error instanceof EvaluationFault) return unavailable(error);
    throw error;
  }
}

/** The first rule that matched, and whether a rule was passed over only for its resource. */
interface Outcome {
  rule: CompiledRule | undefined;
  resourceSkipped: boolean;
}

function evaluate(policy: CompiledPolicy, call: PolicyCall, trace: RuleTrace[] | undefined): Decision {
  const question = prepare(policy, call);
  const wide: Outcome = { rule: undefined, resourceSkipped: false };
  const narrow: Outcome = { rule: undefined, resourceSkipped: false };
  for (const rule of policy.rules) {
    const verdict = judge(rule, question);
    trace?.push(traceOf(rule, verdict));
    if (verdict.gate === 'resource') {
      wide.resourceSkipped = true;
      if (verdict.asCalled) narrow.resourceSkipped = true;
    }
    if (verdict.matches) wide.rule ??= rule;
    if (verdict.matchedBefore) narrow.rule ??= rule;
    if (wide.rule !== undefined && narrow.rule !== undefined) break;
  }
  return choose(policy, call, question, wide, narrow);
}

const strictness: Readonly<Record<Effect, number>> = { allow: 0, warn: 1, deny: 2 };

function choose(
  policy: CompiledPolicy,
  call: PolicyCall,
  question: Question,
  wide: Outcome,
  narrow: Outcome,
): Decision {
  if (wide.rule === narrow.rule) {
    const semantics = question.origin.isComparable ? 'unchanged' : 'indeterminate';
    return decisionOf(policy, call, question, narrow, semantics, []);
  }
  const divergent = [narrow.rule?.policyId ?? '', wide.rule?.policyId ?? ''];
  const wideEffect = wide.rule?.effect ?? policy.defaultAction;
  const narrowEffect = narrow.rule?.effect ?? policy.defaultAction;
  return strictness[wideEffect] >= strictness[narrowEffect]
    ? decisionOf(policy, call, question, wide, 'new', divergent)
    : decisionOf(policy, call, question, narrow, 'new_suppressed', divergent);
}

function decisionOf(
  policy: CompiledPolicy,
  call: PolicyCall,
  question: Question,
  outcome: Outcome,
  matchSemantics: MatchSemantics,
  divergentRuleIds: readonly string[],
): Decision {
  const { rule } = outcome;
  if (rule !== undefined) {
    return {
      effect: rule.effect,
      allowed: rule.effect === 'allow',
      ruleIndex: rule.index,
      policyId: rule.policyId,
      ruleTag: rule.tag,
      reason: localizedReason(rule, call.locale),
      reasonCode: rule.reasonCode || 'RULE_MATCH',
      matchSemantics,
      divergentRuleIds,
      escalateOnDeny: rule.escalateOnDeny && rule.effect === 'deny',
    };
  }
  const effect = policy.defaultAction;
  return {
    effect,
    allowed: effect === 'allow',
    ruleIndex: null,
    policyId: `synthetic:${effect === 'deny' && outcome.resourceSkipped ? 'RESOURCE_GATE_SKIP' : 'NO_RULE_MATCH'}`,
    ruleTag: null,
    reason: noMatchReason(question.candidates.subject, effect),
    reasonCode: 'NO_RULE_MATCH',
    matchSemantics,
    divergentRuleIds,
    escalateOnDeny: false,
  };
}

function unavailable(fault: EvaluationFault): Decision {
  return {
    effect: 'deny',
    allowed: false,
    ruleIndex: null,
    policyId: 'synthetic:ENGINE_UNAVAILABLE',
    ruleTag: null,
    reason: `The call cannot be evaluated and is denied: ${fault.message}`,
    reasonCode: '',
    matchSemantics: 'unchanged',
    divergentRuleIds: [],
    escalateOnDeny: false,
  };
}

function traceOf(rule: CompiledRule, verdict: Verdict): RuleTrace {
  return {
    policyId: rule.policyId,
    ruleIndex: rule.index,
    ruleTag: rule.tag,
    gate: verdict.gate,
    asCalled: verdict.asCalled,
    ...(verdict.condition === undefined ? undefined : { condition: verdict.condition }),
  };
}
