import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { type Appliance, openAppliance } from '../server/appliance.ts';
import type { PasswordCosts } from '../server/crypto/passwords.ts';
import { type Clock, systemClock } from '../server/kernel/clock.ts';
import { resolveConfig } from '../server/kernel/config/load.ts';
import { createLog, type Log } from '../server/kernel/logging.ts';

export interface ApplianceOptions {
  clock?: Clock;
  /** PostgreSQL instead of SQLite files. */
  databaseUrl?: string;
  /** Settings by their environment names, over the defaults of a test (open registration, loopback, raised limits). */
  settings?: Record<string, string>;
  /** A directory and keys of an earlier appliance, to open it again. */
  again?: Pick<TestAppliance, 'home' | 'masterKey' | 'jwtKey'>;
  log?: Log;
  /** Costs of password hashing; cheap ones by default. */
  passwordCosts?: PasswordCosts;
}

export interface TestAppliance extends Appliance {
  home: string;
  masterKey: Buffer;
  jwtKey: Buffer;
  /** One request against the published contracts, JSON in and out. */
  request(method: string, url: string, options?: RequestOptions): Promise<Answer>;
  /** As `request`, against the operator's socket. */
  operate(method: string, url: string, body?: unknown): Promise<Answer>;
  /** Closes it and removes its directory. */
  discard(): Promise<void>;
}

export interface RequestOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** A bearer credential: session token or API key. */
  bearer?: string;
  /** Sent as X-CSRF-Token. */
  csrf?: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Parsed JSON; undefined for an empty or non-JSON body. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  body: any;
  text: string;
  bytes: Buffer;
}

const TEST_SETTINGS = {
  CZ_TLS: 'off',
  CZ_BIND: '127.0.0.1',
  CZ_REGISTRATION: 'open',
  CZ_RATE_IP: '1000000',
  CZ_RATE_KEY: '1000000',
  CZ_RATE_BUNDLE: '1000000',
  CZ_RATE_INGEST: '1000000',
  CZ_RATE_SESSION: '1000000',
  CZ_RATE_SIGN_IN: '1000000',
  CZ_RATE_FAILURES: '1000000',
};

/** Opens a whole appliance over a fresh directory (or a PostgreSQL database) with cheap password hashing. */
export async function startAppliance(options: ApplianceOptions = {}): Promise<TestAppliance> {
  const home = options.again?.home ?? mkdtempSync(join(tmpdir(), 'cz-test-'));
  const masterKey = options.again?.masterKey ?? randomBytes(32);
  const jwtKey = options.again?.jwtKey ?? randomBytes(32);
  const database = options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl };
  const config = resolveConfig(home, {}, { ...TEST_SETTINGS, ...database, ...options.settings });
  const appliance = await openAppliance({
    config,
    clock: options.clock ?? systemClock,
    log: options.log ?? createLog('silent'),
    masterKey: Buffer.from(masterKey),
    jwtKey,
    passwordCosts: options.passwordCosts ?? { memoryKib: 1024, passes: 1, lanes: 1 },
  });
  return {
    ...appliance,
    home,
    masterKey,
    jwtKey,
    request: (method, url, request = {}) => send(appliance.app, method, url, request),
    operate: (method, url, body) => send(appliance.operatorApp, method, url, body === undefined ? {} : { body }),
    discard: async () => {
      await appliance.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function send(app: Appliance['app'], method: string, url: string, options: RequestOptions): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.bearer !== undefined) headers.authorization = `Bearer ${options.bearer}`;
  if (options.csrf !== undefined) headers['x-csrf-token'] = options.csrf;
  const request: InjectOptions = { method: method as 'GET', url, headers };
  if (options.body !== undefined) {
    const raw = typeof options.body === 'string' || Buffer.isBuffer(options.body);
    request.payload = raw ? (options.body as string | Buffer) : JSON.stringify(options.body);
    headers['content-type'] ??= 'application/json';
  }
  const response = await app.inject(request);
  return {
    status: response.statusCode,
    headers: response.headers as Answer['headers'],
    body: parsed(response.body),
    text: response.body,
    bytes: response.rawPayload,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
