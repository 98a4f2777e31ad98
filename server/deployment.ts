import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { loadMasterKey, MasterKeyError } from './crypto/master-key.ts';
import { readSecretFile } from './crypto/secret-file.ts';
import { type Config, ConfigError, inHome, loadConfig } from './kernel/config/load.ts';

/** Where a deployment keeps its files, below its directory. */
export const PATHS = {
  env: '.env',
  certificates: 'config/certs',
  passphraseSettings: 'config/master-key.json',
  socket: 'run/czctl.sock',
  socketElsewhere: 'run/socket-path',
  claims: 'run/claims',
} as const;

/** Longer socket paths bind silently at a cut-off name (108 bytes on Linux, less elsewhere). */
const LONGEST_SOCKET_PATH = 100;

/** The secrets that `init` made and the configuration that says where they are. */
export interface Deployment {
  config: Config;
  masterKey: Buffer;
  jwtKey: Buffer;
}

/** Whether a directory holds a finished deployment. Throws the system's error where this user may not look. */
export function isDeployed(home: string): boolean {
  try {
    return statSync(join(home, PATHS.env)).isFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/** The directory holds no deployment yet. */
export class NotInitializedError extends Error {
  override readonly name = 'NotInitializedError';

  constructor(home: string) {
    super(
      `There is no deployment in ${home}. Run "czctl init" first, or name another directory with --dir or CZ_HOME.`,
    );
  }
}

/**
 * Reads configuration and keys of a deployment directory. Throws `NotInitializedError`, `ConfigError` with every
 * problem, or `MasterKeyError` when the key cannot be read.
 */
export async function loadDeployment(home: string, environment: NodeJS.ProcessEnv = process.env): Promise<Deployment> {
  if (!isDeployed(home)) throw new NotInitializedError(home);
  const config = loadConfig(home, environment);
  const masterKey = await loadMasterKey(masterKeySource(config, environment));
  return { config, masterKey, jwtKey: await readSessionKey(config) };
}

async function readSessionKey(config: Config): Promise<Buffer> {
  const file = inHome(config, config.jwtKeyFile);
  const text = await readSecretFile(file, 'session key file').catch((error: Error) => {
    throw new ConfigError([error.message]);
  });
  const key = Buffer.from(text.toString('latin1').trim(), 'base64');
  if (key.length < 32) throw new ConfigError([`The session key file ${file} must hold at least 32 bytes as base64.`]);
  return key;
}

function masterKeySource(config: Config, environment: NodeJS.ProcessEnv) {
  if (environment.CZ_MASTER_KEY !== undefined) return { environment: environment.CZ_MASTER_KEY };
  if (environment.CZ_MASTER_PASSPHRASE !== undefined) {
    const settingsFile = inHome(config, PATHS.passphraseSettings);
    return { passphrase: { text: environment.CZ_MASTER_PASSPHRASE, settingsFile } };
  }
  const file = inHome(config, config.masterKeyFile);
  if (!existsSync(file) && existsSync(inHome(config, PATHS.passphraseSettings)))
    throw new MasterKeyError(
      'The master key of this deployment comes from a passphrase: set CZ_MASTER_PASSPHRASE in the environment.',
    );
  return { file };
}

/**
 * Where the operator's socket of a deployment is: below its directory, or, where that path would be too long, where the
 * server that made it wrote down.
 */
export function socketPath(home: string): string {
  const usual = join(home, PATHS.socket);
  const elsewhere = join(home, PATHS.socketElsewhere);
  return isTooLong(usual) && existsSync(elsewhere) ? readFileSync(elsewhere, 'utf8').trim() : usual;
}

/**
 * Makes the place of the operator's socket, for a server that holds the directory's lock. A long path is replaced by a
 * new private folder of the runtime directory, whose name others cannot know or take beforehand.
 */
export function prepareSocketPath(home: string, environment: NodeJS.ProcessEnv = process.env): string {
  const usual = join(home, PATHS.socket);
  mkdirSync(dirname(usual), { recursive: true, mode: 0o700 });
  // The directory lock is ours, so a socket that is still there belongs to a server that was killed.
  removeSocket(socketPath(home));
  if (!isTooLong(usual)) return usual;
  const socket = join(mkdtempSync(join(environment.XDG_RUNTIME_DIR ?? tmpdir(), 'czctl-')), 'czctl.sock');
  writeFileSync(join(home, PATHS.socketElsewhere), `${socket}\n`, { mode: 0o600 });
  return socket;
}

/** Removes a socket and the folder that was made for it alone. */
export function removeSocket(socket: string): void {
  rmSync(socket, { force: true });
  if (basename(dirname(socket)).startsWith('czctl-')) rmSync(dirname(socket), { recursive: true, force: true });
}

function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) > LONGEST_SOCKET_PATH;
}
