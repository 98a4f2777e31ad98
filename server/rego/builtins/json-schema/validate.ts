import { BuiltinError } from '../../errors.ts';
import {
  compareNumbers,
  equal,
  isInteger,
  isNumber,
  keyOf,
  numberText,
  type RegoNumber,
  RegoObject,
  toText,
  typeName,
  type Value,
} from '../../values.ts';
import type { Charge } from '../algorithms/counted-text.ts';
import { parseFraction } from '../algorithms/quantity.ts';
import { matches } from '../algorithms/regular-expression.ts';
import { characterCount } from '../algorithms/text.ts';
import { isArray } from '../operands.ts';
import { hasFormat } from './formats.ts';
import type { Bound, Schema, SchemaType } from './schema.ts';

/** Why a document does not match: the kind of the rule, the place, and a sentence. */
export interface SchemaError {
  readonly type: string;
  readonly field: string;
  readonly description: string;
}

/** All reasons why a document does not match a schema; none when it does. `charge` is told of every step. */
export function validateDocument(schema: Schema, document: Value, charge: Charge): readonly SchemaError[] {
  return new Validation(charge).run(schema, document, '(Root)').errors;
}

const MAXIMUM_DEPTH = 500;

/** Errors, and how well the document did otherwise: of several alternatives the closest one is told. */
class Result {
  readonly errors: SchemaError[] = [];
  score = 0;

  add(type: string, field: string, description: string): void {
    this.errors.push({ type, field, description });
    this.score -= 1;
  }

  merge(other: Result): void {
    this.errors.push(...other.errors);
    this.score += other.score;
  }
}

function schemaType(value: Value): SchemaType {
  if (isNumber(value)) return isInteger(value) ? 'integer' : 'number';
  return typeName(value) as SchemaType;
}

function childField(field: string, key: string | number): string {
  return field === '(Root)' ? String(key) : `${field}.${key}`;
}

class Validation {
  readonly #charge: Charge;
  #depth = 0;

  constructor(charge: Charge) {
    this.#charge = charge;
  }

  run(schema: Schema, value: Value, field: string): Result {
    const result = new Result();
    this.#check(schema, value, field, result);
    return result;
  }

