import type { Mailer } from '../../kernel/mailer.ts';
import type { AlertsService } from '../alerts/service.ts';
import type { ApiKeysService } from '../api-keys/service.ts';
import type { AuthService } from '../auth/service.ts';
import type { HealthService } from '../health/service.ts';
import type { FlagsService } from '../licenses/gate.ts';
import type { LicensesService } from '../licenses/service.ts';
import type { OrgsService } from '../orgs/service.ts';
import type { PolicyCatalogue } from '../policies/catalogue.ts';
import type { ProjectsService } from '../projects/service.ts';
import type { UsageService } from '../usage/service.ts';

/** What SDKs reported, in figures. */
export interface AuditTotals {
  /** Entries that are kept, and the decisions since `since` (milliseconds) by outcome. */
  totals(since: number): Promise<{ entries: number; outcomes: Readonly<Record<string, number>> }>;
}

/** The services of other features that the administration of the appliance works with. */
export interface AdminParts {
  version: string;
  auth: Pick<AuthService, 'users' | 'admins' | 'passwordLoad'>;
  orgs: Pick<OrgsService, 'search' | 'get' | 'administer' | 'changeTier' | 'memberCounts' | 'count'>;
  projects: Pick<ProjectsService, 'count' | 'counts' | 'find'>;
  apiKeys: Pick<ApiKeysService, 'countActive' | 'byIds'>;
  policies: Pick<PolicyCatalogue, 'countLive'>;
  mail: Pick<Mailer, 'waiting'>;
  alerts: Pick<AlertsService, 'countOpen'>;
  licenses: Pick<LicensesService, 'state'>;
  flags: Pick<FlagsService, 'effectiveTier'>;
  usage: Pick<UsageService, 'usage' | 'reset'>;
  health: Pick<HealthService, 'readiness'>;
  audit: AuditTotals;
}
