import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
  randomBytes,
} from 'node:crypto';
import { isSmallOrderPoint } from './small-order-points.ts';

/** Bytes of an Ed25519 seed, public key and signature (RFC 8032). */
export const SEED_BYTES = 32;
export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** What precedes the raw key in its DER form: PKCS#8 and SPKI with the Ed25519 algorithm identifier (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** How many public keys stay parsed; parsing costs about as much as half a verification. */
const CACHED_PUBLIC_KEYS = 4096;

/** A public key is not an Ed25519 key that signatures can be checked with; the message says in which respect. */
export class PublicKeyError extends Error {
  override readonly name = 'PublicKeyError';
}

/** An Ed25519 signing key, parsed once; hold on to it where it is used often. */
export interface SigningKey {
  /** Stable short id of the public key, see `keyId`. */
  readonly kid: string;
  /** The raw 32-byte public key. */
  readonly publicKey: Buffer;
  /** Signs data (Ed25519, RFC 8032); the same data always gives the same 64 bytes. */
  sign(data: Uint8Array): Buffer;
}

/** A new random seed; seal it before it is stored. */
export function generateSigningSeed(): Buffer {
  return randomBytes(SEED_BYTES);
}

/**
 * The signing key of a 32-byte seed. The seed is copied, so the caller may zero its own buffer afterwards.
 * Throws `RangeError` when the seed has another length.
 */
export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  if (seed.length !== SEED_BYTES) {
    throw new RangeError(`An Ed25519 seed has ${SEED_BYTES} bytes; this one has ${seed.length}.`);
  }
  const der = Buffer.concat([PKCS8_HEAD, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const publicKey = rawPublicKey(createPublicKey(privateKey));
  return {
    kid: keyId(publicKey),
    publicKey,
    sign: (data) => nodeSign(null, data, privateKey),
  };
}

/** The first 16 hexadecimal characters of the SHA-256 of the raw public key: the `kid` of every key of this appliance. */
export function keyId(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

/**
 * Whether the signature over the data was made with the private half of a raw public key.
 * A signature of a wrong length is false. Throws `PublicKeyError` when the key itself cannot be used.
 */
export function verifySignature(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  return nodeVerify(null, data, publicKeyObject(publicKey), signature);
}

/** The DER SubjectPublicKeyInfo of a raw public key, 44 bytes (RFC 8410). */
export function publicKeyToSpki(publicKey: Uint8Array): Buffer {
  assertUsable(publicKey);
  return Buffer.concat([SPKI_HEAD, publicKey]);
}

/** The PEM form (`BEGIN PUBLIC KEY`) of a raw public key, with a final line break. */
export function publicKeyToPem(publicKey: Uint8Array): string {
  const body = publicKeyToSpki(publicKey).toString('base64');
  return `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`;
}

/**
 * Reads an Ed25519 public key in any form that clients send: PEM SPKI, base64 of the DER SPKI, or base64 or
 * hexadecimal of the 32 raw bytes. Returns the raw bytes.
 * Throws `PublicKeyError` for everything else, for other key types, and for keys of small order, under which anybody
 * can make signatures.
 */
export function parsePublicKey(text: string): Buffer {
  const trimmed = text.trim();
  const raw = trimmed.startsWith('-----BEGIN') ? fromPem(trimmed) : fromEncoded(trimmed);
  assertUsable(raw);
  return raw;
}

function fromPem(pem: string): Buffer {
  if (!pem.startsWith('-----BEGIN PUBLIC KEY-----')) {
    throw new PublicKeyError('The PEM block is not a PUBLIC KEY; send the public half in SPKI form.');
  }
  try {
    return rawPublicKey(createPublicKey({ key: pem, format: 'pem' }));
  } catch (cause) {
    if (cause instanceof PublicKeyError) throw cause;
    throw new PublicKeyError('The PEM block cannot be read as a public key.', { cause });
  }
}

function fromEncoded(text: string): Buffer {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    throw new PublicKeyError('The public key is neither PEM nor base64 nor hexadecimal text.');
  }
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === PUBLIC_KEY_BYTES) return bytes;
  if (bytes.length === SPKI_HEAD.length + PUBLIC_KEY_BYTES && bytes.subarray(0, SPKI_HEAD.length).equals(SPKI_HEAD)) {
    return bytes.subarray(SPKI_HEAD.length);
  }
  throw new PublicKeyError(
    `The public key decodes to ${bytes.length} bytes; expected ${PUBLIC_KEY_BYTES} (raw) or an Ed25519 SPKI of 44.`,
  );
}

function rawPublicKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new PublicKeyError(`The public key is of type ${key.asymmetricKeyType}; an Ed25519 key is needed.`);
  }
  const spki = key.export({ format: 'der', type: 'spki' });
  return Buffer.from(spki.subarray(SPKI_HEAD.length));
}

function assertUsable(publicKey: Uint8Array): void {
  if (publicKey.length !== PUBLIC_KEY_BYTES) {
    throw new PublicKeyError(`An Ed25519 public key has ${PUBLIC_KEY_BYTES} bytes; this one has ${publicKey.length}.`);
  }
  if (isSmallOrderPoint(publicKey)) {
    throw new PublicKeyError(
      'The public key is a point of small order; anyone could sign for it. Make a new key pair.',
    );
  }
}

const parsedKeys = new Map<string, KeyObject>();

/** Keeps the most recently added keys parsed; the oldest leaves when the cache is full. */
function publicKeyObject(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString('latin1');
  const known = parsedKeys.get(name);
  if (known) return known;
  const key = createPublicKey({ key: publicKeyToSpki(publicKey), format: 'der', type: 'spki' });
  if (parsedKeys.size >= CACHED_PUBLIC_KEYS) parsedKeys.delete(parsedKeys.keys().next().value!);
  parsedKeys.set(name, key);
  return key;
}
