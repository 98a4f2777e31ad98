/** JSON schemas (drafts 4, 6 and 7) as they are checked before use. */
import type { RE2JS } from 're2js';
import type { RegoNumber, Value } from '../../values.ts';

/** The names of types, in the order in which messages list them. */
export const TYPES = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string'] as const;
export type SchemaType = (typeof TYPES)[number];

/** A pattern as it was written and as it matches. */
export interface Pattern {
  readonly text: string;
  readonly expression: RE2JS;
}

/** A bound of a number. */
export interface Bound {
  readonly value: RegoNumber;
  readonly exclusive: boolean;
}

/** A compiled schema; what is absent constrains nothing. `false` as a schema refuses everything. */
export interface Schema {
  refuses?: true;
  reference?: () => Schema;
  types?: readonly SchemaType[];
  constant?: { readonly value: Value };
  enumeration?: readonly Value[];
  format?: string;
  allOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  not?: Schema;
  condition?: { readonly if: Schema; readonly then?: Schema | undefined; readonly else?: Schema | undefined };
  properties?: ReadonlyMap<string, Schema>;
  patternProperties?: readonly { readonly pattern: Pattern; readonly schema: Schema }[];
  additionalProperties?: Schema;
  propertyNames?: Schema;
  required?: readonly string[];
  minProperties?: number;
  maxProperties?: number;
  dependencies?: ReadonlyMap<string, readonly string[] | Schema>;
  items?: Schema | readonly Schema[];
  additionalItems?: Schema;
  contains?: Schema;
  uniqueItems?: true;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: Pattern;
  multipleOf?: RegoNumber;
  minimum?: Bound;
  maximum?: Bound;
  exclusiveMinimum?: Bound;
  exclusiveMaximum?: Bound;
}
