import { type Contract, ONE_MEGABYTE } from './contract.ts';

/** The Secrets Bridge contract: `{"error":"text"}` and nothing else. */
export const secretsBridge: Contract = {
  name: 'secrets-bridge',
  bodyLimit: ONE_MEGABYTE,
  errorBody: (error) => ({ error: error.message }),
};
