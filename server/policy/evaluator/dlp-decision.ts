import type { Decision } from './decide.ts';
import type { DlpRule } from './dlp-rules.ts';
import {
  type DlpMatch,
  holdsEncodedText,
  leavesOf,
  maskLeaves,
  placeholderOf,
  refuseUnreportable,
  scanText,
} from './dlp-scan.ts';
import { EvaluationFault } from './policy-error.ts';
import type { Span } from './regex.ts';

type Json = Readonly<Record<string, unknown>>;

/** Larger arguments are not scanned, and denied, in UTF-8 bytes. */
export const largestScan = 1_048_576;

/** What scanning the arguments came to. Built-in patterns are not counted: `clean` means that no rule of the bundle found anything. */
export type DlpStatus = 'clean' | 'findings' | 'skipped' | 'unavailable' | 'mask_unsupported_on_host';

/** A decision after the scan for sensitive data. */
export interface ScannedDecision extends Decision {
  readonly dlpStatus: DlpStatus;
  /** The rules that found something, in order, each place once. */
  readonly dlpFindings: ReadonlyArray<{
    readonly ruleId: unknown;
    readonly category: unknown;
    readonly action: unknown;
  }>;
  /** The arguments to run with instead of the given ones. */
  readonly maskedArgs?: unknown;
}

/**
 * Scans the arguments of a call that may proceed (allow and warn) and denies, masks or lets pass as the Python SDK does.
 * Arguments that cannot be scanned are denied. (Python SDK notes 4.6.)
 * @param canRewrite the caller runs the tool with `maskedArgs`; without it a match to be masked is denied
 */
export function scanDecision(
  rules: readonly DlpRule[],
  decision: Decision,
  args: Json | undefined,
  canRewrite: boolean,
): ScannedDecision {
  if (decision.effect === 'deny' || args === undefined || Object.keys(args).length === 0) {
    return { ...decision, dlpStatus: 'skipped', dlpFindings: [] };
  }
  try {
    return scanned(rules, decision, args, canRewrite);
  } catch (error) {
    if (error instanceof EvaluationFault) return blocked(decision, 'unavailable', error.message);
    throw error;
  }
}

function scanned(rules: readonly DlpRule[], decision: Decision, args: Json, canRewrite: boolean): ScannedDecision {
  if (holdsEncodedText(args))
    return blocked(decision, 'skipped', 'the arguments hold encoded content that cannot be scanned');
  const text = leavesOf(args).join('\n');
  if (text === '') return { ...decision, dlpStatus: 'skipped', dlpFindings: [] };
  if (/\p{Cs}/u.test(text)) return { ...unreadable(decision), dlpStatus: 'unavailable', dlpFindings: [] };
  const bytes = Buffer.byteLength(text);
  if (bytes > largestScan) {
    return blocked(decision, 'skipped', `the arguments have ${bytes} bytes; at most ${largestScan} are scanned`);
  }
  const matches = scanText(rules, text);
  const blocking = matches.find(({ rule }) => rule.action === 'block');
  if (blocking) return blocked(decision, 'findings', `sensitive data was found by ${named(blocking)}`, matches);
  const toMask = matches.filter(({ rule }) => rule.action === 'mask');
  if (toMask.length === 0) {
    for (const { rule } of matches) refuseUnreportable(rule);
    return { ...decision, dlpStatus: matches.length > 0 ? 'findings' : 'clean', dlpFindings: findings(matches) };
  }
  for (const { rule } of toMask) placeholderOf(rule.id);
  if (!canRewrite) {
    const reason = `${named(toMask[0] as DlpMatch)} asks to mask what the caller cannot rewrite`;
    return blocked(decision, 'mask_unsupported_on_host', reason, toMask);
  }
  const masked = maskLeaves(rules, args);
  const residual = toMask.filter((match) => !isCovered(match, masked.spans));
  if (residual.length > 0) {
    return blocked(
      decision,
      'findings',
      `${named(residual[0] as DlpMatch)} matches across values, which cannot be masked`,
      residual,
    );
  }
  const detected = matches.filter(({ rule }) => rule.action === 'detect');
  for (const { rule } of detected) refuseUnreportable(rule);
  const reported = matches.filter(({ rule }) => rule.action === 'detect' || rule.action === 'mask');
  return { ...decision, dlpStatus: 'findings', dlpFindings: findings(reported), maskedArgs: masked.value };
}

/** Masking works value by value; a match across two values stays visible. */
function isCovered(match: Span, masked: readonly Span[]): boolean {
  let reached = match.start;
  const ordered = [...masked].sort((left, right) => left.start - right.start);
  for (const { start, end } of ordered) if (start <= reached && end > reached) reached = end;
  return match.end > match.start && reached >= match.end;
}

function blocked(
  decision: Decision,
  dlpStatus: DlpStatus,
  reason: string,
  matches: readonly DlpMatch[] = [],
): ScannedDecision {
  return {
    ...denied(decision),
    reason: `Blocked: ${reason}.`,
    reasonCode: 'DLP_BLOCKED',
    dlpStatus,
    dlpFindings: findings(matches),
  };
}

function unreadable(decision: Decision): Decision {
  const reason = 'The arguments hold half a character and cannot be scanned.';
  return {
    ...denied(decision),
    policyId: 'synthetic:ENGINE_UNAVAILABLE',
    ruleIndex: null,
    ruleTag: null,
    reason,
    reasonCode: '',
  };
}

function denied(decision: Decision): Decision {
  const { matchSemantics: _, divergentRuleIds: __, ...kept } = decision;
  return {
    ...kept,
    effect: 'deny',
    allowed: false,
    matchSemantics: 'unchanged',
    divergentRuleIds: [],
    escalateOnDeny: false,
  };
}

function named({ rule }: DlpMatch): string {
  return `rule ${String(rule.name || rule.id)}`;
}

function findings(matches: readonly DlpMatch[]): ScannedDecision['dlpFindings'] {
  return matches.map(({ rule: { id, category, action } }) => ({ ruleId: id, category, action }));
}
