import { BuiltinError } from '../../errors.ts';
import { compareNumbers, isNumber, type RegoNumber, RegoObject, toBigInt, type Value } from '../../values.ts';
import type { Charge } from '../algorithms/counted-text.ts';
import { unescapeText } from '../algorithms/query.ts';
import { compilePattern } from '../algorithms/regular-expression.ts';
import { isArray } from '../operands.ts';
import { type Bound, type Pattern, type Schema, type SchemaType, TYPES } from './schema.ts';

/** Checks a schema and prepares it, charging for its patterns. Throws a BuiltinError that names the first keyword that is wrong. */
export function compileSchema(document: Value, charge: Charge): Schema {
  return new Compiler(document, charge).compile();
}

const MAXIMUM_DEPTH = 200;

const NO_ITEMS = 'Invalid type. Expected: Valid Schema/Array Of Schemas, given: items';

class Compiler {
  readonly #document: Value;
  readonly #byIdentifier = new Map<string, Value>();
  readonly #known = new Map<Value, Schema>();
  #depth = 0;

  readonly #charge: Charge;

  constructor(document: Value, charge: Charge) {
    this.#document = document;
    this.#charge = charge;
    if (document instanceof RegoObject) this.#collectIdentifiers(document, 0);
  }

  compile(): Schema {
    return this.#schema(this.#document, 'schema is invalid');
  }

