import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname as machineName } from 'node:os';
import { dirname, join } from 'node:path';
import {
  createCertificateAuthority,
  type IssuedCertificate,
  issueServerCertificate,
} from '../../server/crypto/certificates.ts';
import { createMasterKeyFile } from '../../server/crypto/master-key.ts';
import { createPassphraseSettings } from '../../server/crypto/passphrase.ts';
import { generateRecoveryIdentity, type RecoveryIdentity } from '../../server/crypto/recovery.ts';
import { createSecretFile } from '../../server/crypto/secret-file.ts';
import { generateSigningSeed } from '../../server/crypto/signing.ts';
import { PATHS } from '../../server/deployment.ts';
import { rfc3339 } from '../../server/kernel/clock.ts';
import { SETTINGS } from '../../server/kernel/config/settings.ts';
import type { Answers } from './answers.ts';
import { type ChosenSettings, envText } from './env-text.ts';

/** File of the key that signs checkpoints and tombstones of the audit ledger. */
const APPLIANCE_KEY = 'config/appliance.key';
export const RECOVERY_FILE = 'recovery-key.txt';

/** Writes configuration, keys and certificates of a new deployment below `folder`, all secrets with mode 0600. */
export async function writeDeploymentFiles(
  folder: string,
  answers: Answers,
  quickstart: boolean,
  now: number,
): Promise<RecoveryIdentity> {
  for (const path of ['config', PATHS.certificates, 'data', 'run', 'backups'])
    mkdirSync(join(folder, path), { recursive: true, mode: 0o700 });
  const recovery = generateRecoveryIdentity();
  await makeMasterKey(folder, answers.master_passphrase);
  const jwtSecret = answers.jwt_secret === '' ? randomBytes(48).toString('base64') : answers.jwt_secret;
  await createSecretFile(join(folder, SETTINGS.jwtKeyFile.fallback), `${jwtSecret}\n`, 'session key file');
  await createSecretFile(
    join(folder, APPLIANCE_KEY),
    `${generateSigningSeed().toString('base64')}\n`,
    'appliance key file',
  );
  if (quickstart) await createSecretFile(join(folder, RECOVERY_FILE), recoveryText(recovery), 'recovery key file');
  writeCertificates(folder, answers.hostname, now);
  writeEnv(folder, answers, recovery.recipient, now);
  return recovery;
}

/** None where the environment brings one; a key that an interrupted run left for its database server is used again. */
async function makeMasterKey(folder: string, passphrase: string): Promise<void> {
  if (process.env.CZ_MASTER_KEY !== undefined) return;
  const [file, settings] = [join(folder, SETTINGS.masterKeyFile.fallback), join(folder, PATHS.passphraseSettings)];
  if (passphrase === '' && !existsSync(file)) await createMasterKeyFile(file);
  if (passphrase !== '' && !existsSync(settings)) await createPassphraseSettings(settings, passphrase);
}

/**
 * Makes a server certificate for the host name (and for this machine's loopback), signed by the private CA of the
 * deployment; the CA is made once, so clients that trust it go on trusting a renewed certificate.
 */
export function writeCertificates(folder: string, hostname: string, now: number): void {
  const ca = readCa(folder) ?? createCertificateAuthority({ commonName: `Control Zero private CA (${hostname})`, now });
  const names = [...new Set([hostname, 'localhost', machineName(), '127.0.0.1', '::1'])].filter((name) =>
    /^[A-Za-z0-9.:-]+$/.test(name),
  );
  const server = issueServerCertificate({ names, now, ca });
  const files = {
    'ca.pem': ca.certificatePem,
    'ca-key.pem': ca.privateKeyPem,
    'server-key.pem': server.privateKeyPem,
    'server.pem': `${server.certificatePem}${ca.certificatePem}`,
  };
  for (const [name, pem] of Object.entries(files)) {
    const path = join(folder, PATHS.certificates, name);
    const mode = name.endsWith('-key.pem') ? 0o600 : 0o644;
    writeFileSync(`${path}.new`, pem, { mode });
    renameSync(`${path}.new`, path);
  }
}

function readCa(folder: string): IssuedCertificate | null {
  const certificate = join(folder, PATHS.certificates, 'ca.pem');
  const key = join(folder, PATHS.certificates, 'ca-key.pem');
  if (!existsSync(certificate) || !existsSync(key)) return null;
  return { certificatePem: readFileSync(certificate, 'utf8'), privateKeyPem: readFileSync(key, 'utf8') };
}

/** The address that `init` lets the server listen on: without TLS the loopback only. */
export function bindFor(tls: string): string {
  return tls === 'off' ? '127.0.0.1' : SETTINGS.bind.fallback;
}

/** Writes `.env` from the answers. Its mode is 0600 because database and mail addresses may carry passwords. */
export function writeEnv(folder: string, answers: Answers, recoveryRecipient: string, now: number): void {
  const chosen: ChosenSettings = {
    hostname: answers.hostname,
    port: answers.port,
    bind: bindFor(answers.tls),
    tls: answers.tls,
    authMode: answers.auth_mode,
    registration: answers.registration,
    adminEmails: answers.admin_emails,
    recoveryRecipient,
    ...(answers.trusted_proxies === '' ? {} : { trustedProxies: answers.trusted_proxies }),
    ...(answers.database_url === '' ? {} : { databaseUrl: answers.database_url }),
    ...(answers.smtp_url === '' ? {} : { smtpUrl: answers.smtp_url }),
  };
  const path = join(folder, PATHS.env);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, envText(chosen, rfc3339(now)), { mode: 0o600 });
  chmodSync(path, 0o600);
}

function recoveryText(recovery: RecoveryIdentity): string {
  return `# Opens the backups of this appliance when its master key is lost.\n# Move this file to a safe place away from this machine, then delete it here.\n# recipient: ${recovery.recipient}\n${recovery.identity}\n`;
}
