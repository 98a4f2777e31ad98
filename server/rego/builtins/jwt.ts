/** Built-ins on JSON Web Tokens. */
import { createSecretKey } from 'node:crypto';
import { BuiltinError } from '../errors.ts';
import { fromJsonText, RegoObject, type Value } from '../values.ts';
import { toBytes } from './algorithms/bytes.ts';
import type { Charge } from './algorithms/counted-text.ts';
import { jsonText } from './algorithms/json-text.ts';
import {
  type Algorithm,
  isAlgorithm,
  parseSigningKey,
  parseVerificationKeys,
  signData,
  type VerificationKey,
  verifySignature,
} from './algorithms/json-web-signature.ts';
import {
  claimsOf,
  decodeHeader,
  decodePayload,
  decodeSignature,
  type HeaderFields,
  headerFields,
  signatureBytes,
  signedBytes,
  splitToken,
  type TokenParts,
} from './algorithms/json-web-token.ts';
import { checkClaims, parseConstraints, type TokenConstraints } from './algorithms/token-constraints.ts';
import { deepCost } from './cost.ts';
import { define } from './define.ts';
import { objectOperand, stringOperand } from './operands.ts';
import type { Builtin, BuiltinContext } from './types.ts';

/** A token may wrap another, which may wrap another; deeper nesting is nobody's token. */
const MAXIMUM_NESTING = 16;

