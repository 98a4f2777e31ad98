/** JSON Web Signatures (RFC 7515, 7518, 8037): signing and verifying with keys as PEM, certificate or JWK. */
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  sign as signBytes,
  timingSafeEqual,
  verify as verifyBytes,
  X509Certificate,
} from 'node:crypto';
import { BuiltinError } from '../../errors.ts';
import type { Charge } from './counted-text.ts';
import { jsonMistake } from './json-mistake.ts';
import { readingSteps, signingSteps, verificationSteps } from './signature-cost.ts';

/** The algorithms that tokens may use. */
export type Algorithm = `${'RS' | 'PS' | 'ES' | 'HS'}${'256' | '384' | '512'}` | 'EdDSA';

/** A key and what its JWK says it is for. */
export interface VerificationKey {
  readonly key: KeyObject;
  readonly algorithm: string;
  readonly id: string;
}

const ALGORITHM = /^(?:(?:RS|PS|ES|HS)(?:256|384|512)|EdDSA)$/;

/** Whether tokens may use the algorithm of this name. */
export function isAlgorithm(name: string): name is Algorithm {
  return ALGORITHM.test(name);
}

const KEY_TYPES: Readonly<Record<string, string>> = { RS: 'rsa', PS: 'rsa', ES: 'ec', Ed: 'ed25519' };

function digestOf(algorithm: Algorithm): string {
  return `sha${algorithm.slice(2)}`;
}

function parameters(algorithm: Algorithm, key: KeyObject, saltLength: number) {
  if (algorithm.startsWith('PS')) return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  if (algorithm.startsWith('ES')) return { key, dsaEncoding: 'ieee-p1363' as const };
  return { key };
}

function macOf(algorithm: Algorithm, secret: KeyObject, data: Buffer): Buffer {
  return createHmac(digestOf(algorithm), secret).update(data).digest();
}

/** Whether the signature over the data is right; a key of another type never is. */
export function verifySignature(
  algorithm: Algorithm,
  key: KeyObject,
  data: Buffer,
  signature: Buffer,
  charge: Charge,
): boolean {
  if (algorithm.startsWith('HS')) {
    if (key.type !== 'secret') return false;
    const mac = macOf(algorithm, key, data);
    return mac.length === signature.length && timingSafeEqual(mac, signature);
  }
  if (key.asymmetricKeyType !== KEY_TYPES[algorithm.slice(0, 2)]) return false;
  charge(verificationSteps(key));
  const digest = algorithm === 'EdDSA' ? null : digestOf(algorithm);
  try {
    return verifyBytes(digest, data, parameters(algorithm, key, constants.RSA_PSS_SALTLEN_AUTO), signature);
  } catch {
    return false;
  }
}

/** The signature over the data. Throws a BuiltinError when the key does not fit the algorithm. */
export function signData(algorithm: Algorithm, key: KeyObject, data: Buffer, charge: Charge): Buffer {
  if (algorithm.startsWith('HS')) {
    if (key.type !== 'secret') throw wrongKey(algorithm, key);
    return macOf(algorithm, key, data);
  }
  if (key.type !== 'private' || key.asymmetricKeyType !== KEY_TYPES[algorithm.slice(0, 2)]) {
    throw wrongKey(algorithm, key);
  }
  charge(signingSteps(key));
  const digest = algorithm === 'EdDSA' ? null : digestOf(algorithm);
  return signBytes(digest, data, parameters(algorithm, key, constants.RSA_PSS_SALTLEN_DIGEST));
}

function wrongKey(algorithm: Algorithm, key: KeyObject): BuiltinError {
  const kind = key.asymmetricKeyType ? `${key.type} ${key.asymmetricKeyType}` : key.type;
  return new BuiltinError(`a ${kind} key cannot sign with ${algorithm}`);
}

const PEM = /^-----BEGIN ([A-Z0-9 ]+)-----\r?\n(?:[A-Za-z0-9+/=\s]*)-----END \1-----[ \t]*(?:\r?\n)?/m;

/** The keys of a PEM certificate, a PEM public key, a JWK or a JWK set. Throws a BuiltinError when it is none of them. */
export function parseVerificationKeys(text: string, charge: Charge): readonly VerificationKey[] {
  const block = PEM.exec(text);
  if (!block) {
    try {
      return parseJwkSet(text).flatMap((jwk) => verificationKeyOf(jwk, charge));
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      const where = 'failed to parse a JWK key (set): jwk.ParseString: failed to parse string';
      throw new BuiltinError(`${where}: ${error.message}`);
    }
  }
  if (text.length > block.index + block[0].length) {
    throw new BuiltinError('extra data after a PEM certificate block');
  }
  return [{ key: keyOfPem(block[1]!, block[0]), algorithm: '', id: '' }];
}

function keyOfPem(type: string, pem: string): KeyObject {
  try {
    if (type === 'CERTIFICATE') return new X509Certificate(pem).publicKey;
    if (type === 'PUBLIC KEY') return createPublicKey(pem);
  } catch (error) {
    const what = type === 'CERTIFICATE' ? 'certificate' : 'public key';
    throw new BuiltinError(`failed to parse a PEM ${what}: ${(error as Error).message}`);
  }
  throw new BuiltinError('failed to extract a Key from the PEM certificate');
}

