import { randomBytes } from 'node:crypto';
import { KEY_BYTES } from './keyring.ts';
import { MasterKeyError } from './master-key-error.ts';
import { masterKeyFromPassphrase, readPassphraseSettings } from './passphrase.ts';
import { createSecretFile, readSecretFile } from './secret-file.ts';

export { MasterKeyError } from './master-key-error.ts';

/** Where the master key comes from: exactly one of the three. */
export interface MasterKeySources {
  /** Path of a key file, readable by its owner only. */
  readonly file?: string | undefined;
  /** The text of `CZ_MASTER_KEY`. */
  readonly environment?: string | undefined;
  /** A passphrase, and the file with the salt and costs that were made with it. */
  readonly passphrase?: { readonly text: string; readonly settingsFile: string } | undefined;
}

/**
 * Reads the 32-byte master key from the one configured source.
 * Throws `MasterKeyError` when none or several are configured, and with the reason when the one does not yield a key.
 * The caller opens the keyring with it and zeroes the buffer.
 */
export async function loadMasterKey(sources: MasterKeySources): Promise<Buffer> {
  const configured = [
    sources.file !== undefined && 'a key file',
    sources.environment !== undefined && 'CZ_MASTER_KEY',
    sources.passphrase !== undefined && 'a passphrase',
  ].filter((name) => name !== false);
  if (configured.length === 0) {
    throw new MasterKeyError('No master key is configured: name a key file, set CZ_MASTER_KEY, or give a passphrase.');
  }
  if (configured.length > 1) {
    throw new MasterKeyError(
      `The master key is configured ${configured.length} times (${configured.join(', ')}); keep one.`,
    );
  }
  if (sources.file !== undefined) return readMasterKeyFile(sources.file);
  if (sources.environment !== undefined) return parseMasterKey(sources.environment, 'CZ_MASTER_KEY');
  const { text, settingsFile } = sources.passphrase!;
  return masterKeyFromPassphrase(text, await readPassphraseSettings(settingsFile));
}

/** A new random master key, 32 bytes. */
export function generateMasterKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/**
 * Reads a master key from text: base64 or base64url (43 or 44 characters) or hexadecimal (64 characters), blanks at the
 * ends ignored. `source` names the place in the error. Throws `MasterKeyError`.
 */
export function parseMasterKey(text: string, source: string): Buffer {
  const trimmed = text.trim();
  const wrong = (what: string) =>
    new MasterKeyError(`${source} ${what}; expected ${KEY_BYTES} bytes as base64 (44 characters) or hexadecimal (64).`);
  if (trimmed === '') throw wrong('is empty');
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return usable(Buffer.from(trimmed, 'hex'), source);
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed)) throw wrong('is neither base64 nor hexadecimal');
  const bytes = Buffer.from(trimmed, 'base64');
  if (bytes.length !== KEY_BYTES) throw wrong(`decodes to ${bytes.length} bytes`);
  return usable(bytes, source);
}

/**
 * Reads a key file: text as `parseMasterKey` takes it, or exactly 32 raw bytes.
 * Throws `MasterKeyError` when it is missing, no plain file, or readable by group or others, saying how to mend that.
 */
export async function readMasterKeyFile(path: string): Promise<Buffer> {
  const content = await readSecretFile(path, 'master key file').catch((error: Error) => {
    throw new MasterKeyError(error.message, { cause: error });
  });
  if (content.length === KEY_BYTES) return usable(content, `The master key file ${path}`);
  const key = parseMasterKey(content.toString('latin1'), `The master key file ${path}`);
  content.fill(0);
  return key;
}

/**
 * Writes a new key file with a fresh random key as base64, mode 0600, flushed to the disk together with its folder.
 * Throws `MasterKeyError` when the file exists: a master key is never overwritten. Returns the key.
 */
export async function createMasterKeyFile(path: string): Promise<Buffer> {
  const key = generateMasterKey();
  await createSecretFile(path, `${key.toString('base64')}\n`, 'master key file').catch((error: Error) => {
    throw new MasterKeyError(error.message, { cause: error });
  });
  return key;
}

/** A key of one repeated byte is a placeholder, not a key. */
function usable(key: Buffer, source: string): Buffer {
  if (key.every((byte) => byte === key[0])) {
    throw new MasterKeyError(`${source} holds one byte repeated ${KEY_BYTES} times; make a random key.`);
  }
  return key;
}
