/** Reads JSON Schemas of `# METADATA` blocks as types, as far as OPA's type checker does. */
import { typeText, union } from './relate.ts';
import { ANY, arrayType, BOOLEAN, NUMBER, objectType, STRING, type StaticProperty, type Type } from './types.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Kinds in the order in which a list of them is gone through; a schema of several kinds is taken for the first. */
const KINDS = ['boolean', 'string', 'number', 'integer', 'object', 'array'] as const;
type Kind = (typeof KINDS)[number];

/** Of one schema so many parts are read, references followed again and again; the others are taken for anything. */
const MAX_SCHEMAS = 10_000;

/** Schemas nested deeper than this are taken for anything. */
const MAX_DEPTH = 50;

/**
 * The type of the values that the schema describes; anything where it is no schema or uses what types cannot tell
 * (`oneOf`, `enum`, `patternProperties`, `null`). An object that names properties has no others.
 */
export function schemaType(schema: unknown): Type {
  return new SchemaReader(schema).type(schema, 0);
}

class SchemaReader {
  readonly #root: unknown;
  /** References that are being followed: what a schema says of itself is taken for anything. */
  readonly #open = new Set<string>();
  #read = 0;

  constructor(root: unknown) {
    this.#root = root;
    this.#open.add('#');
  }

  type(given: unknown, depth: number): Type {
    if (!isSchema(given) || depth > MAX_DEPTH || this.#read++ > MAX_SCHEMAS) return ANY;
    if (typeof given.$ref === 'string') return this.#referred(given.$ref, depth);
    if (Array.isArray(given.allOf)) return this.#all(given, given.allOf, depth);
    if (Array.isArray(given.anyOf)) return this.#any(given, given.anyOf, depth);
    return this.#plain(given, depth);
  }

  #referred(reference: string, depth: number): Type {
    if (this.#open.has(reference)) return ANY;
    this.#open.add(reference);
    const type = this.type(this.#target(reference), depth + 1);
    this.#open.delete(reference);
    return type;
  }

  #plain(schema: Schema, depth: number): Type {
    switch (kindOf(schema)) {
      case 'boolean':
        return BOOLEAN;
      case 'string':
        return STRING;
      case 'number':
      case 'integer':
        return NUMBER;
      case 'object':
        return this.#object([schema], depth);
      case 'array':
        return this.#array(schema.items, depth);
      default:
        return ANY;
    }
  }

  /** The object with the properties of all schemas. */
  #object(schemas: readonly Schema[], depth: number): Type {
    const properties: StaticProperty[] = [];
    for (const { properties: named } of schemas) {
      for (const [key, value] of Object.entries(isSchema(named) ? named : {})) {
        properties.push({ key, value: this.type(value, depth + 1) });
      }
    }
    return properties.length === 0 ? objectType([], { key: ANY, value: ANY }) : objectType(properties);
  }

  #array(items: unknown, depth: number): Type {
    if (Array.isArray(items)) return arrayType(items.map((item) => this.type(item, depth + 1)));
    return arrayType([], this.type(items, depth + 1));
  }

  #any(schema: Schema, parts: readonly unknown[], depth: number): Type {
    const own = kindOf(schema) === undefined ? [] : [this.#plain(schema, depth)];
    return union([...parts.map((part) => this.type(part, depth + 1)), ...own]) ?? ANY;
  }

  /** Parts of one kind together; parts of different kinds are taken for anything. */
  #all(schema: Schema, parts: readonly unknown[], depth: number): Type {
    const schemas = [...(kindOf(schema) === undefined ? [] : [schema]), ...parts].filter(isSchema);
    const kinds = new Set(schemas.map(kindOf));
    const [kind] = kinds;
    if (kinds.size !== 1 || kind === undefined) return ANY;
    if (kind === 'object') return this.#object(schemas, depth);
    const types = schemas.map((part) => this.#plain(part, depth));
    return new Set(types.map(typeText)).size === 1 ? types[0]! : ANY;
  }

  /** What a reference within the schema names; others are never fetched. */
  #target(reference: string): unknown {
    if (!reference.startsWith('#')) return undefined;
    let found: unknown = this.#root;
    for (const step of reference.slice(1).split('/').slice(1)) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      found = isSchema(found) && Object.hasOwn(found, key) ? found[key] : undefined;
    }
    return found;
  }
}

function isSchema(value: unknown): value is Schema {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function kindOf({ type, properties, items }: Schema): Kind | undefined {
  const named: unknown[] = Array.isArray(type) ? type : [type];
  const kind = KINDS.find((each) => named.includes(each));
  if (kind !== undefined || type !== undefined) return kind;
  if (isSchema(properties)) return 'object';
  return items === undefined ? undefined : 'array';
}
