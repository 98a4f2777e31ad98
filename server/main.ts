import { chmodSync, existsSync, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Server as TlsServer } from 'node:tls';
import { type Appliance, openAppliance } from './appliance.ts';
import { type DirectoryLock, lockDirectory } from './db/lock.ts';
import { type Deployment, loadDeployment, prepareSocketPath, removeSocket } from './deployment.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import { type Config, inHome, publicUrl } from './kernel/config/load.ts';
import { createLog, type Log } from './kernel/logging.ts';

/** A server that listens. */
export interface RunningServer {
  /** Where users and SDKs reach it, with the port it really got. */
  readonly url: string;
  readonly socket: string;
  /** Stops accepting, answers what was accepted, closes everything and releases the directory. Safe to call twice. */
  close(): Promise<void>;
}

export interface ServeOptions {
  home: string;
  clock?: Clock;
  log?: Log;
  environment?: NodeJS.ProcessEnv;
}

/**
 * Serves a deployment directory: lock → databases → features → listen.
 * Throws with a clear message, and with everything released, when the directory is locked, not initialized or broken.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const deployment = await loadDeployment(options.home, options.environment);
  const { config } = deployment;
  const log = options.log ?? createLog(config.logLevel);
  const lock = lockDirectory(options.home);
  try {
    return await serveLocked(deployment, lock, options.clock ?? systemClock, log);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function serveLocked(
  deployment: Deployment,
  lock: DirectoryLock,
  clock: Clock,
  log: Log,
): Promise<RunningServer> {
  const { config } = deployment;
  const https = readCertificate(config);
  const appliance = await openAppliance({ ...deployment, clock, log, listening: { https } });
  appliance.kernel.metrics.collectProcess();
  const socket = prepareSocketPath(config.home);
  await listenOnSocket(appliance.operatorApp, socket);
  await appliance.app.listen({ host: config.bind, port: config.port });
  const stopWatching =
    https === undefined ? () => {} : reloadCertificate(config, appliance.app.server as unknown as TlsServer, log);
  await appliance.start();
  const address = appliance.app.server.address();
  const url = publicUrl(config, typeof address === 'object' && address !== null ? address.port : config.port);
  log.info({ url, socket, tls: config.tls }, 'ready');
  return {
    url,
    socket,
    close: async () => {
      stopWatching();
      await closeWithin(appliance, config.shutdownSeconds, log);
      removeSocket(socket);
      lock.release();
    },
  };
}

async function listenOnSocket(
  app: Awaited<ReturnType<typeof openAppliance>>['operatorApp'],
  socket: string,
): Promise<void> {
  await app.listen({ path: socket });
  chmodSync(socket, 0o600);
}

/** The certificate and key that HTTPS uses; undefined where TLS ends elsewhere. */
function readCertificate(config: Config): { cert: Buffer; key: Buffer } | undefined {
  if (config.tls === 'off' || config.tls === 'proxy') return undefined;
  const cert = inHome(config, config.tlsCertificate);
  const key = inHome(config, config.tlsKey);
  for (const [file, setting] of [
    [cert, 'CZ_TLS_CERTIFICATE'],
    [key, 'CZ_TLS_KEY'],
  ] as const) {
    if (!existsSync(file))
      throw new Error(
        `${file} does not exist. Set ${setting}, or run "czctl init" to make a private CA and certificate.`,
      );
  }
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/** Takes a renewed certificate into use without a restart. A broken pair is logged and the old one stays. */
function reloadCertificate(config: Config, server: TlsServer, log: Log): () => void {
  const reload = () => {
    try {
      const pair = readCertificate(config);
      if (pair !== undefined) server.setSecureContext(pair);
      log.info('certificate reloaded');
    } catch (error) {
      log.error({ err: error }, 'the new certificate cannot be used; the old one stays');
    }
  };
  let pending: NodeJS.Timeout | undefined;
  const watcher = watch(dirname(inHome(config, config.tlsCertificate)), () => {
    clearTimeout(pending);
    // Certificate and key are two files: wait until both have been written.
    pending = setTimeout(reload, 300);
  });
  return () => {
    clearTimeout(pending);
    watcher.close();
  };
}

/** Closes an appliance; connections whose requests are not finished after so many seconds are cut, so that everything else can end in order. */
async function closeWithin(appliance: Appliance, seconds: number, log: Log): Promise<void> {
  const cut = setTimeout(() => {
    log.warn({ seconds }, 'some requests did not finish in time; their connections are cut');
    for (const { server } of [appliance.app, appliance.operatorApp]) server.closeAllConnections();
  }, seconds * 1000);
  await appliance.close().finally(() => clearTimeout(cut));
}
