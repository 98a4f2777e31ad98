import { rfc3339 } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AdminParts } from './ports.ts';

const DAY = 86_400_000;

type Parts = Omit<AdminParts, 'usage' | 'flags' | 'health'>;

/** The appliance in figures, for the first page of its administration. */
export class AdminOverview {
  private readonly kernel: Pick<Kernel, 'clock'>;
  private readonly parts: Parts;
  private readonly startedAt: number;

  constructor(kernel: Pick<Kernel, 'clock'>, parts: Parts) {
    this.kernel = kernel;
    this.parts = parts;
    this.startedAt = kernel.clock.now();
  }

  /** How long this process has been serving, in seconds. */
  uptimeSeconds(): number {
    return Math.max(0, Math.round((this.kernel.clock.now() - this.startedAt) / 1000));
  }

  /** Counts everything now. */
  async figures() {
    const { auth, orgs, projects, apiKeys, policies, alerts, licenses, audit, version } = this.parts;
    const [orgCounts, userCounts, projectCount, keys, live, open, reported] = await Promise.all([
      orgs.count(),
      auth.users.count(),
      projects.count(),
      apiKeys.countActive(),
      policies.countLive(),
      alerts.countOpen(),
      audit.totals(this.kernel.clock.now() - DAY),
    ]);
    const outcomes = namedOutcomes(reported.outcomes);
    const license = licenses.state();
    return {
      orgs: { total: orgCounts.active + orgCounts.suspended, ...orgCounts },
      users: { total: userCounts.active + userCounts.disabled, ...userCounts },
      projects: projectCount,
      active_api_keys: keys,
      live_policies: live,
      decisions_24h: { total: sum(outcomes), by_outcome: outcomes },
      audit_entries: reported.entries,
      open_alerts: { total: sum(open), ...open },
      license: {
        status: license.status,
        tier: license.tier,
        expires_at: license.expiresAt === null ? null : rfc3339(license.expiresAt),
      },
      version,
      uptime_seconds: this.uptimeSeconds(),
    };
  }
}

/** The usual outcomes by name, and everything else together: what words SDKs make up is not ours to list. */
function namedOutcomes(reported: Readonly<Record<string, number>>) {
  const { allow = 0, deny = 0, warn = 0, audit = 0 } = reported;
  return { allow, deny, warn, audit, other: sum(reported) - allow - deny - warn - audit };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