  #collectIdentifiers(value: Value, depth: number): void {
    if (depth > MAXIMUM_DEPTH) throw new BuiltinError(`the schema is nested deeper than ${MAXIMUM_DEPTH}`);
    if (isArray(value)) for (const item of value) this.#collectIdentifiers(item, depth + 1);
    if (!(value instanceof RegoObject)) return;
    const identifier = value.get('$id') ?? value.get('id');
    if (typeof identifier === 'string') this.#byIdentifier.set(identifier, value);
    for (const member of value.values()) this.#collectIdentifiers(member, depth + 1);
  }

  /** `refusal` tells what is no schema: the words depend on where it stands. */
  #schema(value: Value, refusal = 'Expected: Valid Schema, given: Invalid JSON'): Schema {
    if (value === true) return {};
    if (value === false) return { refuses: true };
    if (!(value instanceof RegoObject)) throw new BuiltinError(refusal);
    const known = this.#known.get(value);
    if (known) return known;
    const schema: Schema = {};
    this.#known.set(value, schema);
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) throw new BuiltinError(`the schema is nested deeper than ${MAXIMUM_DEPTH}`);
    this.#fill(schema, value);
    this.#depth -= 1;
    return schema;
  }

  #fill(schema: Schema, source: RegoObject): void {
    const reference = source.get('$ref');
    if (reference !== undefined) {
      if (typeof reference !== 'string') throw new BuiltinError('Invalid type. Expected: string, given: $ref');
      const target = this.#resolve(reference);
      schema.reference = () => this.#schema(target);
      this.#schema(target);
      return;
    }
    Object.assign(
      schema,
      this.#general(source),
      this.#combinations(source),
      this.#objectKeywords(source),
      this.#arrayKeywords(source),
      textKeywords(source, this.#charge),
      numberKeywords(source),
    );
    for (const name of ['definitions', '$defs']) {
      const refusal = `Invalid type. Expected: Array Of Schemas, given: ${name}`;
      for (const [, member] of objectKeyword(source, name, refusal) ?? []) this.#schema(member, refusal);
    }
  }

  #resolve(reference: string): Value {
    const [base = '', fragment = ''] = reference.split('#');
    let current: Value = this.#document;
    if (base !== '' || (fragment !== '' && !fragment.startsWith('/'))) {
      const found = this.#byIdentifier.get(reference) ?? this.#byIdentifier.get(base);
      if (found === undefined) {
        throw new BuiltinError(`remote reference loading disabled: ${reference} is not part of the schema`);
      }
      current = found;
      if (this.#byIdentifier.has(reference)) return current;
    }
    for (const raw of fragment.split('/').slice(1)) {
      const key = unescapeText(raw, false).replaceAll('~1', '/').replaceAll('~0', '~');
      const next: Value | undefined =
        current instanceof RegoObject ? current.get(key) : isArray(current) ? current[Number(key)] : undefined;
      if (next === undefined) throw new BuiltinError(`Object has no key '${key}'`);
      current = next;
    }
    return current;
  }

  #general(source: RegoObject): Partial<Schema> {
    const schema: Partial<Schema> = {};
    const types = typesKeyword(source);
    if (types) schema.types = types;
    const constant = source.get('const');
    if (constant !== undefined) schema.constant = { value: constant };
    const enumeration = source.get('enum');
    if (enumeration !== undefined) {
      if (!isArray(enumeration)) throw new BuiltinError('enum must be of an array');
      schema.enumeration = enumeration;
    }
    const format = source.get('format');
    if (format !== undefined) {
      if (typeof format !== 'string') throw new BuiltinError('format must be of type string');
      schema.format = format;
    }
    return schema;
  }

  #list(source: RegoObject, name: 'allOf' | 'anyOf' | 'oneOf'): Partial<Schema> {
    const value = source.get(name);
    if (value === undefined) return {};
    if (!isArray(value)) throw new BuiltinError(`${name} must be of an array`);
    return { [name]: value.map((item) => this.#schema(item)) };
  }

  #single<Name extends string>(source: RegoObject, name: Name, refusal: string): { [Key in Name]?: Schema } {
    const value = source.get(name);
    if (value === undefined) return {};
    return { [name]: this.#schema(value, refusal) } as { [Key in Name]?: Schema };
  }

  #combinations(source: RegoObject): Partial<Schema> {
    const condition = this.#single(source, 'if', 'if must be of an object').if;
    const branches = {
      ...this.#single(source, 'then', 'then must be of an object'),
      ...this.#single(source, 'else', 'else must be of an object'),
    };
    return {
      ...this.#list(source, 'allOf'),
      ...this.#list(source, 'anyOf'),
      ...this.#list(source, 'oneOf'),
      ...this.#single(source, 'not', 'not must be of an object'),
      ...(condition ? { condition: { if: condition, ...branches } } : {}),
    };
  }

  #objectKeywords(source: RegoObject): Partial<Schema> {
    const schema: Partial<Schema> = {
      ...this.#single(
        source,
        'additionalProperties',
        'Invalid type. Expected: boolean/Valid Schema, given: additionalProperties',
      ),
      ...this.#single(source, 'propertyNames', 'Invalid type. Expected: Valid Schema, given: patternProperties'),
      ...countKeyword(source, 'minProperties'),
      ...countKeyword(source, 'maxProperties'),
    };
    const properties = objectKeyword(source, 'properties', 'Properties must be of type object');
    if (properties) schema.properties = new Map(properties.map(([name, value]) => [name, this.#schema(value)]));
    const patterns = objectKeyword(
      source,
      'patternProperties',
      'Invalid type. Expected: Valid Schema, given: patternProperties',
    );
    if (patterns) {
      schema.patternProperties = patterns.map(([text, value]) => ({
        pattern: patternOf(text, this.#charge, () => `Invalid regex pattern '${text}'`),
        schema: this.#schema(value),
      }));
    }
    const dependencies = objectKeyword(source, 'dependencies', 'dependencies must be of type object');
    if (dependencies) {
      schema.dependencies = new Map(
        dependencies.map(([name, value]) => [
          name,
          isArray(value)
            ? texts(value, 'dependencies')
            : this.#schema(value, 'Dependency must be of type Schema Or Array Of Strings'),
        ]),
      );
    }
    const required = source.get('required');
    if (isArray(required)) schema.required = texts(required, 'required');
    else if (required !== undefined && typeof required !== 'boolean') {
      throw new BuiltinError('required must be of an array');
    }
    return schema;
  }

  #arrayKeywords(source: RegoObject): Partial<Schema> {
    const schema: Partial<Schema> = {
      ...this.#single(
        source,
        'additionalItems',
        'Invalid type. Expected: boolean/Valid Schema, given: additionalItems',
      ),
      ...this.#single(source, 'contains', 'Expected: Valid Schema, given: Invalid JSON'),
      ...countKeyword(source, 'minItems'),
      ...countKeyword(source, 'maxItems'),
    };
    const items = source.get('items');
    if (isArray(items)) schema.items = items.map((item) => this.#schema(item, NO_ITEMS));
    else if (items !== undefined) Object.assign(schema, this.#single(source, 'items', NO_ITEMS));
    const unique = source.get('uniqueItems');
    if (unique !== undefined && typeof unique !== 'boolean') throw new BuiltinError('uniqueItems must be of a boolean');
    if (unique === true) schema.uniqueItems = true;
    return schema;
  }
}

function typesKeyword(source: RegoObject): readonly SchemaType[] | undefined {
  const value = source.get('type');
  if (value === undefined) return undefined;
  const names = isArray(value) ? value : [value];
  if (names.some((name) => typeof name !== 'string')) {
    throw new BuiltinError('Invalid type. Expected: type, given: string/Array Of Strings');
  }
  const seen = new Set<Value>();
  for (const name of names) {
    if (!TYPES.includes(name as SchemaType)) {
      const expected = `Expected valid values are:[${TYPES.join(' ')}]`;
      throw new BuiltinError(`has a primitive type that is NOT VALID -- given: /${String(name)}/ ${expected}`);
    }
    if (seen.has(name)) throw new BuiltinError(`${String(name)} type is duplicated`);
    seen.add(name);
  }
  return names as readonly SchemaType[];
}

function objectKeyword(
  source: RegoObject,
  name: string,
  refusal: string,
): readonly (readonly [string, Value])[] | undefined {
  const value = source.get(name);
  if (value === undefined) return undefined;
  if (!(value instanceof RegoObject)) throw new BuiltinError(refusal);
  return [...value.entries()].map(([key, member]) => [String(key), member] as const);
}

function texts(values: readonly Value[], keyword: string): readonly string[] {
  if (values.every((value) => typeof value === 'string')) return values;
  throw new BuiltinError(`Invalid type. Expected: string, given: ${keyword}`);
}

type CountKeyword = 'minProperties' | 'maxProperties' | 'minItems' | 'maxItems' | 'minLength' | 'maxLength';

function countKeyword(source: RegoObject, name: CountKeyword): Partial<Schema> {
  const value = source.get(name);
  if (value === undefined) return {};
  const count = isNumber(value) ? toBigInt(value) : undefined;
  if (count === undefined) throw new BuiltinError(`${name} must be of an integer`);
  if (count < 0n) throw new BuiltinError(`${name} must be greater than or equal to 0`);
  return { [name]: Number(count) };
}

function patternOf(text: string, charge: Charge, message: () => string): Pattern {
  try {
    return { text, expression: compilePattern(text, charge) };
  } catch (error) {
    throw error instanceof BuiltinError ? new BuiltinError(message()) : error;
  }
}

function textKeywords(source: RegoObject, charge: Charge): Partial<Schema> {
  const schema: Partial<Schema> = { ...countKeyword(source, 'minLength'), ...countKeyword(source, 'maxLength') };
  const pattern = source.get('pattern');
  if (pattern === undefined) return schema;
  if (typeof pattern !== 'string') throw new BuiltinError('pattern must be of a string');
  return { ...schema, pattern: patternOf(pattern, charge, () => 'pattern must be a valid regex') };
}

function numberKeyword(source: RegoObject, name: string): RegoNumber | undefined {
  const value = source.get(name);
  if (value === undefined || isNumber(value)) return value;
  throw new BuiltinError(`${name} must be of a Number`);
}

function bounds(source: RegoObject, inclusive: 'minimum' | 'maximum', exclusive: string): Partial<Schema> {
  const value = numberKeyword(source, inclusive);
  const flag = source.get(exclusive);
  const bound = (number: RegoNumber, isExclusive: boolean): Bound => ({ value: number, exclusive: isExclusive });
  if (typeof flag === 'boolean') {
    if (value === undefined && flag) throw new BuiltinError(`${exclusive} cannot be used without ${inclusive}`);
    return value === undefined ? {} : { [inclusive]: bound(value, flag) };
  }
  const limit = numberKeyword(source, exclusive);
  return {
    ...(value === undefined ? {} : { [inclusive]: bound(value, false) }),
    ...(limit === undefined ? {} : { [exclusive]: bound(limit, true) }),
  };
}

function numberKeywords(source: RegoObject): Partial<Schema> {
  const multipleOf = numberKeyword(source, 'multipleOf');
  if (multipleOf !== undefined && compareNumbers(multipleOf, 0) <= 0) {
    throw new BuiltinError('multipleOf must be strictly greater than 0');
  }
  return {
    ...(multipleOf === undefined ? {} : { multipleOf }),
    ...bounds(source, 'minimum', 'exclusiveMinimum'),
    ...bounds(source, 'maximum', 'exclusiveMaximum'),
  };
}
