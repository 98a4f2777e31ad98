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
  if (!block) return parseJwkSet(text).flatMap((jwk) => verificationKeyOf(jwk, charge));
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

function parseJwkSet(text: string): readonly Jwk[] {
  const fail = (reason: string) => new BuiltinError(`failed to parse a JWK key (set): ${reason}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw fail('the text is neither PEM nor JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw fail('the text is no JSON object');
  const keys: unknown = 'keys' in json ? json.keys : [json];
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'object' || key === null)) {
    throw fail('"keys" is no list of keys');
  }
  for (const key of keys as readonly Jwk[]) {
    if (typeof key.kty !== 'string') throw fail('a key has no "kty"');
  }
  return keys as readonly Jwk[];
}

function keyOfJwk(jwk: Jwk, isPrivate: boolean): KeyObject {
  try {
    if (jwk.kty === 'oct') return createSecretKey(Buffer.from(String(jwk.k ?? ''), 'base64url'));
    return isPrivate ? createPrivateKey({ key: jwk, format: 'jwk' }) : createPublicKey({ key: jwk, format: 'jwk' });
  } catch (error) {
    throw new BuiltinError(`failed to parse a JWK key (set): ${(error as Error).message}`);
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
