const TAG = /^r[0-9a-z]{1,22}$/;
const IN_REASON = / ?\[(r[0-9a-z]{1,22})\]$/;
const STANDARD_REASON = /^policy:(r[0-9a-z]{1,22})$/;

/**
 * The tag by which a row names the rule that decided: at the end of the reason, as the standard reason `policy:<tag>`,
 * or (Go) as the policy id. Null when it carries none, or was decided by a local policy, whose author may write anything.
 */
export function ruleTagOf(row: { reason: string; policyRef: string; mode: string }): string | null {
  if (row.mode === 'local') return null;
  const inReason = row.reason.endsWith(']') ? IN_REASON.exec(row.reason) : STANDARD_REASON.exec(row.reason);
  if (inReason !== null) return inReason[1] ?? null;
  return TAG.test(row.policyRef) ? row.policyRef : null;
}

/** A reason as its author wrote it: without the tag, empty where the rule has none of its own. */
export function shownReason(reason: string, ruleTag: string | null): string {
  if (ruleTag === null) return reason;
  if (reason === `policy:${ruleTag}`) return '';
  return reason.endsWith(`[${ruleTag}]`) ? reason.replace(IN_REASON, '') : reason;
}
