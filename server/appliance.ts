import { hkdfSync } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { buildApp, buildOperatorApp, type Listening } from './app.ts';
import type { PasswordCosts } from './crypto/passwords.ts';
import { startAuditWriter } from './db/audit-writer.ts';
import { openDatabases } from './db/open.ts';
import { composeFeatures, type Services } from './features.ts';
import type { Clock } from './kernel/clock.ts';
import type { Config } from './kernel/config/load.ts';
import { Idempotency } from './kernel/idempotency.ts';
import { createKernel, type Kernel } from './kernel/kernel.ts';
import type { Log } from './kernel/logging.ts';
import type { Feature } from './kernel/surface.ts';
import { loadKeyring } from './keyring-store.ts';
import { acceptOperatorClaims } from './operator-claims.ts';
import { readBuildInfo } from './version.ts';

const IDLE_SWEEP_MILLISECONDS = 50;

/** What an appliance is made from; tests hand in a manual clock and cheap password costs. */
export interface ApplianceParts {
  config: Config;
  clock: Clock;
  log: Log;
  masterKey: Buffer;
  /** Signs sessions; CSRF and cursor keys are derived from it. At least 32 bytes. */
  jwtKey: Buffer;
  passwordCosts?: PasswordCosts;
  listening?: Listening;
}

/** An open appliance: databases, features and both applications, not yet listening. */
export interface Appliance {
  readonly kernel: Kernel;
  readonly features: readonly Feature[];
  readonly services: Services;
  /** The published contracts. */
  readonly app: FastifyInstance;
  /** The operator's socket. */
  readonly operatorApp: FastifyInstance;
  /** Begins timers and other background work. */
  start(): Promise<void>;
  /** Answers what was accepted, stops the features in reverse order, closes the databases. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the databases (migrating them first), composes every feature and builds the applications.
 * The caller holds the lock of the deployment directory. On failure everything opened so far is closed again.
 */
export async function openAppliance(parts: ApplianceParts): Promise<Appliance> {
  const { config, clock, log } = parts;
  const build = readBuildInfo();
  const location = config.databaseUrl === null ? { directory: config.home } : { databaseUrl: config.databaseUrl };
  const databases = await openDatabases({ ...location, clock, log, version: build.version });
  const auditWriter = startAuditWriter(databases, { clock, log });
  try {
    const keyring = await loadKeyring(databases, parts.masterKey, clock);
    const keys = { csrf: derive(parts.jwtKey, 'csrf'), cursor: derive(parts.jwtKey, 'cursor') };
    const idempotency = new Idempotency(databases, clock, keyring);
    const kernel = createKernel({ config, clock, log, databases, auditWriter, idempotency, keys });
    const outfit = { build, keyring, jwtKey: derive(parts.jwtKey, 'session'), passwordCosts: parts.passwordCosts };
    acceptOperatorClaims(kernel.credentials, config.home);
    const { features, services } = await composeFeatures(kernel, outfit);
    const app = await buildApp(kernel, features, parts.listening);
    const operatorApp = await buildOperatorApp(kernel, features);
    return assemble(kernel, features, services, app, operatorApp);
  } catch (error) {
    await auditWriter.close();
    await databases.close();
    throw error;
  }
}

function assemble(
  kernel: Kernel,
  features: readonly Feature[],
  services: Services,
  app: FastifyInstance,
  operatorApp: FastifyInstance,
): Appliance {
  let closing: Promise<void> | undefined;
  const shutDown = async () => {
    await closeServers([app, operatorApp]);
    for (const feature of [...features].reverse()) await feature.stop?.();
    await kernel.auditWriter.close();
    await kernel.databases.close();
  };
  return {
    kernel,
    features,
    services,
    app,
    operatorApp,
    start: async () => {
      for (const feature of features) await feature.start?.();
    },
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
}

/** Stops listening and resolves when every accepted request was answered. */
async function closeServers(apps: readonly FastifyInstance[]): Promise<void> {
  // A client may keep its connection open for a minute after its last answer; nobody waits for that.
  const sweep = setInterval(() => {
    for (const { server } of apps) server.closeIdleConnections();
  }, IDLE_SWEEP_MILLISECONDS);
  try {
    await Promise.all(apps.map((app) => app.close()));
  } finally {
    clearInterval(sweep);
  }
}

function derive(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `control-zero ${purpose}`, 32));
}
