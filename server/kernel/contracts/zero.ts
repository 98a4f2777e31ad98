import { type Contract, ONE_MEGABYTE } from './contract.ts';

/** The Zero contract (devices, privacy, webhooks): `{"code":<status>,"message","details"}`. */
export const zero: Contract = {
  name: 'zero',
  bodyLimit: ONE_MEGABYTE,
  errorBody: (error) => ({
    code: error.status,
    message: error.message,
    details: error.facts.details?.map((detail) => ({ field: detail.path, message: detail.message })) ?? [],
  }),
};
