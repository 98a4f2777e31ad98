import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parseEnvFile } from './env-file.ts';
import { SETTING_LIST, type SettingName, type SettingValues } from './settings.ts';

/** Where a value came from. */
export type Source = 'environment' | '.env' | 'default';

/** The validated configuration of one deployment directory. */
export interface Config extends SettingValues {
  /** The deployment directory, absolute. */
  readonly home: string;
  readonly sources: Readonly<Record<SettingName, Source>>;
}

/** Everything that is wrong with a configuration, all at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Loads the configuration of a deployment directory: process environment first, then `.env`, then the default.
 * Throws `ConfigError` with every problem found; a secret's value is never part of it.
 */
export function loadConfig(home: string, environment: NodeJS.ProcessEnv = process.env): Config {
  const file = join(home, '.env');
  return resolveConfig(home, environment, existsSync(file) ? readEnvFile(file) : {});
}

function readEnvFile(file: string): Record<string, string> {
  try {
    return parseEnvFile(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError([`${file} cannot be read: ${(error as Error).message}`]);
  }
}

/** As `loadConfig`, from values at hand. */
export function resolveConfig(home: string, environment: NodeJS.ProcessEnv, fromFile: Record<string, string>): Config {
  const values: Record<string, unknown> = {};
  const sources: Record<string, Source> = {};
  const problems: string[] = [];
  for (const { name, setting } of SETTING_LIST) {
    const text = environment[setting.env] ?? fromFile[setting.env];
    sources[name] = environment[setting.env] !== undefined ? 'environment' : text !== undefined ? '.env' : 'default';
    try {
      values[name] = text === undefined ? setting.fallback : setting.parse(text);
    } catch (error) {
      const shown = setting.secret ? '' : ` (now ${JSON.stringify(text)})`;
      problems.push(`${setting.env} ${(error as Error).message}${shown}; set it in ${sources[name]}`);
    }
  }
  const config = { ...values, home, sources } as unknown as Config;
  if (problems.length === 0) problems.push(...crossChecks(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function crossChecks(config: Config): string[] {
  const problems: string[] = [];
  if (config.tls === 'proxy' && config.trustedProxies.length === 0) {
    problems.push(
      'CZ_TLS=proxy needs CZ_TRUSTED_PROXIES, the network of the proxy; without it every client would look like the proxy',
    );
  }
  if (config.tls === 'off' && !isLoopback(config.bind)) {
    problems.push(
      `CZ_TLS=off serves plain HTTP, which is accepted on loopback only; set CZ_BIND=127.0.0.1 (now ${config.bind}) or choose CZ_TLS=init, own or proxy`,
    );
  }
  return problems;
}

/** Whether an address can only be reached from this machine. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** A path of the deployment: absolute as it is, else below the deployment directory. */
export function inHome(config: { home: string }, path: string): string {
  return isAbsolute(path) ? path : join(config.home, path);
}

/** The address people and SDKs are told: `CZ_PUBLIC_URL`, else built from hostname, port and TLS. Never from a request. */
export function publicUrl(config: Config, port = config.port): string {
  if (config.publicUrl !== null) return config.publicUrl.replace(/\/+$/, '');
  const scheme = config.tls === 'off' ? 'http' : 'https';
  const host = config.tls === 'off' && config.hostname === 'localhost' ? '127.0.0.1' : config.hostname;
  const usual = config.tls === 'proxy' || (scheme === 'https' && port === 443) || (scheme === 'http' && port === 80);
  return `${scheme}://${host}${usual ? '' : `:${port}`}`;
}