type Jwk = JsonWebKey & { readonly alg?: unknown; readonly kid?: unknown };

/** What keys can be. */
const KEY_KINDS: ReadonlySet<string> = new Set(['EC', 'OKP', 'RSA', 'oct']);

/** What the key that a text holds alone, or each of a set, must be read into. */
const KEY_SHAPE = 'struct { Kty string "json:\\"kty\\""; D json.RawMessage "json:\\"d,omitempty\\"" }';

/** The fields that a key of each kind needs, in the order they are missed. */
const REQUIRED: Readonly<Record<string, readonly (keyof Jwk)[]>> = {
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
  RSA: ['e', 'n'],
  oct: ['k'],
};

const GO_KINDS: Readonly<Record<string, string>> = { EC: 'ecdsa', OKP: 'okp', RSA: 'rsa' };

/** What is wrong with the fields of a key; undefined when they can be read. */
function wrongField(jwk: Jwk, kty: string): string | undefined {
  const type = kty === 'oct' ? 'symmetricKey' : `${GO_KINDS[kty]}${jwk.d === undefined ? 'Public' : 'Private'}Key`;
  const unmarshal = `failed to unmarshal JSON into key (*jwk.${type})`;
  for (const field of REQUIRED[kty]!) {
    const value: unknown = jwk[field];
    if (value === undefined) return `${unmarshal}: ${unmarshal}: required field ${field} is missing`;
    const reading = `${unmarshal}: ${unmarshal}: failed to decode value for key ${field}`;
    if (typeof value !== 'string') {
      const reason = `json: cannot unmarshal ${typeof value === 'boolean' ? 'bool' : typeof value} into Go value of type string`;
      return `${reading}: error reading next value: ${reason}`;
    }
    if (field !== 'crv' && !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value))
      return `${reading}: expected base64 encoded []byte (string)`;
  }
  const empty = 'jwk.Parse: key validation failed: key validation failed: jwk.SymmetricKey: missing "k" field';
  return kty === 'oct' && jwk.k === '' ? empty : undefined;
}

function parseJwkSet(text: string): readonly Jwk[] {
  const fail = (reason: string) => new BuiltinError(`jwk.Parse: failed to parse sole key: jwk.ParseKey: ${reason}`);
  const unread = (reason: string) =>
    fail(`jwk.Parse: failed to probe data: probe: failed to unmarshal data: ${reason}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw unread(jsonMistake(text) ?? 'unexpected EOF');
  }
  if (json !== null && (typeof json !== 'object' || Array.isArray(json))) {
    const kind = Array.isArray(json) ? 'array' : typeof json === 'boolean' ? 'bool' : typeof json;
    throw unread(`json: cannot unmarshal ${kind} into Go value of type ${KEY_SHAPE}`);
  }
  const holder = (json ?? {}) as { readonly keys?: unknown };
  if ('keys' in holder && !Array.isArray(holder.keys)) {
    const found = JSON.stringify(holder.keys);
    throw new BuiltinError(
      `jwk.Parse: failed to unmarshal JWK set: failed to decode "keys": expected '[' but got ${found}`,
    );
  }
  const keys = Array.isArray(holder.keys) ? (holder.keys as readonly unknown[]) : [holder];
  for (const key of keys) {
    const kty = typeof key === 'object' && key !== null && 'kty' in key ? key.kty : '';
    if (typeof kty === 'string' ? !KEY_KINDS.has(kty) : kty === null) {
      throw fail(`invalid key type from JSON (${kty ?? ''})`);
    }
    if (typeof kty !== 'string') {
      const kind = Array.isArray(kty) ? 'array' : typeof kty === 'boolean' ? 'bool' : typeof kty;
      throw unread(`json: cannot unmarshal ${kind} into Go struct field .kty of type string`);
    }
    const wrong = wrongField(key as Jwk, kty);
    if (wrong !== undefined) throw fail(wrong);
  }
  return keys as readonly Jwk[];
}

function keyOfJwk(jwk: Jwk, isPrivate: boolean): KeyObject {
  try {
    if (jwk.kty === 'oct') return createSecretKey(Buffer.from(String(jwk.k ?? ''), 'base64url'));
    return isPrivate ? createPrivateKey({ key: jwk, format: 'jwk' }) : createPublicKey({ key: jwk, format: 'jwk' });
  } catch (error) {
    throw new BuiltinError(`jwk.Parse: failed to parse sole key: jwk.ParseKey: ${(error as Error).message}`);
  }
}

function verificationKeyOf(jwk: Jwk, charge: Charge): readonly VerificationKey[] {
  const algorithm = typeof jwk.alg === 'string' ? jwk.alg : '';
  if (algorithm !== '' && !isAlgorithm(algorithm)) return [];
  charge(readingSteps(jwk));
  return [{ key: keyOfJwk(jwk, false), algorithm, id: typeof jwk.kid === 'string' ? jwk.kid : '' }];
}

/** The first key of a JWK or a JWK set, for signing. Throws a BuiltinError when there is none. */
export function parseSigningKey(text: string): KeyObject {
  const [first] = parseJwkSet(text);
  if (!first) throw new BuiltinError('no keys found in JWK set');
  return keyOfJwk(first, true);
}
