import { Type } from 'typebox';
import { operator } from '../../kernel/access.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AuditArrivals } from './arrivals.ts';
import type { AuditQueries } from './queries.ts';
import { Entries, Entry, FilterQuery, filterOf, LogsQuery, ProjectParams } from './wire.ts';

const ArrivalsQuery = Type.Object({
  ...FilterQuery.properties,
  after: Type.Integer({ minimum: 0, description: 'The arrival after which to begin.' }),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
});
const Arrived = Type.Object({ logs: Type.Array(Entry), seen: Type.Integer() });
const Newest = Type.Object({ seq: Type.Integer() });

/** `czctl audit search|tail`. */
export function auditOperatorRoutes(app: Surface, queries: AuditQueries, arrivals: AuditArrivals): void {
  const access = operator();
  app.get(
    '/operator/projects/:projectID/logs',
    {
      schema: {
        summary: 'Audit entries, newest first',
        params: ProjectParams,
        querystring: LogsQuery,
        response: { 200: Entries },
      },
      config: { access },
    },
    async ({ params, query }) => queries.list(params.projectID, filterOf(query), query),
  );
  app.get(
    '/operator/projects/:projectID/logs/arrivals',
    {
      schema: {
        summary: 'Audit entries in the order of arrival',
        params: ProjectParams,
        querystring: ArrivalsQuery,
        response: { 200: Arrived },
      },
      config: { access },
    },
    async ({ params, query }) => arrivals.after(params.projectID, filterOf(query), query.after, query.limit),
  );
  app.get(
    '/operator/logs/newest',
    { schema: { summary: 'The newest arrival', response: { 200: Newest } }, config: { access } },
    async () => ({ seq: await arrivals.newest() }),
  );
}
