/** The part of JSON Schema that request schemas use. */
export interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  examples?: unknown[];
  default?: unknown;
  anyOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minLength?: number;
  minItems?: number;
  minimum?: number;
  minProperties?: number;
  format?: string;
}

const FORMATS: Record<string, string> = {
  'date-time': '2026-11-21T10:00:00Z',
  uuid: '00000000-0000-7000-8000-000000000000',
  email: 'somebody@example.com',
};

/** A value that a request schema takes: its own example where it has one, else one with every member. */
export function sampleOf(given: unknown): unknown {
  const schema = (given ?? {}) as Schema;
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return sampleOf(schema.anyOf[0]);
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map(sampleOf));
  switch (schema.type) {
    case 'array':
      return [sampleOf(schema.items)];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'string':
      return FORMATS[schema.format ?? ''] ?? 'sample'.padEnd(schema.minLength ?? 0, 'x');
    default:
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, member]) => [name, sampleOf(member)]),
      );
  }
}
