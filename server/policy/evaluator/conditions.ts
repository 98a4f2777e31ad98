import { compileGlob } from './patterns.ts';
import { type PolicyPlace, PolicyReadError } from './policy-error.ts';
import {
  characterCount,
  compareText,
  firstCharacters,
  foldCase,
  includesText,
  isObject,
  isTruthy,
  member,
  numberOf,
  strip,
  textOf,
} from './python-text.ts';
import { compileExpression, longestExpression, searchedCharacters } from './regex.ts';

/** Looks up what a call says under a name: context (with its tags) before arguments. Null and undefined mean absent. */
export type Facts = (key: string) => unknown;

/** One compiled condition: holds or not for the facts of a call. */
export interface Condition {
  readonly key: string;
  holds(facts: Facts): boolean;
}

/** Names that conditions may give their operators, with the operator each stands for. */
export const operatorAliases: Readonly<Record<string, string>> = {
  matches_pattern: 'matches',
  greater_than: 'gt',
  less_than: 'lt',
  greater_than_or_equal: 'gte',
  less_than_or_equal: 'lte',
};

/** Condition keys that never become operators: they belong to the server, and SDKs never see them hold. */
export const reservedConditionKeys: ReadonlySet<string> = new Set(['time_range', 'ip_whitelist', 'tags']);

type Test = (value: unknown) => boolean;
type Operator = (operand: unknown, ignoreCase: boolean, place: PolicyPlace) => Test;

/** `exists` and `not_exists` are handled before these: they alone accept an absent value. */
const operators: Readonly<Record<string, Operator>> = {
  gt: (operand) => numeric(operand, (value, bound) => value > bound),
  lt: (operand) => numeric(operand, (value, bound) => value < bound),
  gte: (operand) => numeric(operand, (value, bound) => value >= bound),
  lte: (operand) => numeric(operand, (value, bound) => value <= bound),
  in: (operand, ignoreCase) => membership(operand, ignoreCase, true),
  not_in: (operand, ignoreCase) => membership(operand, ignoreCase, false),
  in_range: (operand) => range(operand, true),
  outside_range: (operand) => range(operand, false),
  equals: (operand, ignoreCase) => {
    const expected = folded(operand, ignoreCase);
    return (value) => folded(value, ignoreCase) === expected;
  },
  contains: (operand, ignoreCase) => {
    const part = folded(operand, ignoreCase);
    return (value) => includesText(folded(value, ignoreCase), part);
  },
  glob: (operand, ignoreCase) => {
    const pattern = compileGlob(folded(operand, ignoreCase));
    return (value) => pattern.matches(folded(value, ignoreCase));
  },
  matches: search,
};

/** Every operator a condition may name, without the aliases. */
export const conditionOperators: readonly string[] = [...Object.keys(operators), 'exists', 'not_exists'];

/**
 * Compiles the conditions of a rule; all of them have to hold.
 * @throws PolicyReadError for an operator SDKs do not know (they refuse the whole bundle) and for a regular expression
 * that cannot be decided here
 */
export function compileConditions(conditions: Readonly<Record<string, unknown>>, place: PolicyPlace): Condition[] {
  return Object.entries(conditions).map(([key, expected]) => {
    const at = { ...place, field: `${place.field}.${key}` };
    const operator = reservedConditionKeys.has(key) ? undefined : operatorOf(expected);
    if (operator !== undefined) return envelopeCondition(key, operator, expected as Record<string, unknown>, at);
    return plainCondition(key, textOf(expected));
  });
}

function operatorOf(expected: unknown): string | undefined {
  const name = isObject(expected) ? member(expected, 'op') : undefined;
  return typeof name === 'string' ? name : undefined;
}

