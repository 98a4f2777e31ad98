import { type Contract, ONE_MEGABYTE } from './contract.ts';

/** The Control Core contract: a slug, a message, details, a stable code, request id and time. */
export const controlCore: Contract = {
  name: 'control-core',
  bodyLimit: ONE_MEGABYTE,
  errorBody: (error, request) => ({
    error: error.code.toLowerCase(),
    message: error.message,
    details: error.facts.details?.map((detail) => ({ field: detail.path, message: detail.message })) ?? [],
    code: error.code,
    request_id: request.id,
    timestamp: new Date(request.server.clock.now()).toISOString(),
  }),
};
