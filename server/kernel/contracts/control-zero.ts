import { type Contract, ONE_MEGABYTE } from './contract.ts';

/**
 * The main contract: a string `error` that itself says what to do (SDKs show only that string), with machine-readable
 * members beside it. Source: REST reference, "Error codes"; SDK wire notes, auth-error bodies.
 */
export const controlZero: Contract = {
  name: 'control-zero',
  bodyLimit: ONE_MEGABYTE,
  errorBody: (error, request) => ({
    error: error.message,
    code: error.code,
    ...(error.facts.reason === undefined ? {} : { reason: error.facts.reason }),
    ...(error.facts.remediation === undefined ? {} : { remediation: error.facts.remediation }),
    ...(error.facts.details === undefined ? {} : { details: error.facts.details }),
    ...error.facts.extra,
    request_id: request.id,
  }),
};
