/** Private keys in PEM, as JSON Web Keys and as the numbers they consist of. */
import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { BuiltinError } from '../../errors.ts';
import { fromJson, RegoObject, type Value } from '../../values.ts';
import { decodeBase64 } from './base-encodings.ts';
import { objectOf, unsigned } from './certificate-names.ts';
import { readPem } from './pem.ts';

const KINDS: Readonly<Record<string, 'pkcs1' | 'pkcs8' | 'sec1'>> = {
  'RSA PRIVATE KEY': 'pkcs1',
  'PRIVATE KEY': 'pkcs8',
  'EC PRIVATE KEY': 'sec1',
};

/** The private keys of a PEM text (also when that is encoded in base64), in order. Throws a BuiltinError for broken keys. */
export function readPrivateKeys(text: string): readonly KeyObject[] {
  let pem = text;
  try {
    pem = decodeBase64(text).toString('latin1');
  } catch {
    // Not base64, so it is the PEM text itself.
  }
  return readPem(pem).flatMap(({ label, bytes }) => {
    const type = KINDS[label];
    return type ? [readKey(bytes, type)] : [];
  });
}

function readKey(bytes: Buffer, type: 'pkcs1' | 'pkcs8' | 'sec1'): KeyObject {
  try {
    return createPrivateKey({ key: bytes, format: 'der', type });
  } catch {
    throw new BuiltinError(`x509: failed to parse private key (${type})`);
  }
}

/** The key as a JSON Web Key. */
export function jwkObject(key: KeyObject): Value {
  return fromJson(key.export({ format: 'jwk' }));
}

function number(jwk: JsonWebKey, name: keyof JsonWebKey): Value {
  return unsigned(Buffer.from(String(jwk[name] ?? ''), 'base64url'));
}

/** The key as the numbers it consists of; an Ed25519 key as seed and public key in base64. */
export function keyNumbers(key: KeyObject): Value {
  const jwk = key.export({ format: 'jwk' });
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return objectOf({
        N: number(jwk, 'n'),
        E: number(jwk, 'e'),
        D: number(jwk, 'd'),
        Primes: [number(jwk, 'p'), number(jwk, 'q')],
        Precomputed: objectOf({
          Dp: number(jwk, 'dp'),
          Dq: number(jwk, 'dq'),
          Qinv: number(jwk, 'qi'),
          CRTValues: [],
        }),
      });
    case 'ec':
      return objectOf({ Curve: RegoObject.empty, X: number(jwk, 'x'), Y: number(jwk, 'y'), D: number(jwk, 'd') });
    case 'ed25519': {
      const parts = [jwk.d, jwk.x].map((part) => Buffer.from(String(part), 'base64url'));
      return Buffer.concat(parts).toString('base64');
    }
    default:
      throw new BuiltinError(`private keys of type ${key.asymmetricKeyType} are not supported`);
  }
}
