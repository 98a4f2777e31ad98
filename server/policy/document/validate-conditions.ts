import { conditionOperators, operatorAliases } from '../evaluator/conditions.ts';
import type { ConditionEnvelope, PolicyRule, Scalar } from './document.ts';
import { isEnvelope } from './document.ts';
import { LIMITS } from './limits.ts';
import { nearest } from './nearest.ts';
import { type ProblemList, quote } from './problem.ts';
import { canExplode, expressionFault } from './regular-expression.ts';
import { step } from './source-map.ts';

const NUMERIC = ['gt', 'lt', 'gte', 'lte'];
const TEXTUAL = ['equals', 'contains', 'glob', 'matches', 'in', 'not_in'];

/**
 * Judges what each condition of a rule says: its operator exists, its operand is one that can match, its expression is
 * read alike everywhere. One unknown operator would keep every SDK of the project from starting.
 */
export function validateConditions(rule: PolicyRule, pointer: string, problems: ProblemList): void {
  for (const [key, condition] of Object.entries(rule.conditions ?? {})) {
    const at = step(step(pointer, 'conditions'), key);
    if (isEnvelope(condition)) validateEnvelope(key, condition, at, problems);
    else if (condition === '') {
      problems.error('empty_text', at, `The condition ${key} is empty text. Write { op: not_exists } or a value.`);
    }
  }
}

function validateEnvelope(key: string, condition: ConditionEnvelope, pointer: string, problems: ProblemList): void {
  const op = Object.hasOwn(operatorAliases, condition.op) ? operatorAliases[condition.op]! : condition.op;
  const at = step(pointer, 'op');
  if (!conditionOperators.includes(op)) {
    const suggestion = nearest(condition.op, [...conditionOperators, ...Object.keys(operatorAliases)], 2);
    const meant =
      suggestion === undefined ? `Use one of ${conditionOperators.join(', ')}.` : `Did you mean ${suggestion}?`;
    const message = `The condition ${key} has the unknown operator ${quote(condition.op)}, which stops every SDK. ${meant}`;
    problems.error('unknown_operator', at, message, {
      ...(suggestion !== undefined && {
        suggestion,
        fix: {
          title: `Write ${suggestion}`,
          patch: [{ op: 'replace', path: problems.authored(at), value: suggestion }],
        },
      }),
    });
    return;
  }
  const fault = operandFault(op, condition);
  if (fault) problems.error('bad_operand', step(pointer, 'value'), `The condition ${key}: ${fault}`);
  else if (op === 'matches' && canExplode(String(condition.value))) {
    const message = `The expression of ${key} repeats a repetition, which can take the Python SDK very long.`;
    problems.warn('slow_expression', step(pointer, 'value'), message);
  }
  if (condition.case_insensitive && !TEXTUAL.includes(op)) {
    problems.warn(
      'no_effect_here',
      step(pointer, 'case_insensitive'),
      `case_insensitive means nothing for ${op}. Remove it.`,
    );
  }
}

function operandFault(op: string, { value, case_insensitive: folds }: ConditionEnvelope): string | undefined {
  if (op === 'exists' || op === 'not_exists') return presenceFault(op, value);
  if (value === undefined) return `${op} needs a value.`;
  if (op === 'in' || op === 'not_in') return listFault(op, value);
  if (op === 'in_range' || op === 'outside_range') return rangeFault(op, value);
  if (Array.isArray(value)) return `${op} takes one value, not a list. Use in for a list.`;
  if (NUMERIC.includes(op)) return isNumeric(value) ? undefined : `${op} needs a number, not ${quote(value)}.`;
  if (op === 'matches') return matchesFault(value, folds === true);
  if (value === '') return `${op} with empty text is of no use. Use exists or not_exists.`;
  return undefined;
}

function presenceFault(op: string, value: ConditionEnvelope['value']): string | undefined {
  if (value === undefined || value === true) return undefined;
  const other = op === 'exists' ? 'not_exists' : 'exists';
  return `${op} takes no value (found ${quote(value)}). For the opposite write ${other}.`;
}

function listFault(op: string, value: Scalar | Scalar[]): string | undefined {
  const items = Array.isArray(value) ? value : String(value).split(',');
  if (items.some((item) => String(item).trim() !== '')) return undefined;
  return `${op} with an empty list never matches. Name at least one value.`;
}

function rangeFault(op: string, value: Scalar | Scalar[]): string | undefined {
  const bounds = Array.isArray(value) ? value : splitRange(value);
  const [low, high] = bounds;
  if (bounds.length !== 2 || low === undefined || high === undefined) {
    return `${op} needs two bounds: [low, high] or "low-high"; write negative numbers as a list.`;
  }
  if (isNumeric(low) !== isNumeric(high)) return `${op} needs two numbers or two texts, not one of each.`;
  const inOrder = isNumeric(low) ? Number(low) <= Number(high) : String(low) <= String(high);
  return inOrder ? undefined : `${op}: the lower bound ${quote(low)} is above the upper bound ${quote(high)}.`;
}

function splitRange(value: Scalar): Scalar[] {
  return typeof value === 'string' && /^[^-]+-[^-]+$/.test(value) ? value.split('-').map((part) => part.trim()) : [];
}

function matchesFault(value: Scalar, folds: boolean): string | undefined {
  if (typeof value !== 'string' || value === '') return 'matches needs a regular expression as text.';
  if (value.length > LIMITS.conditionTextLength)
    return `the expression is longer than ${LIMITS.conditionTextLength} characters.`;
  if (folds && /\\[A-Z]/.test(value)) {
    return 'with case_insensitive an escape such as \\S is read as \\s. Write (?i) at the start instead.';
  }
  const fault = expressionFault(value);
  return fault === undefined ? undefined : `the expression is not read alike by every SDK: ${fault}.`;
}

function isNumeric(value: Scalar): boolean {
  if (typeof value === 'number') return true;
  return typeof value === 'string' && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value);
}
