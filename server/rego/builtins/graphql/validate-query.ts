import type { QueryDocument, Schema } from './ast.ts';
import type { GraphqlError } from './error.ts';
import { overlappingFieldsCanBeMerged } from './overlapping-fields.ts';
import * as names from './rules-names.ts';
import * as types from './rules-types.ts';
import * as values from './rules-values.ts';
import { walkQuery } from './walk-query.ts';

/** Every rule, in the order in which their errors are told. */
const RULES: readonly names.RuleFactory[] = [
  types.fieldsOnCorrectType,
  types.fragmentsOnCompositeTypes,
  names.knownArgumentNames,
  names.knownDirectives,
  names.knownFragmentNames,
  names.knownRootType,
  names.knownTypeNames,
  names.loneAnonymousOperation,
  types.maxIntrospectionDepth,
  names.noFragmentCycles,
  names.noUndefinedVariables,
  names.noUnusedFragments,
  names.noUnusedVariables,
  overlappingFieldsCanBeMerged,
  types.possibleFragmentSpreads,
  types.providedRequiredArguments,
  types.scalarLeafs,
  types.singleFieldSubscriptions,
  names.uniqueArgumentNames,
  names.uniqueDirectivesPerLocation,
  names.uniqueFragmentNames,
  names.uniqueInputFieldNames,
  names.uniqueOperationNames,
  names.uniqueVariableNames,
  values.valuesOfCorrectType,
  values.variablesAreInputTypes,
  values.variablesInAllowedPosition,
];

/** All errors of a query against a schema; none when it is valid. `charge` is told of every step. */
export function validateQuery(schema: Schema, document: QueryDocument, charge: () => void): readonly GraphqlError[] {
  const errors: GraphqlError[] = [];
  const report = (error: GraphqlError) => errors.push(error);
  walkQuery(
    schema,
    document,
    RULES.map((make) => make()),
    { report, charge },
  );
  return errors;
}
