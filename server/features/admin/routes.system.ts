import { platformAdmin } from '../../kernel/access.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AdminService } from './service.ts';
import { Health, Metrics, Overview, RateLimitActivity } from './wire.system.ts';
import { ActivityPage, ActivityQuery, activityFilter, activityJson } from './wire.ts';

/** The appliance as a whole: figures, changes, health, metrics, limits. Source: REST reference, "Admin API". */
export function adminSystemRoutes(app: Surface, admin: AdminService): void {
  const tags = ['admin'];
  const config = { access: platformAdmin() };

  app.get(
    '/api/admin/stats/overview',
    { schema: { summary: 'The appliance in figures', tags, response: { 200: Overview } }, config },
    async () => admin.overview.figures(),
  );
  app.get(
    '/api/admin/audit-logs',
    {
      schema: {
        summary: 'Administrative changes of all organizations, newest first',
        tags,
        querystring: ActivityQuery,
        response: { 200: ActivityPage },
      },
      config,
    },
    async ({ query }) => {
      const { rows, next } = await admin.activity.list(activityFilter(query), query);
      return { audit_logs: rows.map(activityJson), next_cursor: next };
    },
  );
  app.get(
    '/api/admin/system/health',
    { schema: { summary: 'System health', tags, response: { 200: Health } }, config },
    async () => admin.health.look(),
  );
  app.get(
    '/api/admin/system/metrics',
    { schema: { summary: 'Metrics, put together', tags, response: { 200: Metrics } }, config },
    async () => admin.metrics.summary(),
  );
  app.get(
    '/api/admin/system/rate-limits',
    { schema: { summary: 'Rate limits and who comes near them', tags, response: { 200: RateLimitActivity } }, config },
    async () => admin.rateLimits.activity(),
  );
}
