import type { Kernel } from '../../kernel/kernel.ts';
import { ActivityLog } from './activity-log.ts';
import { AdminOrgs } from './orgs.ts';
import { AdminOverview } from './overview.ts';
import { AdminPeople } from './people.ts';
import type { AdminParts } from './ports.ts';
import { RateLimits } from './rate-limits.ts';
import { SystemHealth } from './system-health.ts';
import { SystemMetrics } from './system-metrics.ts';

export type AdminKernel = Pick<Kernel, 'clock' | 'config' | 'databases' | 'auditWriter' | 'metrics' | 'limits'>;

/** What platform admins do and look at, by subject. */
export class AdminService {
  readonly orgs: AdminOrgs;
  readonly people: AdminPeople;
  readonly overview: AdminOverview;
  readonly activity: ActivityLog;
  readonly health: SystemHealth;
  readonly metrics: SystemMetrics;
  readonly rateLimits: RateLimits;

  constructor(kernel: AdminKernel, parts: AdminParts) {
    this.orgs = new AdminOrgs(parts);
    this.people = new AdminPeople(kernel, parts);
    this.overview = new AdminOverview(kernel, parts);
    this.activity = new ActivityLog(kernel);
    this.health = new SystemHealth(kernel, parts, this.activity, this.overview);
    this.metrics = new SystemMetrics(kernel, parts, this.activity, this.overview);
    this.rateLimits = new RateLimits(kernel, parts);
  }
}
