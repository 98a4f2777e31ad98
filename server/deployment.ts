import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadMasterKey } from './crypto/master-key.ts';
import { readSecretFile } from './crypto/secret-file.ts';
import { type Config, inHome, loadConfig } from './kernel/config/load.ts';

/** Where a deployment keeps its files, below its directory. */
export const PATHS = {
  env: '.env',
  certificates: 'config/certs',
  passphraseSettings: 'config/master-key.json',
  socket: 'run/czctl.sock',
  claims: 'run/claims',
  lock: 'run/lock',
} as const;

/** Longer socket paths bind silently at a cut-off name (108 bytes on Linux, less elsewhere). */
const LONGEST_SOCKET_PATH = 100;

/** The secrets that `init` made and the configuration that says where they are. */
export interface Deployment {
  config: Config;
  masterKey: Buffer;
  jwtKey: Buffer;
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
  if (!existsSync(join(home, PATHS.env))) throw new NotInitializedError(home);
  const config = loadConfig(home, environment);
  const masterKey = await loadMasterKey(masterKeySource(config, environment));
  const jwtText = await readSecretFile(inHome(config, config.jwtKeyFile), 'session key file');
  const jwtKey = Buffer.from(jwtText.toString('latin1').trim(), 'base64');
  if (jwtKey.length < 32)
    throw new Error(`The session key file ${config.jwtKeyFile} must hold at least 32 bytes as base64.`);
  return { config, masterKey, jwtKey };
}

function masterKeySource(config: Config, environment: NodeJS.ProcessEnv) {
  if (environment.CZ_MASTER_KEY !== undefined) return { environment: environment.CZ_MASTER_KEY };
  if (environment.CZ_MASTER_PASSPHRASE !== undefined) {
    const settingsFile = inHome(config, PATHS.passphraseSettings);
    return { passphrase: { text: environment.CZ_MASTER_PASSPHRASE, settingsFile } };
  }
  return { file: inHome(config, config.masterKeyFile) };
}

/** The operator's socket: below the deployment directory, or in the runtime directory where that path would be too long. */
export function socketPath(home: string, environment: NodeJS.ProcessEnv = process.env): string {
  const usual = join(home, PATHS.socket);
  if (Buffer.byteLength(usual) <= LONGEST_SOCKET_PATH) return usual;
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return join(environment.XDG_RUNTIME_DIR ?? tmpdir(), `czctl-${name}.sock`);
}
