import { Type } from 'typebox';
import { member } from '../../kernel/access.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AuditExport } from './export.ts';
import type { AuditStats } from './stats.ts';
import { ExportQuery, Stats, StatsQuery, ToolStats, ToolsQuery } from './wire.stats.ts';
import { filterOf, ProjectParams } from './wire.ts';

/** Statistics and exports. Source: REST reference, "Tamper alerts, logs, …". */
export function auditStatsRoutes(app: Surface, stats: AuditStats, exports: AuditExport): void {
  const tags = ['audit'];

  app.get(
    '/api/projects/:projectID/logs/stats',
    {
      schema: {
        summary: 'Statistics over decisions; the last 24 hours unless asked otherwise',
        tags,
        params: ProjectParams,
        querystring: StatsQuery,
        response: { 200: Stats },
      },
      config: { access: member() },
    },
    async ({ params, query }) => stats.overview(params.projectID, { filter: filterOf(query), step: query.step }),
  );
  app.get(
    '/api/projects/:projectID/logs/tools',
    {
      schema: {
        summary: 'Tools with their decisions, the busiest first; the last 24 hours unless asked otherwise',
        tags,
        params: ProjectParams,
        querystring: ToolsQuery,
        response: { 200: ToolStats },
      },
      config: { access: member() },
    },
    async ({ params, query }) => stats.tools(params.projectID, filterOf(query), query.limit ?? 50),
  );
  app.get(
    '/api/projects/:projectID/export',
    {
      schema: {
        summary: 'Export audit entries, newest first; the export is recorded',
        tags,
        params: ProjectParams,
        querystring: ExportQuery,
        produces: ['application/x-ndjson', 'text/csv'],
        response: { 200: Type.String() },
      },
      config: { access: member(), feature: 'audit_export', activity: 'audit.export' },
    },
    async ({ context, params, query }, reply) => {
      const format = query.format ?? 'jsonl';
      const stream = await exports.stream(context, params.projectID, { format, filter: filterOf(query) });
      void reply.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8');
      void reply.header('content-disposition', `attachment; filename="audit-${params.projectID}.${format}"`);
      return reply.send(stream as never);
    },
  );
}
