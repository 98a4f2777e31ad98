/** Built-ins on GraphQL queries and schemas. */
import { BuiltinError } from '../errors.ts';
import { RegoObject, type Value } from '../values.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import type { Schema } from './graphql/ast.ts';
import { type QueryDocument, type SchemaDocument, treeOf, treeValue } from './graphql/ast.ts';
import { errorsText, errorText, GraphqlError, located } from './graphql/error.ts';
import { parseQuery } from './graphql/parse-query.ts';
import { parseSchema } from './graphql/parse-schema.ts';
import { buildSchema } from './graphql/schema.ts';
import { validateQuery } from './graphql/validate-query.ts';
import { capLength, operandTypeError, stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

const MAXIMUM_LENGTH = 131_072;

/** Runs a step of parsing or checking; its mistakes become errors of the built-in, with their place. */
function withPlaces<Result>(step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof GraphqlError) throw new BuiltinError(errorText(error));
    if (error instanceof TypeError) throw new BuiltinError('GraphQL parse error: the object is no syntax tree');
    throw error;
  }
}

function documentOf<Document>(args: readonly Value[], index: number, parse: (text: string) => Document): Document {
  const value = args[index] as Value;
  if (typeof value === 'string') {
    capLength('GraphQL text', value.length, MAXIMUM_LENGTH);
    return withPlaces(() => parse(value));
  }
  if (value instanceof RegoObject) return treeOf(value) as Document;
  throw operandTypeError(index, value, 'string', 'object');
}

function schemaOf(document: SchemaDocument): Schema {
  try {
    return buildSchema(document);
  } catch (error) {
    if (!(error instanceof GraphqlError)) throw error;
    throw new BuiltinError(`Error in gqlparser SchemaDocument to Schema conversion: ${located(error)}`);
  }
}

/** What a query and a schema look like, once the query has been found valid. */
interface Checked {
  readonly query: Value;
  readonly schema: Value;
}

function check(args: readonly Value[], ctx: BuiltinContext): Checked {
  const query = documentOf<QueryDocument>(args, 0, parseQuery);
  const shownQuery = treeValue(query);
  const document = documentOf<SchemaDocument>(args, 1, parseSchema);
  const shownSchema = treeValue(document);
  const schema = schemaOf(document);
  const errors = withPlaces(() => validateQuery(schema, query, () => ctx.limits.charge(32)));
  const [first, ...others] = errors;
  if (first) throw new BuiltinError(errorsText([first, ...others]));
  return { query: shownQuery, schema: shownSchema };
}

/** The result of an action, or undefined where the input breaks a rule; errors of other kinds pass. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

function parse(args: readonly Value[], ctx: BuiltinContext): Value {
  const { query, schema } = check(args, ctx);
  return [query, schema];
}

function parseAndVerify(args: readonly Value[], ctx: BuiltinContext): Value {
  const checked = attempt(() => check(args, ctx));
  return checked ? [true, checked.query, checked.schema] : [false, RegoObject.empty, RegoObject.empty];
}

function schemaIsValid(args: readonly Value[]): Value {
  return attempt(() => schemaOf(documentOf<SchemaDocument>(args, 0, parseSchema))) !== undefined;
}

const DOCUMENT = 'any<string, object[any: any]>';

const TOKEN = /[A-Za-z0-9_]+|[^\sA-Za-z0-9_]/g;

/** Every word and sign becomes a part of a syntax tree that is checked and given back. */
const STEPS_PER_TOKEN = 30;

function cost(args: readonly Value[]): number {
  let steps = 8_000;
  for (const arg of args) {
    if (typeof arg !== 'string') steps += STEPS_PER_TOKEN * deepCost([arg]);
    else if (arg.length <= MAXIMUM_LENGTH) steps += arg.length + STEPS_PER_TOKEN * (arg.match(TOKEN)?.length ?? 0);
  }
  return steps;
}

/** The GraphQL built-ins. */
export const graphql: readonly Builtin[] = [
  define(
    'graphql.parse_query(string) -> object[any: any]',
    (args) => {
      stringOperand(args, 0);
      return treeValue(documentOf(args, 0, parseQuery));
    },
    { cost },
  ),
  define(
    'graphql.parse_schema(string) -> object[any: any]',
    (args) => {
      stringOperand(args, 0);
      return treeValue(documentOf(args, 0, parseSchema));
    },
    { cost },
  ),
  define(`graphql.parse(${DOCUMENT}, ${DOCUMENT}) -> array<object[any: any], object[any: any]>`, parse, { cost }),
  define(
    `graphql.parse_and_verify(${DOCUMENT}, ${DOCUMENT}) -> array<boolean, object[any: any], object[any: any]>`,
    parseAndVerify,
    { cost },
  ),
  define(
    `graphql.is_valid(${DOCUMENT}, ${DOCUMENT}) -> boolean`,
    (args, ctx) => attempt(() => check(args, ctx)) !== undefined,
    { cost },
  ),
  define(`graphql.schema_is_valid(${DOCUMENT}) -> boolean`, schemaIsValid, { cost }),
];