function decode(args: readonly Value[]): Value {
  let token = stringOperand(args, 0);
  for (let depth = 0; depth < MAXIMUM_NESTING; depth += 1) {
    const parts = splitToken(token);
    const header = decodeHeader(parts);
    const payload = decodePayload(parts);
    if (header.get('cty') !== 'JWT') return [header, claimsOf(payload), decodeSignature(parts).toString('hex')];
    token = payload.replace(/^["']+|["']+$/g, '');
  }
  throw new BuiltinError(`JWT is nested deeper than ${MAXIMUM_NESTING}`);
}

function charging(ctx: BuiltinContext): Charge {
  return (steps) => ctx.limits.charge(steps);
}

/** The key that the header names, when there is one; else those without an algorithm or with the token's. */
function candidates(keys: readonly VerificationKey[], fields: HeaderFields): readonly VerificationKey[] {
  const named = fields.kid === '' ? undefined : keys.find((key) => key.id === fields.kid);
  if (named) return [named];
  return keys.filter((key) => key.algorithm === '' || key.algorithm === fields.alg);
}

function verify(algorithm: Algorithm): Builtin {
  const call = (args: readonly Value[], ctx: BuiltinContext) => {
    const charge = charging(ctx);
    if (algorithm.startsWith('HS')) {
      const secret = stringOperand(args, 1);
      const parts = splitToken(stringOperand(args, 0));
      const key = createSecretKey(toBytes(secret));
      return verifySignature(algorithm, key, signedBytes(parts), signatureBytes(parts), charge);
    }
    const parts = splitToken(stringOperand(args, 0));
    const keys = parseVerificationKeys(stringOperand(args, 1), charge);
    const signature = signatureBytes(parts);
    const fields = headerFields(decodeHeader(parts));
    const data = signedBytes(parts);
    return candidates(keys, fields).some(({ key }) => verifySignature(algorithm, key, data, signature, charge));
  };
  return define(`io.jwt.verify_${algorithm.toLowerCase()}(string, string) -> boolean`, call, { cost: verifyCost });
}

function isSignedAsConstrained(
  constraints: TokenConstraints,
  parts: TokenParts,
  fields: HeaderFields,
  charge: Charge,
): boolean {
  if (!isAlgorithm(fields.alg)) return false;
  const algorithm = fields.alg;
  const [data, signature] = [signedBytes(parts), signatureBytes(parts)];
  return candidates(constraints.keys, fields).some(({ key }) =>
    verifySignature(algorithm, key, data, signature, charge),
  );
}

const UNVERIFIED: Value = [false, RegoObject.empty, RegoObject.empty];

function decodeVerify(args: readonly Value[], ctx: BuiltinContext): Value {
  const constraints = parseConstraints(objectOperand(args, 1), ctx.clockNs, charging(ctx));
  let token = stringOperand(args, 0);
  for (let depth = 0; depth < MAXIMUM_NESTING; depth += 1) {
    const parts = splitToken(token);
    const header = decodeHeader(parts);
    const fields = headerFields(header);
    if (fields.alg === '' || fields.hasUnknownCritical) return UNVERIFIED;
    if (constraints.alg !== '' && constraints.alg !== fields.alg) return UNVERIFIED;
    if (!isSignedAsConstrained(constraints, parts, fields, charging(ctx))) return UNVERIFIED;
    const payload = decodePayload(parts);
    if (fields.cty.toUpperCase() !== 'JWT') {
      const claims = claimsOf(payload);
      return checkClaims(claims, constraints) ? [true, header, claims] : UNVERIFIED;
    }
    token = payload;
  }
  throw new BuiltinError(`JWT is nested deeper than ${MAXIMUM_NESTING}`);
}

function headerText(header: string, name: string): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(header);
  } catch {
    throw new BuiltinError("missing or invalid 'alg' header: cannot parse JSON: the header is no JSON text");
  }
  const value = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isJson(text: string): boolean {
  try {
    fromJsonText(text);
    return true;
  } catch {
    return false;
  }
}

function sign(header: string, payload: string, jwk: string, ctx: BuiltinContext): Value {
  const key = parseSigningKey(jwk);
  const algorithm = headerText(header, 'alg');
  if (algorithm === undefined) {
    throw new BuiltinError('missing or invalid \'alg\' header: jwsbb: header "alg" not found');
  }
  if (!isAlgorithm(algorithm)) throw new BuiltinError(`unknown JWS algorithm: ${algorithm}`);
  if ((headerText(header, 'typ') ?? 'JWT') === 'JWT' && !isJson(payload)) {
    throw new BuiltinError('type is JWT but payload is not JSON');
  }
  const signed = [header, payload].map((part) => toBytes(part).toString('base64url')).join('.');
  return `${signed}.${signData(algorithm, key, Buffer.from(signed), charging(ctx)).toString('base64url')}`;
}

/** Whatever the operands are, they are taken as JSON; the key is looked at first. */
function encodeSign(args: readonly Value[], ctx: BuiltinContext): Value {
  const [header, payload, key] = args.map(jsonText) as [string, string, string];
  return sign(header, payload, key, ctx);
}

function signRaw(args: readonly Value[], ctx: BuiltinContext): Value {
  const key = stringOperand(args, 2);
  const payload = stringOperand(args, 1);
  return sign(stringOperand(args, 0), payload, key, ctx);
}

/** Parsing keys and the arithmetic of public keys, in steps. */
function verifyCost(args: readonly Value[]): number {
  return 2_000 + 10 * deepCost(args);
}

function signCost(args: readonly Value[]): number {
  return 10_000 + 4 * deepCost(args);
}

const ALGORITHMS = ['256', '384', '512'].flatMap((size) => ['RS', 'PS', 'ES', 'HS'].map((family) => family + size));

/** The token built-ins. */
export const jwt: readonly Builtin[] = [
  define('io.jwt.decode(string) -> array<object[any: any], object[any: any], string>', decode, {
    cost: (args) => 50 + 16 * deepCost(args),
  }),
  ...([...ALGORITHMS, 'EdDSA'] as Algorithm[]).map(verify),
  define(
    'io.jwt.decode_verify(string, object[string: any]) -> array<boolean, object[any: any], object[any: any]>',
    decodeVerify,
    { nondeterministic: true, cost: verifyCost },
  ),
  define('io.jwt.encode_sign(object[string: any], object[string: any], object[string: any]) -> string', encodeSign, {
    nondeterministic: true,
    cost: signCost,
  }),
  define('io.jwt.encode_sign_raw(string, string, string) -> string', signRaw, {
    nondeterministic: true,
    cost: signCost,
  }),
];