  #check(schema: Schema, value: Value, field: string, result: Result): void {
    this.#charge(4);
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) {
      throw new BuiltinError(`the schema refers to itself deeper than ${MAXIMUM_DEPTH} levels`);
    }
    if (schema.reference) this.#check(schema.reference(), value, field, result);
    else if (schema.refuses) result.add('false', field, 'False always fails validation');
    else if (this.#hasType(schema, value, field, result)) this.#checkContents(schema, value, field, result);
    this.#depth -= 1;
  }

  #hasType({ types }: Schema, value: Value, field: string, result: Result): boolean {
    const given = schemaType(value);
    if (!types || types.includes(given) || (given === 'integer' && types.includes('number'))) return true;
    const expected = types.length === 1 ? types[0] : `[${types.join(',')}]`;
    result.add('invalid_type', field, `Invalid type. Expected: ${expected}, given: ${given}`);
    return false;
  }

  #checkContents(schema: Schema, value: Value, field: string, result: Result): void {
    this.#checkCombinations(schema, value, field, result);
    if (isArray(value)) this.#checkArray(schema, value, field, result);
    else if (value instanceof RegoObject) this.#checkObject(schema, value, field, result);
    this.#checkGeneral(schema, value, field, result);
    if (value instanceof RegoObject) this.#checkProperties(schema, value, field, result);
    else if (typeof value === 'string') this.#checkText(schema, value, field, result);
    else if (isNumber(value)) this.#checkNumber(schema, value, field, result);
  }

  /** The result of the alternative that came closest; undefined when one matched as often as wanted. */
  #closest(alternatives: readonly Schema[], value: Value, field: string, wanted: (count: number) => boolean) {
    let matched = 0;
    let best: Result | undefined;
    for (const alternative of alternatives) {
      const outcome = this.run(alternative, value, field);
      if (outcome.errors.length === 0) matched += 1;
      else if (matched === 0 && (!best || outcome.score > best.score)) best = outcome;
    }
    return { holds: wanted(matched), best: matched === 0 ? best : undefined };
  }

  #checkCombinations(schema: Schema, value: Value, field: string, result: Result): void {
    if (schema.anyOf) {
      const { holds, best } = this.#closest(schema.anyOf, value, field, (count) => count > 0);
      if (!holds) {
        result.add('number_any_of', field, 'Must validate at least one schema (anyOf)');
        if (best) result.merge(best);
      }
    }
    if (schema.oneOf) {
      const { holds, best } = this.#closest(schema.oneOf, value, field, (count) => count === 1);
      if (!holds) {
        result.add('number_one_of', field, 'Must validate one and only one schema (oneOf)');
        if (best) result.merge(best);
      }
    }
    if (schema.allOf) {
      const outcomes = schema.allOf.map((part) => this.run(part, value, field));
      for (const outcome of outcomes) result.merge(outcome);
      if (outcomes.some((outcome) => outcome.errors.length > 0)) {
        result.add('number_all_of', field, 'Must validate all the schemas (allOf)');
      }
    }
    if (schema.not && this.run(schema.not, value, field).errors.length === 0) {
      result.add('number_not', field, 'Must not validate the schema (not)');
    }
    if (schema.dependencies && value instanceof RegoObject) {
      this.#checkDependencies(schema.dependencies, value, field, result);
    }
    this.#checkCondition(schema, value, field, result);
    result.score += 1;
  }

  #checkDependencies(
    dependencies: NonNullable<Schema['dependencies']>,
    value: RegoObject,
    field: string,
    result: Result,
  ): void {
    for (const [name, dependency] of dependencies) {
      if (!value.has(name)) continue;
      if ('length' in dependency) {
        for (const needed of dependency) {
          if (!value.has(needed)) result.add('missing_dependency', field, `Has a dependency on ${needed}`);
        }
      } else {
        this.#check(dependency, value, field, result);
      }
    }
  }

  #checkCondition({ condition }: Schema, value: Value, field: string, result: Result): void {
    if (!condition) return;
    const holds = this.run(condition.if, value, field).errors.length === 0;
    const branch = holds ? condition.then : condition.else;
    const outcome = branch && this.run(branch, value, field);
    if (!outcome || outcome.errors.length === 0) return;
    const reason = holds ? 'Must validate "then" as "if" was valid' : 'Must validate "else" as "if" was not valid';
    result.add(holds ? 'condition_then' : 'condition_else', field, reason);
    result.merge(outcome);
  }

  #checkGeneral(schema: Schema, value: Value, field: string, result: Result): void {
    if (schema.constant && !equal(schema.constant.value, value)) {
      result.add('const', field, `${field} does not match: ${toText(schema.constant.value)}`);
    }
    if (schema.enumeration && !schema.enumeration.some((allowed) => equal(allowed, value))) {
      const allowed = schema.enumeration.map(toText).join(', ');
      result.add('enum', field, `${field} must be one of the following: ${allowed}`);
    }
    if (schema.format !== undefined && typeof value === 'string' && !hasFormat(schema.format, value, this.#charge)) {
      result.add('format', field, `Does not match format '${schema.format}'`);
    }
    result.score += 1;
  }

  #checkArray(schema: Schema, items: readonly Value[], field: string, result: Result): void {
    this.#checkItems(schema, items, field, result);
    const { minItems, maxItems } = schema;
    if (minItems !== undefined && items.length < minItems) {
      result.add('array_min_items', field, `Array must have at least ${minItems} items`);
    }
    if (maxItems !== undefined && items.length > maxItems) {
      result.add('array_max_items', field, `Array must have at most ${maxItems} items`);
    }
    if (schema.uniqueItems) this.#checkUnique(items, field, result);
    if (schema.contains) this.#checkContains(schema.contains, items, field, result);
    result.score += 1;
  }

  #checkItems({ items: rule, additionalItems }: Schema, items: readonly Value[], field: string, result: Result): void {
    if (rule === undefined) return;
    const isPositional = 'length' in rule;
    for (const [index, item] of items.entries()) {
      const schema = isPositional ? (rule[index] ?? additionalItems) : rule;
      if (!schema) continue;
      if (isPositional && index >= rule.length && schema.refuses) {
        result.add('array_no_additional_items', field, 'No additional items allowed on array');
        return;
      }
      this.#check(schema, item, childField(field, index), result);
    }
  }

  #checkUnique(items: readonly Value[], field: string, result: Result): void {
    const latest = new Map<unknown, number>();
    for (const [index, item] of items.entries()) {
      const key = keyOf(item);
      const known = latest.get(key);
      if (known !== undefined) result.add('unique', field, `array items[${known},${index}] must be unique`);
      latest.set(key, index);
    }
  }

  #checkContains(schema: Schema, items: readonly Value[], field: string, result: Result): void {
    let best: Result | undefined;
    for (const [index, item] of items.entries()) {
      const outcome = this.run(schema, item, childField(field, index));
      if (outcome.errors.length === 0) return;
      if (!best || outcome.score > best.score) best = outcome;
    }
    result.add('contains', field, 'At least one of the items must match');
    if (best) result.merge(best);
  }

  #checkObject(schema: Schema, value: RegoObject, field: string, result: Result): void {
    const { minProperties, maxProperties } = schema;
    if (minProperties !== undefined && value.size < minProperties) {
      result.add('array_min_properties', field, `Must have at least ${minProperties} properties`);
    }
    if (maxProperties !== undefined && value.size > maxProperties) {
      result.add('array_max_properties', field, `Must have at most ${maxProperties} properties`);
    }
    for (const name of schema.required ?? []) {
      if (!value.has(name)) result.add('required', field, `${name} is required`);
    }
    for (const [key, member] of value.entries()) this.#checkExtraProperty(schema, String(key), member, field, result);
    for (const key of schema.propertyNames ? value.keys() : []) {
      const outcome = this.run(schema.propertyNames!, String(key), field);
      if (outcome.errors.length === 0) continue;
      result.add('invalid_property_name', field, `Property name of "${String(key)}" does not match`);
      result.merge(outcome);
    }
    result.score += 1;
  }

  #checkProperties(schema: Schema, value: RegoObject, field: string, result: Result): void {
    for (const [name, property] of schema.properties ?? []) {
      const member = value.get(name);
      if (member !== undefined) this.#check(property, member, childField(field, name), result);
    }
  }

  #checkExtraProperty(schema: Schema, name: string, value: Value, field: string, result: Result): void {
    const patterns = (schema.patternProperties ?? []).filter(({ pattern }) =>
      matches(pattern.expression, name, this.#charge),
    );
    for (const { schema: rule } of patterns) this.#check(rule, value, childField(field, name), result);
    if (patterns.length > 0 || schema.properties?.has(name) || !schema.additionalProperties) return;
    if (schema.additionalProperties.refuses) {
      result.add('additional_property_not_allowed', field, `Additional property ${name} is not allowed`);
    } else {
      this.#check(schema.additionalProperties, value, childField(field, name), result);
    }
  }

  #checkText(schema: Schema, value: string, field: string, result: Result): void {
    const length = characterCount(value);
    if (schema.minLength !== undefined && length < schema.minLength) {
      result.add('string_gte', field, `String length must be greater than or equal to ${schema.minLength}`);
    }
    if (schema.maxLength !== undefined && length > schema.maxLength) {
      result.add('string_lte', field, `String length must be less than or equal to ${schema.maxLength}`);
    }
    if (schema.pattern && !matches(schema.pattern.expression, value, this.#charge)) {
      result.add('pattern', field, `Does not match pattern '${schema.pattern.text}'`);
    }
    result.score += 1;
  }

  #checkNumber(schema: Schema, value: RegoNumber, field: string, result: Result): void {
    const { multipleOf } = schema;
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
      result.add('multiple_of', field, `Must be a multiple of ${numberText(multipleOf)}`);
    }
    const check = (bound: Bound | undefined, direction: 1 | -1) => {
      if (!bound) return;
      const order = compareNumbers(value, bound.value) * direction;
      if (order > 0 || (order === 0 && !bound.exclusive)) return;
      const than = direction === 1 ? 'greater than' : 'less than';
      const kind = direction === 1 ? 'number_gt' : 'number_lt';
      const text = `Must be ${than} ${bound.exclusive ? '' : 'or equal to '}${numberText(bound.value)}`;
      result.add(bound.exclusive ? kind : `${kind}e`, field, text);
    };
    check(schema.maximum, -1);
    check(schema.exclusiveMaximum, -1);
    check(schema.minimum, 1);
    check(schema.exclusiveMinimum, 1);
    result.score += 1;
  }
}

function isMultiple(value: RegoNumber, of: RegoNumber): boolean {
  const [left, right] = [parseFraction(numberText(value)), parseFraction(numberText(of))];
  if (!left || !right) return false;
  return (left.numerator * right.denominator) % (right.numerator * left.denominator) === 0n;
}
