import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { PublicKeyError, SIGNATURE_BYTES, type SigningKey, verifySignature } from './signing.ts';
import { storeZstdFrame, unwrapZstdFrame, ZstdFrameError } from './zstd-frame.ts';

/** The largest bundle, and the largest payload inside one, that SDKs accept. */
export const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;

/** Bytes of a project's AES-256 encryption key and of the GCM nonce. */
export const ENCRYPTION_KEY_BYTES = 32;
export const NONCE_BYTES = 12;

const MAGIC = 'CZ01';
const SCHEMA_VERSION = 1;
const HEADER_BYTES = 32;
const RESERVED_AT = 24;
const TAG_BYTES = 16;
const LEAST_BUNDLE_BYTES = HEADER_BYTES + SIGNATURE_BYTES;
const MOST_POLICIES = 0xffff;

/** Which check of a `.czpolicy` failed, in the order in which they are made. */
export type BundleErrorCode =
  | 'too_short'
  | 'too_long'
  | 'magic'
  | 'schema_version'
  | 'reserved'
  | 'signature_length'
  | 'signature_offset'
  | 'payload_length'
  | 'key_length'
  | 'signing_key'
  | 'signature'
  | 'decryption'
  | 'frame'
  | 'json';

/** A bundle cannot be written or read; `code` says at which check. Carries no key and no content. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code: BundleErrorCode;

  constructor(code: BundleErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface BundleContent {
  /** UTF-8 JSON whose root is an object. */
  readonly payload: Uint8Array;
  /** Informational; above 65,535 the field stays at its largest value. */
  readonly policyCount: number;
  /** Whole Unix seconds. */
  readonly createdAt: number;
  /** The project's AES-256 key, 32 bytes. */
  readonly encryptionKey: Uint8Array;
  readonly signingKey: SigningKey;
  /** 12 bytes; random unless given. Giving one is for reproducing known bundles: never use a nonce twice with a key. */
  readonly nonce?: Uint8Array;
}

/** A bundle that passed every check. */
export interface OpenedBundle {
  readonly createdAt: number;
  readonly policyCount: number;
  /** The JSON text as bytes, exactly as it was encoded. */
  readonly payload: Buffer;
  /** The parsed payload. */
  readonly document: Record<string, unknown>;
}

/**
 * Writes a `.czpolicy` bundle: header, AES-256-GCM over a zstd frame of stored blocks, Ed25519 signature over both
 * (wire notes, section 3). Throws `BundleError` when the result would pass 16 MiB, the payload is no JSON object, or
 * a key has the wrong length; `RangeError` for a wrong nonce, time or count.
 */
