import type { PolicyCall } from '../../server/policy/evaluator/index.ts';
import type { Case, Judgement } from './judge.ts';
import type { Random } from './random.ts';

export type Json = Record<string, unknown>;

/**
 * Two cases of one call each that differ in a single thing. When they are decided differently, that thing made the
 * difference: for a match where `isProbe` holds of the first case, for no match where it holds of the second.
 */
export interface Pair {
  readonly first: Case;
  readonly second: Case;
  /** Does this judgement come from the rule or default under test? Default: rule-0. */
  readonly isProbe?: (judgement: Judgement) => boolean;
}

/** Something of the policy language, and how to make pairs about it. */
export interface Feature {
  readonly name: string;
  make(random: Random): Pair;
}

/** A case of one rule before everything else, with a default that differs from its effect. */
export function oneRule(random: Random, rule: Json, call: PolicyCall, more: Json = {}): Case {
  const effect = rule['effect'] ?? random.pick(['deny', 'warn']);
  return {
    payload: {
      policies: [{ id: 'p', rules: [{ effect, ...rule }] }],
      default_action: effect === 'allow' ? 'deny' : 'allow',
      ...more,
    },
    projectId: 'proj-1',
    calls: [call],
  };
}

/** The same case with another call. */
export function withCall(subject: Case, call: PolicyCall): Case {
  return { ...subject, calls: [call] };
}

/** A pair of two calls against one rule. */
export function twoCalls(random: Random, rule: Json, first: PolicyCall, second: PolicyCall): Pair {
  const subject = oneRule(random, rule, first);
  return { first: subject, second: withCall(subject, second) };
}

/** A pair in either order, so that both directions come up. */
export function eitherWay(random: Random, pair: Pair): Pair {
  return random.chance(0.5) ? pair : { ...pair, first: pair.second, second: pair.first };
}
