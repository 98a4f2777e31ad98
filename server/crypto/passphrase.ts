import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import { KEY_BYTES, masterKeyId } from './keyring.ts';
import { MasterKeyError } from './master-key-error.ts';
import { createSecretFile, readSecretFile } from './secret-file.ts';

/** How a passphrase becomes a master key; stored beside the data, not secret by itself. */
export interface PassphraseSettings {
  readonly algorithm: 'argon2id';
  /** 16 random bytes, base64. */
  readonly salt: string;
  readonly memory_kib: number;
  readonly passes: number;
  readonly lanes: number;
  /** Id of the resulting master key, by which a mistyped passphrase is told from a right one. */
  readonly master_key_id: string;
}

/** Costs for a new passphrase: 64 MiB, three passes, one lane; about 0.2 s, once per start. */
export const PASSPHRASE_COSTS = { memory_kib: 65_536, passes: 3, lanes: 1 } as const;

/** Fewest characters of a passphrase: it is open to offline guessing, unlike a password. */
export const MIN_PASSPHRASE_CHARACTERS = 16;

const SALT_BYTES = 16;
const LEAST = { memory_kib: 19_456, passes: 2, lanes: 1 } as const;
const MOST = { memory_kib: 2_097_152, passes: 32, lanes: 8 } as const;

/**
 * Makes settings with a fresh salt for a new passphrase, writes them to a file (mode 0600, never overwriting) and
 * returns the master key. Throws `MasterKeyError` when the passphrase has fewer than 16 characters or the file exists.
 */
export async function createPassphraseSettings(path: string, passphrase: string): Promise<Buffer> {
  if ([...passphrase].length < MIN_PASSPHRASE_CHARACTERS) {
    throw new MasterKeyError(`The passphrase is too short: use at least ${MIN_PASSPHRASE_CHARACTERS} characters.`);
  }
  const draft = {
    algorithm: 'argon2id',
    salt: randomBytes(SALT_BYTES).toString('base64'),
    ...PASSPHRASE_COSTS,
  } as const;
  const key = await derive(passphrase, draft);
  const settings: PassphraseSettings = { ...draft, master_key_id: masterKeyId(key) };
  await createSecretFile(path, `${JSON.stringify(settings, null, 2)}\n`, 'passphrase settings file').catch(
    (error: Error) => {
      key.fill(0);
      throw new MasterKeyError(error.message, { cause: error });
    },
  );
  return key;
}

/**
 * Reads settings from their file. Throws `MasterKeyError` when the file cannot be read, is no such settings, or names
 * costs that are too weak (19 MiB, 2 passes at least) or absurd (2 GiB, 32 passes, 8 lanes at most).
 */
export async function readPassphraseSettings(path: string): Promise<PassphraseSettings> {
  const content = await readSecretFile(path, 'passphrase settings file').catch((error: Error) => {
    throw new MasterKeyError(error.message, { cause: error });
  });
  const fail = (what: string) => new MasterKeyError(`The passphrase settings file ${path} ${what}; restore it.`);
  let parsed: Partial<Record<keyof PassphraseSettings, unknown>> | null;
  try {
    parsed = JSON.parse(content.toString('utf8'));
  } catch {
    throw fail('is not JSON');
  }
  if (parsed?.algorithm !== 'argon2id') throw fail('names no known algorithm');
  const { salt, master_key_id } = parsed;
  if (typeof salt !== 'string' || Buffer.from(salt, 'base64').length !== SALT_BYTES) throw fail('has no valid salt');
  if (typeof master_key_id !== 'string') throw fail('has no master_key_id');
  const cost = (name: keyof typeof LEAST): number => {
    const value = parsed[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= LEAST[name] && value <= MOST[name])
      return value;
    throw fail(`has ${name} outside ${LEAST[name]} to ${MOST[name]}`);
  };
  return {
    algorithm: 'argon2id',
    salt,
    memory_kib: cost('memory_kib'),
    passes: cost('passes'),
    lanes: cost('lanes'),
    master_key_id,
  };
}

/**
 * Derives the master key from a passphrase (Unicode NFKC, final line break ignored) with Argon2id, off the event loop.
 * Throws `MasterKeyError` when the passphrase is not the one the settings were made with.
 */
export async function masterKeyFromPassphrase(passphrase: string, settings: PassphraseSettings): Promise<Buffer> {
  const key = await derive(passphrase, settings);
  if (masterKeyId(key) === settings.master_key_id) return key;
  key.fill(0);
  throw new MasterKeyError('The passphrase is not the one this master key was made with; type it again.');
}

async function derive(passphrase: string, settings: Omit<PassphraseSettings, 'master_key_id'>): Promise<Buffer> {
  const bytes = Buffer.from(passphrase.replace(/\r?\n$/, '').normalize('NFKC'), 'utf8');
  try {
    return await argon2.hash(bytes, {
      raw: true,
      salt: Buffer.from(settings.salt, 'base64'),
      hashLength: KEY_BYTES,
      memoryCost: settings.memory_kib,
      timeCost: settings.passes,
      parallelism: settings.lanes,
    });
  } finally {
    bytes.fill(0);
  }
}
