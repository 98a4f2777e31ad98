import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Bytes of the master key and of every key-encryption key. */
export const KEY_BYTES = 32;

/**
 * Why something sealed does not open.
 * `tampered`: wrong key, changed bytes, or a ciphertext that was moved to another label or row.
 * `unknown_key`: sealed with a key version this keyring has not adopted; reload the stored keys.
 * `malformed`: the bytes are no envelope of ours.
 * `wrong_master_key`: a stored key-encryption key was wrapped by another master key.
 */
export type SealErrorCode = 'tampered' | 'unknown_key' | 'malformed' | 'wrong_master_key';

/** A sealed value or wrapped key does not open; nothing of it was returned. Never carries key or value. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly code: SealErrorCode;

  constructor(code: SealErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A key-encryption key (KEK) as the caller stores it: plain data, useless without the master key. */
export interface WrappedKek {
  /** What it protects: the part of a label before the first dot. */
  readonly purpose: string;
  /** 1, 2, 3 …; the highest seals, all of them open. */
  readonly version: number;
  /** The master key that wrapped it, see `masterKeyId`. */
  readonly masterKeyId: string;
  /** Format byte, 12-byte nonce, 32 encrypted bytes, 16-byte tag. */
  readonly wrapped: Buffer;
}

export interface Keyring {
  /** Id of the master key that wraps the keys of this ring. */
  readonly masterKeyId: string;
  /** Purposes for which this ring can seal. */
  purposes(): string[];
  /**
   * Makes the next KEK of a purpose (version 1 when there is none) without using it yet: store the record, and
   * `adopt` what was stored after the commit. So no value is ever sealed with a key that was not kept.
   */
  createKek(purpose: string): WrappedKek;
  /**
   * Takes a stored KEK into use; adopting the same again changes nothing.
   * Throws `SealError` `wrong_master_key` or `tampered` when it does not unwrap.
   */
  adopt(kek: WrappedKek): void;
  /**
   * Encrypts a value for one place: `label` is a stable name from code (`purpose.what`), `rowId` the row it belongs to.
   * AES-256-GCM with the purpose's newest KEK; associated data is label, NUL, row id.
   * Throws `Error` when the purpose has no KEK or the label is misspelt.
   */
  seal(label: string, rowId: string, plaintext: Uint8Array): Buffer;
  /** Decrypts what `seal` made for the same label and row. Throws `SealError`; see `SealErrorCode`. */
  open(label: string, rowId: string, sealed: Uint8Array): Buffer;
  /** Whether a sealed value was made with an older KEK than the newest of its purpose and should be sealed again. */
  isOutdated(label: string, sealed: Uint8Array): boolean;
  /**
   * The same KEKs wrapped by another master key, to be stored in one transaction; no sealed value changes.
   * This ring goes on with its own master key: open a new one with the new key and these records.
   */
  rewrap(newMasterKey: Uint8Array): WrappedKek[];
  /** Overwrites all key bytes; every later call fails. */
  destroy(): void;
}

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ENVELOPE_HEAD_BYTES = 1 + 4 + NONCE_BYTES;
const WRAPPED_BYTES = 1 + NONCE_BYTES + KEY_BYTES + TAG_BYTES;
const LABEL = /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/;

/**
 * The public id of a master key: 16 hexadecimal characters derived with HKDF-SHA-256.
 * It identifies the key and reveals nothing of it. Throws `RangeError` for a key that has not 32 bytes.
 */
export function masterKeyId(masterKey: Uint8Array): string {
  assertKeyLength(masterKey);
  return Buffer.from(hkdfSync('sha256', masterKey, '', 'control-zero master key id', 8)).toString('hex');
}

/**
 * Opens a keyring over stored KEKs. The master key is not kept: only a wrapping key derived from it is.
 * Throws `SealError` `wrong_master_key` when the records belong to another master key, `tampered` when one was changed.
 */
