import type { Condition, ConditionEnvelope, Scalar } from './document.ts';
import { checkKeys, isObject, type JsonObject, readBoolean, readText } from './fields.ts';
import { LIMITS } from './limits.ts';
import { type ProblemList, quote } from './problem.ts';
import { step } from './source-map.ts';

/** Conditions that only a server could decide; SDKs never match them, so a deny that carries one never fires. */
const RESERVED = ['time_range', 'ip_whitelist', 'tags'];

const ENVELOPE_KEYS = ['op', 'value', 'case_insensitive'];

/**
 * Reads the conditions of a rule into their canonical shape; undefined when one of them cannot be read.
 * Which operators exist and what they take is judged afterwards, on the canonical document.
 */
export function shapeConditions(value: unknown, pointer: string, problems: ProblemList) {
  if (!isObject(value)) {
    problems.error('not_object', pointer, `conditions has to be an object of field names, not ${quote(value)}.`);
    return undefined;
  }
  const keys = Object.keys(value);
  if (keys.length === 0) {
    const message = 'conditions is empty, which SDKs read as no condition at all. Add one or remove the key.';
    problems.error('empty_conditions', pointer, message);
    return undefined;
  }
  if (keys.length > LIMITS.conditions) {
    problems.error('too_many', pointer, `A rule has ${keys.length} conditions; the limit is ${LIMITS.conditions}.`);
    return undefined;
  }
  const conditions: Record<string, Condition> = {};
  for (const key of keys) {
    const condition = shapeCondition(key, value[key], step(pointer, key), problems);
    if (condition !== undefined) conditions[key] = condition;
  }
  return Object.keys(conditions).length === keys.length ? conditions : undefined;
}

function shapeCondition(key: string, value: unknown, pointer: string, problems: ProblemList): Condition | undefined {
  if (RESERVED.includes(key)) {
    const message = `The condition ${key} is reserved: SDKs never match it, so the rule would never apply. Remove it.`;
    problems.error('reserved_condition', pointer, message, { onKey: true });
    return undefined;
  }
  if (key === '__proto__') {
    problems.error('bad_form', pointer, 'A condition cannot be named __proto__. Choose another field.', {
      onKey: true,
    });
    return undefined;
  }
  if (readText(key, pointer, 'A condition name', { max: LIMITS.conditionKeyLength }, problems) === undefined) {
    return undefined;
  }
  return isObject(value) ? shapeEnvelope(value, pointer, problems) : shapeScalar(value, pointer, problems);
}

function shapeEnvelope(value: JsonObject, pointer: string, problems: ProblemList): ConditionEnvelope | undefined {
  checkKeys(value, pointer, 'A condition', ENVELOPE_KEYS, {}, problems);
  if (!Object.hasOwn(value, 'op')) {
    const message = 'A condition written as an object needs an operator: { op: equals, value: … }.';
    problems.error('missing_operator', pointer, message);
    return undefined;
  }
  const op = readText(value.op, step(pointer, 'op'), 'op', { max: LIMITS.idLength }, problems);
  const caseInsensitive = Object.hasOwn(value, 'case_insensitive')
    ? readBoolean(value.case_insensitive, step(pointer, 'case_insensitive'), 'case_insensitive', problems)
    : false;
  const operand = Object.hasOwn(value, 'value') ? shapeOperand(value.value, step(pointer, 'value'), problems) : null;
  if (op === undefined || caseInsensitive === undefined || operand === undefined) return undefined;
  return { op, ...(operand !== null && { value: operand }), ...(caseInsensitive && { case_insensitive: true }) };
}

function shapeOperand(value: unknown, pointer: string, problems: ProblemList): Scalar | Scalar[] | undefined {
  if (!Array.isArray(value)) return shapeScalar(value, pointer, problems);
  if (value.length > LIMITS.conditionList) {
    problems.error('too_many', pointer, `This list has ${value.length} entries; the limit is ${LIMITS.conditionList}.`);
    return undefined;
  }
  const scalars = value.map((item, index) => shapeScalar(item, step(pointer, index), problems));
  return scalars.every((scalar) => scalar !== undefined) ? scalars : undefined;
}

function shapeScalar(value: unknown, pointer: string, problems: ProblemList): Scalar | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return shapeNumber(value, pointer, problems);
  if (Array.isArray(value)) {
    const message = 'A condition cannot be a plain list, which SDKs never match. Write { op: in, value: [...] }.';
    const fix = {
      title: 'Write the list with the operator in',
      patch: [{ op: 'replace' as const, path: problems.authored(pointer), value: { op: 'in', value } }],
    };
    problems.error('condition_list', pointer, message, { fix });
    return undefined;
  }
  if (value === '') return '';
  return readText(value, pointer, 'A condition value', { max: LIMITS.conditionTextLength, lines: true }, problems);
}

function shapeNumber(value: number, pointer: string, problems: ProblemList): number | undefined {
  const fits = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (fits) return Object.is(value, -0) ? 0 : value;
  problems.error('number_range', pointer, `The number ${value} cannot be kept exactly. Write it as text, in quotes.`);
  return undefined;
}
