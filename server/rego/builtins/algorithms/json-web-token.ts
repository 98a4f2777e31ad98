/** JSON Web Tokens in compact form: their parts and the header fields that matter. */
import { BuiltinError } from '../../errors.ts';
import { RegoObject, type Value } from '../../values.ts';
import { unmarshalJson } from '../encoding.ts';
import { isArray } from '../operands.ts';
import { decodeBase64Url } from './base-encodings.ts';
import { fromBytes } from './bytes.ts';

/** The three parts of a token as they were written. */
export interface TokenParts {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

/** Splits a compact token. Throws a BuiltinError when it has not three parts. */
export function splitToken(token: string): TokenParts {
  if (!token.includes('.')) throw new BuiltinError('encoded JWT had no period separators');
  const parts = token.split('.');
  const [header, payload, signature] = parts as [string, string, string];
  if (parts.length !== 3) throw new BuiltinError(`encoded JWT must have 3 sections, found ${parts.length}`);
  return { header, payload, signature };
}

/** The bytes that the signature is over. */
export function signedBytes({ header, payload }: TokenParts): Buffer {
  return Buffer.from(`${header}.${payload}`);
}

function decodePart(name: string, part: string): Buffer {
  try {
    return decodeBase64Url(part);
  } catch (error) {
    throw new BuiltinError(`JWT ${name} had invalid encoding: ${(error as Error).message}`);
  }
}

function objectOf(text: string): RegoObject {
  let value: Value;
  try {
    value = unmarshalJson(text);
  } catch (error) {
    throw new BuiltinError(`invalid JSON: ${(error as Error).message}`);
  }
  if (value instanceof RegoObject) return value;
  throw new BuiltinError('decoded JSON type was not an Object');
}

/** The header object. Throws a BuiltinError for broken ones and for encrypted tokens. */
export function decodeHeader(parts: TokenParts): RegoObject {
  const text = fromBytes(decodePart('header', parts.header));
  let header: RegoObject;
  try {
    header = objectOf(text);
  } catch (error) {
    throw new BuiltinError(`bad JWT header: ${(error as Error).message}`);
  }
  if (header.has('enc')) throw new BuiltinError('JWT is a JWE object, which is not supported');
  return header;
}

/** The payload as text: a JSON object, or another token in a nested one. */
export function decodePayload(parts: TokenParts): string {
  return fromBytes(decodePart('payload', parts.payload));
}

/** The claims of a payload text. Throws a BuiltinError when it is no JSON object. */
export function claimsOf(payload: string): RegoObject {
  return objectOf(payload);
}

/** The signature's bytes, to be shown. */
export function decodeSignature(parts: TokenParts): Buffer {
  return decodePart('signature', parts.signature);
}

/** The signature's bytes, to be verified: what is wrong with them is told without saying whose they are. */
export function signatureBytes(parts: TokenParts): Buffer {
  return decodeBase64Url(parts.signature);
}

/** The header fields that verification looks at; missing ones are empty. */
export interface HeaderFields {
  readonly alg: string;
  readonly kid: string;
  readonly cty: string;
  /** The header names a critical extension that is not understood. */
  readonly hasUnknownCritical: boolean;
}

const KNOWN = ['alg', 'kid', 'typ', 'cty'];

/** Reads the header fields. Throws a BuiltinError for fields of a wrong type. */
export function headerFields(header: RegoObject): HeaderFields {
  const text = (name: string) => {
    const value = header.get(name) === undefined ? '' : header.get(name);
    if (typeof value !== 'string') throw new BuiltinError(`${name}: must be a string`);
    return value;
  };
  const [alg = '', kid = '', , cty = ''] = KNOWN.map(text);
  const critical = header.get('crit');
  if (critical !== undefined && !isArray(critical)) throw new BuiltinError('crit: must be a list');
  const names = (critical ?? []).filter((name) => typeof name === 'string');
  if (critical !== undefined && names.length === 0) throw new BuiltinError('crit: must be a nonempty list');
  const hasUnknownCritical = names.some((name) => header.has(name) && !KNOWN.includes(name) && name !== 'crit');
  return { alg, kid, cty, hasUnknownCritical };
}
