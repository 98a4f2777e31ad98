/** A JSON schema as routes declare it. */
type Schema = Readonly<Record<string, unknown>>;

const TIME = '2026-01-01T12:00:00.000Z';
const ID = '0197f0c0-0000-7000-8000-000000000000';

/** What members of these names hold in an example, where their schema gives none itself. */
const BY_NAME: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  user_email: 'ada@example.com',
  invited_by: 'ada@example.com',
  name: 'Production agents',
  title: 'Production agents',
  description: 'What the agents of the production cluster may do.',
  message: 'Done.',
  slug: 'production-agents',
  version: '1',
  hostname: 'agent-7.example.com',
  reason: 'Agents do not change the schema',
  tool: 'database',
  tool_name: 'database',
  token: 'cz_verify_5f0c…',
  password: 'violet tram kettle',
  current_password: 'violet tram kettle',
  new_password: 'seven quiet lanterns',
  next_cursor: 'q83vEjRWeJq83vEjRWeJ',
};

/**
 * An example that fits a schema: its own first example where it has one, else one put together from its parts. Every
 * optional member is in it, so that readers see the whole form.
 */
export function exampleOf(schema: Schema, name = ''): unknown {
  const given = (schema.examples as unknown[] | undefined)?.[0] ?? schema.const ?? (schema.enum as unknown[])?.[0];
  if (given !== undefined) return given;
  const choices = (schema.anyOf ?? schema.oneOf) as readonly Schema[] | undefined;
  if (choices !== undefined) return exampleOf(choices.find(({ type }) => type !== 'null') ?? { type: 'null' }, name);
  const parts = schema.allOf as readonly Schema[] | undefined;
  if (parts !== undefined) return Object.assign({}, ...parts.map((part) => exampleOf(part)));
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return listOf(schema, name);
    case 'string':
      return textOf(schema, name);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return true;
    default:
      return schema.type === 'null' ? null : {};
  }
}

function objectOf({ properties, patternProperties, additionalProperties }: Schema): Record<string, unknown> {
  const members = Object.entries((properties ?? {}) as Record<string, Schema>);
  if (members.length > 0) return Object.fromEntries(members.map(([name, schema]) => [name, exampleOf(schema, name)]));
  const [open] = Object.values((patternProperties ?? {}) as Record<string, Schema>);
  const value = open ?? (typeof additionalProperties === 'object' ? (additionalProperties as Schema) : undefined);
  return value === undefined ? {} : { example: exampleOf(value) };
}

function listOf({ items, minItems }: Schema, name: string): unknown[] {
  if (typeof items !== 'object' || items === null || Object.keys(items).length === 0) return [];
  return Array.from({ length: Math.max(1, Number(minItems ?? 1)) }, () => exampleOf(items as Schema, singular(name)));
}

function singular(name: string): string {
  return name.endsWith('s') ? name.slice(0, -1) : name;
}

function textOf({ format, default: usual, minLength, maxLength }: Schema, name: string): string {
  if (format === 'date-time') return TIME;
  if (typeof usual === 'string') return usual;
  const text = BY_NAME[name] ?? (name === 'id' || name.endsWith('_id') ? ID : `example ${name}`.trim());
  const fitting = text.slice(0, Number(maxLength ?? text.length));
  return fitting.padEnd(Number(minLength ?? 0), 'x');
}

function numberOf({ default: usual, minimum }: Schema): number {
  return typeof usual === 'number' ? usual : Math.max(1, Number(minimum ?? 1));
}
