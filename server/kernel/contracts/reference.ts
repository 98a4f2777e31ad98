import { invalid } from '../errors.ts';
import { type Contract, ONE_MEGABYTE } from './contract.ts';

/** The older /v1/projects reference: `{"error":{"code","message"}}`, and every call names its agent. */
export const reference: Contract = {
  name: 'reference',
  bodyLimit: ONE_MEGABYTE,
  errorBody: (error) => ({
    error: {
      code: error.code.toLowerCase(),
      message: error.message,
      ...(error.facts.details === undefined ? {} : { details: error.facts.details }),
    },
  }),
  preflight: (request) => {
    // The demand belongs to the projects of this contract; probes come without an agent.
    if (!request.url.startsWith('/v1/projects')) return;
    const agent = request.headers['x-controlzero-agent-id'];
    if (typeof agent !== 'string' || agent.trim() === '') {
      throw invalid('The X-ControlZero-Agent-ID header is missing. Send the id of the agent that makes the call.');
    }
  },
};