function envelopeCondition(
  key: string,
  name: string,
  envelope: Readonly<Record<string, unknown>>,
  place: PolicyPlace,
): Condition {
  const canonical = Object.hasOwn(operatorAliases, name) ? (operatorAliases[name] as string) : name;
  if (canonical === 'exists') return { key, holds: (facts) => isPresent(facts(key)) };
  if (canonical === 'not_exists') return { key, holds: (facts) => !isPresent(facts(key)) };
  const operator = Object.hasOwn(operators, canonical) ? operators[canonical] : undefined;
  if (operator === undefined) {
    throw new PolicyReadError(
      `unknown operator "${name}"; SDKs refuse the whole bundle. Use one of ${conditionOperators.join(', ')}`,
      place,
    );
  }
  const test = operator(member(envelope, 'value'), isTruthy(member(envelope, 'case_insensitive')), place);
  return {
    key,
    holds: (facts) => {
      const value = facts(key);
      return isPresent(value) && test(value);
    },
  };
}

/** A plain value is a glob over the text; on `input_text`, without glob characters, it is a part of the text. */
function plainCondition(key: string, expected: string): Condition {
  const isPart = foldCase(key) === 'input_text' && !/[*?[]/.test(expected);
  const glob = compileGlob(expected);
  return {
    key,
    holds: (facts) => {
      const value = facts(key);
      if (!isPresent(value)) return false;
      const text = textOf(value);
      return isPart ? includesText(text, expected) : glob.matches(text);
    },
  };
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function folded(value: unknown, ignoreCase: boolean): string {
  const text = textOf(value);
  return ignoreCase ? foldCase(text) : text;
}

function numeric(operand: unknown, compare: (value: number, bound: number) => boolean): Test {
  const bound = numberOf(operand);
  if (bound === undefined) return () => false;
  return (value) => {
    const number = numberOf(value);
    return number !== undefined && compare(number, bound);
  };
}

function membership(operand: unknown, ignoreCase: boolean, wanted: boolean): Test {
  const items = new Set(listItems(operand).map((item) => folded(item, ignoreCase)));
  if (items.size === 0) return () => false;
  return (value) => items.has(folded(value, ignoreCase)) === wanted;
}

/** A list, or text with commas; null members and blank parts do not count. */
function listItems(operand: unknown): unknown[] {
  if (!isPresent(operand)) return [];
  if (Array.isArray(operand)) return operand.filter(isPresent);
  return typeof operand === 'string' ? operand.split(',').map(strip).filter(isTruthy) : [operand];
}

/** Inclusive; numeric when value and both bounds are numbers, else by text (so that `HH:MM` orders correctly). */
function range(operand: unknown, wanted: boolean): Test {
  const bounds = rangeBounds(operand);
  if (bounds === undefined) return () => false;
  const [low, high] = bounds;
  const lowNumber = numberOf(low);
  const highNumber = numberOf(high);
  return (value) => {
    const number = numberOf(value);
    if (number !== undefined && lowNumber !== undefined && highNumber !== undefined) {
      return (lowNumber <= number && number <= highNumber) === wanted;
    }
    const text = textOf(value);
    return (compareText(low, text) <= 0 && compareText(text, high) <= 0) === wanted;
  };
}

function rangeBounds(operand: unknown): readonly [string, string] | undefined {
  if (Array.isArray(operand)) return operand.length === 2 ? [textOf(operand[0]), textOf(operand[1])] : undefined;
  if (typeof operand !== 'string') return undefined;
  const dash = operand.indexOf('-');
  const low = strip(operand.slice(0, Math.max(dash, 0)));
  const high = strip(operand.slice(dash + 1));
  return dash >= 0 && low !== '' && high !== '' ? [low, high] : undefined;
}

function search(operand: unknown, ignoreCase: boolean, place: PolicyPlace): Test {
  // The SDK folds the expression itself too, so with case_insensitive `\S` is read as `\s`.
  const source = folded(operand, ignoreCase);
  if (characterCount(source) > longestExpression) return () => false;
  const expression = compileExpression(source, ignoreCase);
  if (expression.kind === 'undecidable') {
    throw new PolicyReadError(
      `the regular expression cannot be decided: ${expression.problem}. Use what Python re and RE2 have in common`,
      place,
    );
  }
  if (expression.kind === 'invalid') return () => false;
  return (value) => expression.found(firstCharacters(folded(value, ignoreCase), searchedCharacters));
}
