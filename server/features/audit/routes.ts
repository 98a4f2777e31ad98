import { member } from '../../kernel/access.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AuditQueries } from './queries.ts';
import { Entries, Entry, EntryParams, filterOf, LogsQuery, ProjectParams } from './wire.ts';

/** Audit logs on the dashboard. Source: REST reference, "Tamper alerts, logs, …". */
export function auditRoutes(app: Surface, queries: AuditQueries): void {
  const tags = ['audit'];

  app.get(
    '/api/projects/:projectID/logs',
    {
      schema: {
        summary: 'Audit entries, newest first',
        tags,
        params: ProjectParams,
        querystring: LogsQuery,
        response: { 200: Entries },
      },
      config: { access: member() },
    },
    async ({ params, query }) => queries.list(params.projectID, filterOf(query), query),
  );
  app.get(
    '/api/projects/:projectID/logs/:entryID',
    {
      schema: { summary: 'An audit entry', tags, params: EntryParams, response: { 200: Entry } },
      config: { access: member() },
    },
    async ({ params }) => queries.find(params.projectID, params.entryID),
  );
}
