/** Algorithms of RFC 7518 and RFC 8037 that bundles may be signed with. */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'HS256',
  'HS384',
  'HS512',
  'EdDSA',
] as const;

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];
