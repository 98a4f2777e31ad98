import type { Keyring } from '../../crypto/keyring.ts';
import type { Feature } from '../../kernel/surface.ts';
import type { AlertsService } from '../alerts/service.ts';
import type { BundlesService } from '../bundles/service.ts';
import type { OrgsService } from '../orgs/service.ts';
import type { ProjectsService } from '../projects/service.ts';
import type { UsageService } from '../usage/service.ts';
import { AuditArrivals } from './arrivals.ts';
import { RuleAttribution } from './attribution.ts';
import { AuditAlerts } from './audit-alerts.ts';
import { DataKeys } from './data-keys.ts';
import { PayloadErasure } from './erasure.ts';
import { AuditExport } from './export.ts';
import { OrgProjects } from './org-projects.ts';
import { AuditPayloads } from './payloads.ts';
import { AuditQueries } from './queries.ts';
import { auditOperatorRoutes } from './routes.operator.ts';
import { auditSdkRoutes } from './routes.sdk.ts';
import { auditStatsRoutes } from './routes.stats.ts';
import { auditRoutes } from './routes.ts';
import { AuditIngest, type AuditKernel } from './service.ts';
import { AuditStats } from './stats.ts';
import { AuditTotals } from './totals.ts';

export interface AuditParts {
  keyring: Pick<Keyring, 'seal' | 'open'>;
  orgs: Pick<OrgsService, 'settingsOf' | 'onRemove'>;
  projects: Pick<ProjectsService, 'list' | 'get'>;
  usage: Pick<UsageService, 'count'>;
  alerts: Pick<AlertsService, 'raiseWithin'>;
  bundles: Pick<BundlesService, 'buildsBetween'>;
}

/** What SDKs and machines report of their decisions, and how people read it. */
export function auditFeature(kernel: AuditKernel, parts: AuditParts) {
  const keys = new DataKeys(kernel, parts.keyring);
  const ingest = new AuditIngest(kernel, {
    orgs: parts.orgs,
    projects: new OrgProjects(kernel, parts.projects),
    usage: parts.usage,
    keys,
    alerts: new AuditAlerts(kernel, parts.alerts),
  });
  const attribution = new RuleAttribution(kernel, parts.bundles);
  const queries = new AuditQueries(kernel, parts.projects, attribution);
  const stats = new AuditStats(kernel, parts.projects, attribution);
  const exports = new AuditExport(kernel, parts.projects, queries);
  const payloads = new AuditPayloads(kernel, keys);
  const erasure = new PayloadErasure(kernel);
  parts.orgs.onRemove((trx, org, removal) => erasure.request(trx, org.id, removal));
  kernel.events.on('org.deleted', ({ orgId }) => keys.forget(orgId));
  return {
    name: 'audit',
    service: { ingest, queries, payloads, stats, exports, erasure, totals: new AuditTotals(kernel) },
    routes: {
      'control-zero': (app) => {
        auditSdkRoutes(app, ingest);
        auditRoutes(app, queries, payloads);
        auditStatsRoutes(app, stats, exports);
      },
      operator: (app) => auditOperatorRoutes(app, queries, new AuditArrivals(kernel, parts.projects, queries)),
    },
    start: () => erasure.start(),
    stop: () => erasure.stop(),
  } satisfies Feature & { service: unknown };
}
