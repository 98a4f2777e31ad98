import { isUtf8 } from 'node:buffer';
import { member } from '../../kernel/access.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AuditPayloads } from './payloads.ts';
import type { AuditQueries } from './queries.ts';
import {
  Entries,
  EntryParams,
  filterOf,
  LogsQuery,
  ProjectParams,
  QuarantinedRows,
  QuarantineParams,
  QuarantineQuery,
  quarantinedJson,
  SingleEntry,
  Unmasked,
  UnmaskedRow,
} from './wire.ts';

/** Audit logs on the dashboard. Source: REST reference, "Tamper alerts, logs, …"; quarantine and unmasking are our own. */
export function auditRoutes(app: Surface, queries: AuditQueries, payloads: AuditPayloads): void {
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
      schema: { summary: 'An audit entry', tags, params: EntryParams, response: { 200: SingleEntry } },
      config: { access: member() },
    },
    async ({ params: { projectID, entryID } }) => ({
      ...(await queries.find(projectID, entryID)),
      payload: await payloads.inTheOpen(projectID, entryID),
    }),
  );
  app.post(
    '/api/projects/:projectID/logs/:entryID/unmask',
    {
      schema: {
        summary: 'Arguments and payloads of an audit entry; the look is recorded',
        tags,
        params: EntryParams,
        response: { 200: Unmasked },
      },
      config: { access: member('admin'), activity: 'audit.unmask' },
    },
    async ({ context, params }) => payloads.unmask(context, params.projectID, params.entryID),
  );
  app.get(
    '/api/projects/:projectID/logs/quarantine',
    {
      schema: {
        summary: 'Rows that could not become entries, newest first',
        tags,
        params: ProjectParams,
        querystring: QuarantineQuery,
        response: { 200: QuarantinedRows },
      },
      config: { access: member() },
    },
    async ({ params, query }) => {
      const { rows, next } = await queries.quarantine(params.projectID, query);
      return { quarantine: rows.map(quarantinedJson), next_cursor: next };
    },
  );
  app.post(
    '/api/projects/:projectID/logs/quarantine/:seq/unmask',
    {
      schema: {
        summary: 'The content of a row in quarantine; the look is recorded',
        tags,
        params: QuarantineParams,
        response: { 200: UnmaskedRow },
      },
      config: { access: member('admin'), activity: 'audit.unmask' },
    },
    async ({ context, params }) => {
      const { row, content } = await payloads.unmaskQuarantined(context, params.projectID, params.seq);
      const text = isUtf8(content) ? content.toString('utf8') : null;
      return { ...quarantinedJson(row), content: content.toString('base64'), text };
    },
  );
}
