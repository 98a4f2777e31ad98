import type { ActionPattern, Pattern } from './patterns.ts';
import { EvaluationFault, shown } from './policy-error.ts';
import type { CompiledRule } from './policy-types.ts';
import { isTruthy } from './python-text.ts';
import type { Question } from './question.ts';

/** The gates of a rule in the order they are asked; `matched` when all let the call through. */
export type Gate = 'action' | 'client' | 'project' | 'resource' | 'condition' | 'matched';

/** What one rule says to one call. */
export interface Verdict {
  /** The gate that stopped the call. */
  readonly gate: Gate;
  /** The key of the condition that did not hold. */
  readonly condition?: string;
  /** The action matches even without the names that tool aliases bring. */
  readonly asCalled: boolean;
  /** Matches with every name and everything conditions see now. */
  readonly matches: boolean;
  /** Matches as called, with what conditions saw in earlier releases. */
  readonly matchedBefore: boolean;
}

const stopped = { matches: false, matchedBefore: false };

/**
 * Asks the gates of a rule in order.
 * @throws EvaluationFault when a selector meets a value that is not text
 */
export function judge(rule: CompiledRule, question: Question): Verdict {
  const { wide, narrow, tools } = question.candidates;
  if (!matchesAction(rule.actions, wide, tools)) return { gate: 'action', asCalled: false, ...stopped };
  const asCalled = wide === narrow || matchesAny(rule.actions, narrow);
  if (!isSelected(rule.clients, question.client, 'client_name')) return { gate: 'client', asCalled, ...stopped };
  if (!isSelected(rule.projects, question.project, 'project_id')) return { gate: 'project', asCalled, ...stopped };
  if (!isCovered(rule.resources, question.resource)) return { gate: 'resource', asCalled, ...stopped };
  const failing = rule.conditions.find((condition) => !condition.holds(question.now));
  const matches = failing === undefined;
  const heldBefore =
    question.now === question.before ? matches : rule.conditions.every((condition) => condition.holds(question.before));
  if (!matches && !heldBefore) return { gate: 'condition', condition: failing.key, asCalled, ...stopped };
  return { gate: 'matched', asCalled, matches, matchedBefore: asCalled && heldBefore };
}

function matchesAction(
  patterns: readonly ActionPattern[],
  actions: readonly string[],
  tools: readonly string[],
): boolean {
  for (const pattern of patterns) {
    if (pattern.tool !== undefined && !tools.includes(pattern.tool)) continue;
    for (const action of actions) if (pattern.matches(action)) return true;
  }
  return false;
}

function matchesAny(patterns: readonly Pattern[], values: readonly string[]): boolean {
  for (const pattern of patterns) {
    for (const value of values) if (pattern.matches(value)) return true;
  }
  return false;
}

function isSelected(patterns: readonly Pattern[], value: unknown, name: string): boolean {
  return patterns.length === 0 || matchesAny(patterns, [text(value, name)]);
}

function isCovered(patterns: readonly Pattern[], resource: unknown): boolean {
  return patterns.length === 0 || (isTruthy(resource) && matchesAny(patterns, [text(resource, 'resource')]));
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new EvaluationFault(`context.${name} has to be text, not ${shown(value)}`);
}
