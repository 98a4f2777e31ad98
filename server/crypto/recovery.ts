import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Bech32Error, decodeBech32, encodeBech32 } from './bech32.ts';

/** An X25519 key pair in the text forms of the age file format, which `age` and its tools read. */
export interface RecoveryIdentity {
  /** `AGE-SECRET-KEY-1…`; opens backups, so it is shown once and kept away from the machine. */
  readonly identity: string;
  /** `age1…`; encrypts backups, may be stored and shown. */
  readonly recipient: string;
}

/** An identity or recipient cannot be used; the message says why and never repeats the text. */
export class RecoveryKeyError extends Error {
  override readonly name = 'RecoveryKeyError';
}

const KEY_BYTES = 32;
const IDENTITY_PREFIX = 'age-secret-key-';
const RECIPIENT_PREFIX = 'age';
/** What precedes the raw key in its PKCS#8 form with the X25519 algorithm identifier (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_HEAD_BYTES = 12;

/** Makes a new random identity and its recipient. */
export function generateRecoveryIdentity(): RecoveryIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  const identity = encodeBech32(IDENTITY_PREFIX, der.subarray(PKCS8_HEAD.length)).toUpperCase();
  der.fill(0);
  return { identity, recipient: recipientText(publicKey) };
}

/**
 * The recipient of an identity, by which a recovery key is recognised without storing it. Blanks at the ends are
 * ignored. Throws `RecoveryKeyError` when the text is no identity.
 */
export function recipientOf(identity: string): string {
  const der = Buffer.concat([PKCS8_HEAD, readKey(IDENTITY_PREFIX, identity, 'recovery key', 'AGE-SECRET-KEY-1')]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return recipientText(createPublicKey(privateKey));
}

/** Reads a recipient and returns its raw 32-byte public key. Throws `RecoveryKeyError` when the text is none. */
export function parseRecipient(recipient: string): Buffer {
  const key = readKey(RECIPIENT_PREFIX, recipient, 'recipient', 'age1');
  if (key.every((byte) => byte === 0))
    throw new RecoveryKeyError('The recipient is the zero key; nothing encrypted to it is safe.');
  return key;
}

function recipientText(publicKey: KeyObject): string {
  return encodeBech32(RECIPIENT_PREFIX, publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD_BYTES));
}

function readKey(prefix: string, text: string, what: string, begin: string): Buffer {
  try {
    const bytes = decodeBech32(prefix, text.trim());
    if (bytes.length === KEY_BYTES) return bytes;
    throw new RecoveryKeyError(
      `The ${what} holds ${bytes.length} bytes instead of ${KEY_BYTES}; it begins with ${begin}.`,
    );
  } catch (error) {
    if (!(error instanceof Bech32Error)) throw error;
    throw new RecoveryKeyError(`The ${what} cannot be read. ${error.message} It begins with ${begin}; copy it whole.`);
  }
}
