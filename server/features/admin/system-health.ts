import { readFile, statfs } from 'node:fs/promises';
import { type CertificateFacts, inspectCertificate, renewalDue } from '../../crypto/certificate-inspection.ts';
import { databaseSizes } from '../../db/sizes.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { inHome } from '../../kernel/config/load.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { LicenseState } from '../licenses/state.ts';
import type { ActivityLog } from './activity-log.ts';
import type { AdminOverview } from './overview.ts';
import type { AdminParts } from './ports.ts';
import { queueLoads } from './queues.ts';

const DAY = 86_400_000;
const MEGABYTE = 1_048_576;
/** Below either of these the disk counts as nearly full. */
const LEAST_FREE_BYTES = 1024 * MEGABYTE;
const LEAST_FREE_SHARE = 0.05;
/** How long before its end a license is spoken of. */
const LICENSE_NOTICE = 30 * DAY;
/** A clock this far behind what it said before was set back. */
const SET_BACK = 60_000;

type HealthKernel = Pick<Kernel, 'clock' | 'config' | 'databases' | 'auditWriter'>;
type Parts = Pick<AdminParts, 'auth' | 'mail' | 'licenses' | 'health' | 'version'>;

/** The certificate that this process serves, or why it cannot be looked at. */
type Certificate = { facts: CertificateFacts; due: boolean } | { problem: string } | null;

/** Whether the appliance is well, with everything an operator looks at first. */
export class SystemHealth {
  private readonly kernel: HealthKernel;
  private readonly parts: Parts;
  private readonly log: ActivityLog;
  private readonly overview: Pick<AdminOverview, 'uptimeSeconds'>;

  constructor(kernel: HealthKernel, parts: Parts, log: ActivityLog, overview: Pick<AdminOverview, 'uptimeSeconds'>) {
    this.kernel = kernel;
    this.parts = parts;
    this.log = log;
    this.overview = overview;
  }

  /**
   * Looks at everything now. `unavailable` when a readiness check fails, `degraded` when something needs attention before
   * it fails; `warnings` says what, and what to do.
   */
  async look() {
    const { kernel, parts, log } = this;
    const [readiness, databases, queues, disk, certificate, setBackMs] = await Promise.all([
      parts.health.readiness(),
      databaseSizes(kernel.databases, kernel.config.home),
      queueLoads(kernel, parts, log),
      diskOf(kernel.config.home),
      this.certificate(),
      this.setBackMs(),
    ]);
    const license = parts.licenses.state();
    const warnings = [
      ...diskWarnings(disk),
      ...certificateWarnings(certificate),
      ...licenseWarnings(license, kernel.clock.now()),
      ...clockWarnings(setBackMs),
    ];
    return {
      status: readiness.status !== 'ready' ? 'unavailable' : warnings.length > 0 ? 'degraded' : 'healthy',
      version: parts.version,
      uptime_seconds: this.overview.uptimeSeconds(),
      checks: readiness.checks,
      databases: databases.map(({ name, engine, bytes, logBytes }) => ({ name, engine, bytes, log_bytes: logBytes })),
      queues,
      disk,
      certificate: certificateJson(certificate),
      license: {
        status: license.status,
        tier: license.tier,
        expires_at: license.expiresAt === null ? null : rfc3339(license.expiresAt),
      },
      clock: { now: rfc3339(kernel.clock.now()), set_back_ms: setBackMs },
      warnings,
    } as const;
  }

  private async certificate(): Promise<Certificate> {
    const { config, clock } = this.kernel;
    if (config.tls === 'off' || config.tls === 'proxy') return null;
    try {
      const pem = await readFile(inHome(config, config.tlsCertificate), 'utf8');
      return { facts: inspectCertificate(pem), due: renewalDue(pem, clock.now()) };
    } catch (error) {
      return { problem: (error as Error).message };
    }
  }

  /** How far the clock is behind the newest recorded change, which it must have passed once. */
  private async setBackMs(): Promise<number> {
    const newest = await this.log.newestAt();
    return newest === null ? 0 : Math.max(0, newest - this.kernel.clock.now());
  }
}

async function diskOf(home: string) {
  const { bsize, blocks, bavail } = await statfs(home);
  return { total_bytes: blocks * bsize, free_bytes: bavail * bsize };
}

function certificateJson(certificate: Certificate) {
  if (certificate === null || 'problem' in certificate) return null;
  const { facts, due } = certificate;
  return {
    subject: facts.subject,
    names: [...facts.names],
    fingerprint: facts.fingerprint,
    expires_at: rfc3339(facts.endsAt),
    renewal_due: due,
  };
}

function diskWarnings({ free_bytes: free, total_bytes: total }: { free_bytes: number; total_bytes: number }): string[] {
  if (free >= LEAST_FREE_BYTES && free >= total * LEAST_FREE_SHARE) return [];
  return [
    `Only ${Math.round(free / MEGABYTE)} MB of the disk are free. Make room, or move the deployment directory to a larger disk.`,
  ];
}

function certificateWarnings(certificate: Certificate): string[] {
  if (certificate === null) return [];
  if ('problem' in certificate) {
    return [`The certificate cannot be read: ${certificate.problem} Check CZ_TLS_CERTIFICATE.`];
  }
  const { facts, due } = certificate;
  return due
    ? [`The certificate ends at ${rfc3339(facts.endsAt)}. Renew it; a new file is used without a restart.`]
    : [];
}

function licenseWarnings({ status, expiresAt }: LicenseState, now: number): string[] {
  if (status === 'none') return ['There is neither a trial nor a license. Install one with "czctl license install".'];
  if (expiresAt === null || expiresAt - now > LICENSE_NOTICE) return [];
  const what = status === 'trial' ? 'The trial' : 'The license';
  const ends = expiresAt <= now ? 'ended' : 'ends';
  return [`${what} ${ends} at ${rfc3339(expiresAt)}. Install a license with "czctl license install".`];
}

function clockWarnings(setBackMs: number): string[] {
  if (setBackMs <= SET_BACK) return [];
  return [
    `The clock is ${Math.round(setBackMs / 1000)} s behind the newest recorded change, so it was set back. Synchronize it (NTP).`,
  ];
}
