import { isDeepStrictEqual } from 'node:util';
import { decide, PolicyReadError, readBundle } from '../../server/policy/evaluator/index.ts';
import type { Case, Judge, Judgement, Ruling } from './judge.ts';

/** Our ruling over a case, in the words of the judge. */
export function ourRuling(subject: Case): Ruling {
  const { payload, projectId, sdkVersion, stale, calls } = subject;
  try {
    const policy = readBundle(payload, {
      projectId,
      ...(sdkVersion === undefined ? {} : { sdkVersion }),
      ...(stale ? { fromCache: { createdAt: 0, now: 0 } } : {}),
    });
    const decisions = calls.map((call): Judgement => {
      const found = decide(policy, call);
      return {
        effect: found.effect,
        policy_id: found.policyId,
        reason: found.reason,
        reason_code: found.reasonCode,
        match_semantics: found.matchSemantics,
        divergent: found.divergentRuleIds,
        escalates: found.escalateOnDeny,
      };
    });
    return { status: policy.enforcementStatus, decisions };
  } catch (error) {
    if (error instanceof PolicyReadError) return { error: error.message };
    throw error;
  }
}

/** What two rulings have to agree on: everything but the wording of errors and of reasons that no rule wrote. */
function essence(ruling: Ruling): unknown {
  if (ruling.error !== undefined) return 'refused';
  const decisions = ruling.decisions.map((decision) =>
    decision.policy_id === 'synthetic:ENGINE_UNAVAILABLE'
      ? { effect: decision.effect, policy_id: decision.policy_id }
      : { ...decision, reason: decision.policy_id.startsWith('rule-') ? decision.reason : '' },
  );
  return { status: ruling.status, decisions };
}

/** True when both rulings say the same. */
export function agree(left: Ruling, right: Ruling): boolean {
  return isDeepStrictEqual(essence(left), essence(right));
}

/** Makes a differing case smaller, step by step, as long as both sides still differ. */
export async function smallest(judge: Judge, subject: Case): Promise<string> {
  let best = subject;
  for (let improved = true; improved; ) {
    improved = false;
    for (const candidate of smaller(best)) {
      const [theirs] = await judge.policies([candidate]);
      if (theirs !== undefined && !agree(ourRuling(candidate), theirs)) {
        best = candidate;
        improved = true;
        break;
      }
    }
  }
  const [theirs] = await judge.policies([best]);
  return JSON.stringify({ case: best, ours: ourRuling(best), theirs }, null, 1);
}

/** Every case with one member or one list entry left out. */
function* smaller(subject: Case): Generator<Case> {
  if (subject.calls.length > 1) {
    for (let at = 0; at < subject.calls.length; at += 1)
      yield { ...subject, calls: [subject.calls[at] as Case['calls'][0]] };
  }
  for (const payload of without(subject.payload)) yield { ...subject, payload };
  for (const call of without(subject.calls[0])) {
    if (typeof call === 'object' && call !== null && 'tool' in call)
      yield { ...subject, calls: [call as Case['calls'][0]] };
  }
}

function* without(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) {
      yield value.toSpliced(at, 1);
      for (const entry of without(value[at])) yield value.with(at, entry);
    }
    return;
  }
  for (const [key, entry] of Object.entries(value)) {
    yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    for (const part of without(entry)) yield { ...value, [key]: part };
  }
}