export function encodeBundle(content: BundleContent): Buffer {
  assertKey(content.encryptionKey);
  parseObject(content.payload);
  const frame = storeZstdFrame(content.payload);
  const nonce = content.nonce ?? randomBytes(NONCE_BYTES);
  if (nonce.length !== NONCE_BYTES)
    throw new RangeError(`A nonce has ${NONCE_BYTES} bytes; this one has ${nonce.length}.`);
  for (const name of ['createdAt', 'policyCount'] as const) {
    if (Number.isSafeInteger(content[name]) && content[name] >= 0) continue;
    throw new RangeError(`${name} has to be a whole number, 0 or more; it is ${content[name]}.`);
  }
  const signatureAt = HEADER_BYTES + NONCE_BYTES + frame.length + TAG_BYTES;
  const total = signatureAt + SIGNATURE_BYTES;
  if (total > MAX_BUNDLE_BYTES) {
    throw new BundleError('too_long', `The bundle would have ${total} bytes; SDKs accept at most ${MAX_BUNDLE_BYTES}.`);
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt16LE(SCHEMA_VERSION, 4);
  header.writeBigUInt64LE(BigInt(content.createdAt), 6);
  header.writeUInt16LE(Math.min(content.policyCount, MOST_POLICIES), 14);
  header.writeUInt32LE(signatureAt, 16);
  header.writeUInt32LE(SIGNATURE_BYTES, 20);
  const cipher = createCipheriv('aes-256-gcm', content.encryptionKey, nonce, { authTagLength: TAG_BYTES });
  const signed = Buffer.concat([header, nonce, cipher.update(frame), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([signed, content.signingKey.sign(signed)]);
}

/**
 * Opens a bundle the way SDKs do: layout, signature, decryption, frame, JSON object; the signature before anything is
 * decrypted. Throws `BundleError` whose code names the first check that failed.
 */
export function decodeBundle(bundle: Uint8Array, encryptionKey: Uint8Array, publicKey: Uint8Array): OpenedBundle {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.length);
  const signatureAt = checkLayout(bytes);
  assertKey(encryptionKey);
  const signed = bytes.subarray(0, signatureAt);
  if (!signatureFits(publicKey, signed, bytes.subarray(signatureAt))) {
    throw new BundleError('signature', 'The signature does not belong to these bytes and this signing key.');
  }
  const payload = unwrap(decrypt(signed.subarray(HEADER_BYTES), encryptionKey));
  return {
    createdAt: Number(bytes.readBigUInt64LE(6)),
    policyCount: bytes.readUInt16LE(14),
    payload,
    document: parseObject(payload),
  };
}

/** The digest that stands for exactly these bytes: lower-case hexadecimal SHA-256, 64 characters, unquoted. */
export function bundleDigest(bundle: Uint8Array): string {
  return createHash('sha256').update(bundle).digest('hex');
}

const COMPARED_DIGEST_CHARACTERS = 32;

/**
 * Whether an `If-None-Match` header names a bundle digest. SDKs send the bare digest, proxies add `W/` and quotes and
 * some cut it off, so only the first 32 characters count; lists and `*` are understood (RFC 9110, section 13.1.2).
 */
export function matchesDigest(ifNoneMatch: string | undefined, digest: string): boolean {
  if (ifNoneMatch === undefined) return false;
  // What published SDKs send: the bare digest, or it in quotes.
  if (ifNoneMatch === digest || (ifNoneMatch.length === digest.length + 2 && ifNoneMatch.slice(1, -1) === digest))
    return true;
  return ifNoneMatch.split(',').some((part) => {
    const tag = part.trim().replace(/^W\//i, '').replace(/^"|"$/g, '');
    if (tag === '*') return true;
    return tag.slice(0, COMPARED_DIGEST_CHARACTERS).toLowerCase() === digest.slice(0, COMPARED_DIGEST_CHARACTERS);
  });
}

function checkLayout(bytes: Buffer): number {
  const fail = (code: BundleErrorCode, message: string) => new BundleError(code, message);
  if (bytes.length < LEAST_BUNDLE_BYTES) {
    throw fail('too_short', `A bundle has at least ${LEAST_BUNDLE_BYTES} bytes; this one has ${bytes.length}.`);
  }
  if (bytes.length > MAX_BUNDLE_BYTES) {
    throw fail('too_long', `A bundle has at most ${MAX_BUNDLE_BYTES} bytes; this one has ${bytes.length}.`);
  }
  if (bytes.toString('latin1', 0, 4) !== MAGIC) throw fail('magic', `The bytes do not begin with ${MAGIC}.`);
  const version = bytes.readUInt16LE(4);
  if (version !== SCHEMA_VERSION) throw fail('schema_version', `Schema version ${version} is not known.`);
  if (bytes.subarray(RESERVED_AT, HEADER_BYTES).some((byte) => byte !== 0)) {
    throw fail('reserved', 'The reserved header bytes are not zero.');
  }
  const signatureAt = bytes.readUInt32LE(16);
  const signatureLength = bytes.readUInt32LE(20);
  if (signatureLength !== SIGNATURE_BYTES) {
    throw fail('signature_length', `The signature length is ${signatureLength}, not ${SIGNATURE_BYTES}.`);
  }
  if (signatureAt < HEADER_BYTES || signatureAt + signatureLength !== bytes.length) {
    throw fail(
      'signature_offset',
      `The signature offset ${signatureAt} does not fit a bundle of ${bytes.length} bytes.`,
    );
  }
  const payloadLength = signatureAt - HEADER_BYTES;
  if (payloadLength < NONCE_BYTES + TAG_BYTES) {
    throw fail('payload_length', `The encrypted part has ${payloadLength} bytes, too few for nonce and tag.`);
  }
  return signatureAt;
}

function signatureFits(publicKey: Uint8Array, signed: Buffer, signature: Buffer): boolean {
  try {
    return verifySignature(publicKey, signed, signature);
  } catch (error) {
    if (error instanceof PublicKeyError) throw new BundleError('signing_key', error.message);
    throw error;
  }
}

function decrypt(encrypted: Buffer, key: Uint8Array): Buffer {
  const nonce = encrypted.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(encrypted.subarray(encrypted.length - TAG_BYTES));
  try {
    const plaintext = decipher.update(encrypted.subarray(NONCE_BYTES, encrypted.length - TAG_BYTES));
    decipher.final();
    return plaintext;
  } catch {
    throw new BundleError('decryption', 'The encrypted part does not open with this encryption key.');
  }
}

function unwrap(frame: Buffer): Buffer {
  try {
    return unwrapZstdFrame(frame, MAX_BUNDLE_BYTES);
  } catch (error) {
    if (error instanceof ZstdFrameError) throw new BundleError('frame', error.message);
    throw error;
  }
}

function parseObject(payload: Uint8Array): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload));
  } catch {
    throw new BundleError('json', 'The payload is not JSON in UTF-8 without byte order mark.');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new BundleError('json', 'The root of the payload is not a JSON object.');
  }
  return document as Record<string, unknown>;
}

function assertKey(key: Uint8Array): void {
  if (key.length === ENCRYPTION_KEY_BYTES) return;
  throw new BundleError(
    'key_length',
    `An encryption key has ${ENCRYPTION_KEY_BYTES} bytes; this one has ${key.length}.`,
  );
}
