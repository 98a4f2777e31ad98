import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataKey } from './messages.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a payload for one row: AES-256-GCM under the organization's data key, bound to `place` (table, NUL, row key
 * in hexadecimal). Returns nonce, ciphertext and tag.
 */
export function sealPayload({ key }: DataKey, place: string, content: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** Decrypts what `sealPayload` made for the same place. Throws when key, place or bytes are others. */
export function openPayload({ key }: DataKey, place: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
}

/** Where the payload of an entry belongs. */
export function entryPlace(entryKey: Uint8Array): string {
  return `entry_payloads\0${Buffer.from(entryKey).toString('hex')}`;
}

/** Where a row put aside belongs. */
export function quarantinePlace(quarantineKey: Uint8Array): string {
  return `quarantine\0${Buffer.from(quarantineKey).toString('hex')}`;
}
