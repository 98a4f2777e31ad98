import { createDecipheriv } from 'node:crypto';
import { decompress } from 'fzstd';
import nacl from 'tweetnacl';

/** Keys as bootstrap delivers them. */
export interface BundleKeys {
  encryptionKey: Buffer;
  signingKey: Buffer;
}

export class BundleFormatError extends Error {}
export class BundleSignatureError extends Error {}

/** The parts of an opened bundle that a client looks at. */
export interface OpenedBundle {
  createdAt: number;
  policyCount: number;
  payload: Record<string, unknown>;
}

const HEADER = 32;
const LARGEST = 16 * 1024 * 1024;

/** Opens a `.czpolicy` as the older published SDK does: layout, signature, then decryption, then zstd, then JSON. */
export function openBundle(bytes: Buffer, keys: BundleKeys): OpenedBundle {
  if (bytes.length < 96 || bytes.length > LARGEST) throw new BundleFormatError(`size ${bytes.length}`);
  if (bytes.toString('latin1', 0, 4) !== 'CZ01') throw new BundleFormatError('magic');
  if (bytes.readUInt16LE(4) !== 1) throw new BundleFormatError('schema version');
  const signatureAt = bytes.readUInt32LE(16);
  const signatureLength = bytes.readUInt32LE(20);
  if (signatureLength !== 64) throw new BundleFormatError('signature length');
  if (signatureAt < HEADER || signatureAt + signatureLength !== bytes.length)
    throw new BundleFormatError('signature offset');
  if (bytes.readBigUInt64LE(24) !== 0n) throw new BundleFormatError('reserved bytes');
  const signed = bytes.subarray(0, signatureAt);
  if (!nacl.sign.detached.verify(signed, bytes.subarray(signatureAt), keys.signingKey))
    throw new BundleSignatureError('signature');
  return {
    createdAt: Number(bytes.readBigUInt64LE(6)),
    policyCount: bytes.readUInt16LE(14),
    payload: JSON.parse(
      Buffer.from(decompress(decrypt(bytes.subarray(HEADER, signatureAt), keys.encryptionKey))).toString('utf8'),
    ),
  };
}

function decrypt(sealed: Buffer, key: Buffer): Buffer {
  if (sealed.length < 28) throw new BundleFormatError('payload too short');
  if (key.length !== 32) throw new BundleSignatureError('key size');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(12, sealed.length - 16)), decipher.final()]);
  } catch {
    throw new BundleSignatureError('decryption');
  }
}
