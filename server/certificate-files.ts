import { existsSync, readFileSync } from 'node:fs';
import { createSecureContext, type Server } from 'node:tls';
import { type Config, ConfigError, inHome } from './kernel/config/load.ts';
import type { Log } from './kernel/logging.ts';
import { watchFiles } from './watch-files.ts';

/** A certificate chain and its private key, both PEM. */
export interface CertificatePair {
  cert: Buffer;
  key: Buffer;
}

/**
 * Reads the certificate and key that HTTPS uses; undefined where TLS ends elsewhere. Throws `ConfigError` when a file is
 * missing or cannot be read, and when the two do not belong together.
 */
export function readCertificate(config: Config): CertificatePair | undefined {
  if (config.tls === 'off' || config.tls === 'proxy') return undefined;
  const { certificate, key } = filesOf(config);
  const pair = {
    cert: readPem(certificate, 'CZ_TLS_CERTIFICATE'),
    key: readPem(key, 'CZ_TLS_KEY'),
  };
  try {
    createSecureContext(pair);
  } catch (error) {
    throw new ConfigError([
      `${certificate} (CZ_TLS_CERTIFICATE) and ${key} (CZ_TLS_KEY) cannot be used together: ${(error as Error).message}; both must be PEM, the key without a passphrase and that of the certificate`,
    ]);
  }
  return pair;
}

/** Takes a renewed certificate into use without a restart. A broken pair is logged and the old one stays. Returns how to stop. */
export function followCertificate(config: Config, server: Pick<Server, 'setSecureContext'>, log: Log): () => void {
  return watchFiles(Object.values(filesOf(config)), () => {
    try {
      const pair = readCertificate(config);
      if (pair !== undefined) server.setSecureContext(pair);
      log.info('certificate reloaded');
    } catch (error) {
      log.error({ err: error }, 'the new certificate cannot be used; the old one stays');
    }
  });
}

function filesOf(config: Config): { certificate: string; key: string } {
  return { certificate: inHome(config, config.tlsCertificate), key: inHome(config, config.tlsKey) };
}

function readPem(file: string, setting: string): Buffer {
  if (!existsSync(file)) {
    throw new ConfigError([
      `${setting} names ${file}, which does not exist; set it to your file, or run "czctl init" to make a private CA and certificate`,
    ]);
  }
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigError([`${setting} names ${file}, which cannot be read: ${(error as Error).message}`]);
  }
}