export function openKeyring(masterKey: Uint8Array, stored: readonly WrappedKek[]): Keyring {
  const ringId = masterKeyId(masterKey);
  const wrappingKey = deriveWrappingKey(masterKey);
  const keys = new Map<string, Map<number, Buffer>>();
  let destroyed = false;

  const versionsOf = (purpose: string): Map<number, Buffer> => {
    if (destroyed) throw new Error('This keyring has been destroyed; open a new one.');
    return keys.get(purpose) ?? new Map<number, Buffer>();
  };
  const newestOf = (purpose: string): number => Math.max(0, ...versionsOf(purpose).keys());

  const ring: Keyring = {
    masterKeyId: ringId,
    purposes: () => [...keys.keys()],
    createKek(purpose) {
      purposeOf(purpose);
      const version = newestOf(purpose) + 1;
      const kek = randomBytes(KEY_BYTES);
      const wrapped = wrapKek(wrappingKey, ringId, purpose, version, kek);
      kek.fill(0);
      return { purpose, version, masterKeyId: ringId, wrapped };
    },
    adopt(kek) {
      const versions = versionsOf(kek.purpose);
      const opened = unwrapKek(wrappingKey, ringId, kek);
      keys.set(kek.purpose, versions.set(kek.version, opened));
    },
    seal(label, rowId, plaintext) {
      const purpose = purposeOf(label);
      const version = newestOf(purpose);
      const kek = versionsOf(purpose).get(version);
      if (!kek) throw new Error(`There is no key for "${purpose}" yet; create, store and adopt one before sealing.`);
      const nonce = randomBytes(NONCE_BYTES);
      const head = Buffer.alloc(5);
      head.writeUInt8(FORMAT, 0);
      head.writeUInt32BE(version, 1);
      return Buffer.concat([head, nonce, ...encrypt(kek, nonce, placeOf(label, rowId), plaintext)]);
    },
    open(label, rowId, sealed) {
      const purpose = purposeOf(label);
      const envelope = readEnvelope(sealed);
      const kek = versionsOf(purpose).get(envelope.version);
      if (!kek) {
        throw new SealError(
          'unknown_key',
          `The value is sealed with key version ${envelope.version} of "${purpose}", which is not loaded.`,
        );
      }
      return decrypt(kek, envelope.nonce, placeOf(label, rowId), envelope.body, () => {
        const where = `"${label}" of row ${rowId}`;
        return `The sealed value ${where} does not open: wrong key, changed bytes, or moved from another place.`;
      });
    },
    isOutdated: (label, sealed) => readEnvelope(sealed).version < newestOf(purposeOf(label)),
    rewrap(newMasterKey) {
      const newId = masterKeyId(newMasterKey);
      const newWrappingKey = deriveWrappingKey(newMasterKey);
      const records = [...keys].flatMap(([purpose]) =>
        [...versionsOf(purpose)].map(([version, kek]) => ({
          purpose,
          version,
          masterKeyId: newId,
          wrapped: wrapKek(newWrappingKey, newId, purpose, version, kek),
        })),
      );
      newWrappingKey.fill(0);
      return records;
    },
    destroy() {
      destroyed = true;
      wrappingKey.fill(0);
      for (const versions of keys.values()) for (const kek of versions.values()) kek.fill(0);
      keys.clear();
    },
  };

  for (const kek of stored) ring.adopt(kek);
  return ring;
}

function deriveWrappingKey(masterKey: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', 'control-zero kek wrapping key', KEY_BYTES));
}

function wrapKek(wrappingKey: Buffer, id: string, purpose: string, version: number, kek: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  return Buffer.concat([Buffer.of(FORMAT), nonce, ...encrypt(wrappingKey, nonce, kekPlace(id, purpose, version), kek)]);
}

function unwrapKek(wrappingKey: Buffer, ringId: string, kek: WrappedKek): Buffer {
  const name = `version ${kek.version} of the "${kek.purpose}" key`;
  if (kek.masterKeyId !== ringId) {
    throw new SealError(
      'wrong_master_key',
      `The stored ${name} was wrapped by master key ${kek.masterKeyId}, but master key ${ringId} is configured. Put back the one that this deployment was made with.`,
    );
  }
  if (kek.wrapped.length !== WRAPPED_BYTES || kek.wrapped[0] !== FORMAT) {
    throw new SealError('malformed', `The stored ${name} is not a wrapped key of a known format.`);
  }
  const nonce = kek.wrapped.subarray(1, 1 + NONCE_BYTES);
  const body = kek.wrapped.subarray(1 + NONCE_BYTES);
  return decrypt(wrappingKey, nonce, kekPlace(ringId, kek.purpose, kek.version), body, () => {
    return `The stored ${name} does not unwrap: it was changed or moved. Restore the key records from a backup.`;
  });
}

function kekPlace(id: string, purpose: string, version: number): Buffer {
  return Buffer.from(`control-zero kek\0${id}\0${purpose}\0${version}`, 'utf8');
}

function placeOf(label: string, rowId: string): Buffer {
  return Buffer.from(`${label}\0${rowId}`, 'utf8');
}

function purposeOf(label: string): string {
  if (!LABEL.test(label)) {
    throw new Error(`The label "${label}" is misspelt; labels look like "purpose.what" in lower case.`);
  }
  return label.split('.', 1)[0]!;
}

function readEnvelope(sealed: Uint8Array): { version: number; nonce: Buffer; body: Buffer } {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
  if (bytes.length < ENVELOPE_HEAD_BYTES + TAG_BYTES) {
    throw new SealError('malformed', `A sealed value of ${bytes.length} bytes is too short to be one of ours.`);
  }
  if (bytes[0] !== FORMAT) {
    throw new SealError('malformed', `The sealed value has format ${bytes[0]}; this release reads format ${FORMAT}.`);
  }
  return {
    version: bytes.readUInt32BE(1),
    nonce: bytes.subarray(5, ENVELOPE_HEAD_BYTES),
    body: bytes.subarray(ENVELOPE_HEAD_BYTES),
  };
}

function encrypt(key: Buffer, nonce: Buffer, associated: Buffer, plaintext: Uint8Array): Buffer[] {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  return [cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
}

function decrypt(key: Buffer, nonce: Buffer, associated: Buffer, body: Buffer, explain: () => string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
  const plaintext = decipher.update(body.subarray(0, body.length - TAG_BYTES));
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    throw new SealError('tampered', explain());
  }
}

function assertKeyLength(key: Uint8Array): void {
  if (key.length !== KEY_BYTES)
    throw new RangeError(`A master key has ${KEY_BYTES} bytes; this one has ${key.length}.`);
}
