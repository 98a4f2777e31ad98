import { chmodSync } from 'node:fs';
import type { Server as TlsServer } from 'node:tls';
import { type Appliance, openAppliance } from './appliance.ts';
import { followCertificate, readCertificate } from './certificate-files.ts';
import { type DirectoryLock, lockDirectory } from './db/lock.ts';
import { type Deployment, loadDeployment, prepareSocketPath, removeSocket } from './deployment.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import { type Config, publicUrl } from './kernel/config/load.ts';
import { createLog, type Log } from './kernel/logging.ts';
import { followSettings } from './live-settings.ts';

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
  /** Where the log goes when no `log` is given; standard output when absent. */
  logTo?: NodeJS.WritableStream;
  environment?: NodeJS.ProcessEnv;
}

/**
 * Serves a deployment directory: lock → databases → features → listen.
 * Throws with a clear message, and with everything released, when the directory is locked, not initialized or broken.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const deployment = await loadDeployment(options.home, options.environment);
  const lock = lockDirectory(options.home);
  try {
    return await serveLocked(deployment, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function serveLocked(
  deployment: Deployment,
  lock: DirectoryLock,
  {
    environment = process.env,
    clock = systemClock,
    logTo,
    log = createLog(deployment.config.logLevel, logTo),
  }: ServeOptions,
): Promise<RunningServer> {
  const { config } = deployment;
  const https = readCertificate(config);
  const appliance = await openAppliance({ ...deployment, clock, log, listening: { https } });
  appliance.kernel.metrics.collectProcess();
  const socket = prepareSocketPath(config.home);
  try {
    await listenOnSocket(appliance.operatorApp, socket);
    await listenOnPort(appliance.app, config);
    await appliance.start();
  } catch (error) {
    await appliance.close();
    removeSocket(socket);
    throw error;
  }
  const unfollow = [
    followSettings(config, environment, log),
    ...(https === undefined ? [] : [followCertificate(config, appliance.app.server as unknown as TlsServer, log)]),
  ];
  const address = appliance.app.server.address();
  const url = publicUrl(config, typeof address === 'object' && address !== null ? address.port : config.port);
  log.info({ url, socket, tls: config.tls }, 'ready');
  return {
    url,
    socket,
    close: async () => {
      for (const stop of unfollow) stop();
      await closeWithin(appliance, config.shutdownSeconds, log);
      removeSocket(socket);
      lock.release();
    },
  };
}

/** The server cannot have the address that its settings name. */
class ListenError extends Error {
  override readonly name = 'ListenError';
}

async function listenOnPort(app: Appliance['app'], { bind, port }: Config): Promise<void> {
  try {
    await app.listen({ host: bind, port });
  } catch (error) {
    throw new ListenError(whyNotListening(error as NodeJS.ErrnoException, bind, port), { cause: error });
  }
}

function whyNotListening({ code, message }: NodeJS.ErrnoException, bind: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${bind} is in use. Stop what uses it, or choose another one: czctl config set CZ_PORT 9443.`;
    case 'EACCES':
      return `Port ${port} needs more rights than this user has. Choose one above 1023: czctl config set CZ_PORT 8443.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${bind} is no address of this machine. Set CZ_BIND to one of its addresses, or to 0.0.0.0 for all of them.`;
    default:
      return `The server cannot listen on port ${port} of ${bind}: ${message}.`;
  }
}

async function listenOnSocket(app: Appliance['operatorApp'], socket: string): Promise<void> {
  await app.listen({ path: socket });
  chmodSync(socket, 0o600);
}

/** Closes an appliance; connections whose requests are not finished after so many seconds are cut, so that everything else can end in order. */
async function closeWithin(appliance: Appliance, seconds: number, log: Log): Promise<void> {
  const cut = setTimeout(() => {
    log.warn({ seconds }, 'some requests did not finish in time; their connections are cut');
    for (const { server } of [appliance.app, appliance.operatorApp]) server.closeAllConnections();
  }, seconds * 1000);
  await appliance.close().finally(() => clearTimeout(cut));
}
