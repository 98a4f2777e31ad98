import type { FastifyRequest } from 'fastify';
import { apiKey } from '../../kernel/access.ts';
import { none } from '../../kernel/route-config.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { AuditIngest, Batch } from './service.ts';
import { IngestAnswer, IngestQuery, ingestAnswer } from './wire.ts';

/** What SDKs report. Source: REST reference, "SDK endpoints"; both paths are one. */
export function auditSdkRoutes(app: Surface, ingest: AuditIngest): void {
  for (const path of ['/v1/sdk/audit', '/v1/sdk/logs']) {
    app.post(
      path,
      {
        schema: {
          summary: 'Deliver audit entries',
          description:
            'Body: {"entries": [ … ]}, up to 16 MB. The answer comes when everything accepted is on the disk. The content of an entry never makes the request fail.',
          tags: ['sdk'],
          querystring: IngestQuery,
          response: { 200: IngestAnswer },
        },
        config: { access: apiKey('read'), activity: none('ingest'), rate: 'ingest', reading: 'batch' },
      },
      async (request) =>
        ingestAnswer(await ingest.ingest(request.context, batchOf(request, request.query.verbose === '1'))),
    );
  }
}

const TRACE = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A batch as it came, with what its headers claim. */
export function batchOf(request: FastifyRequest<{ Querystring: unknown }>, verbose: boolean): Batch {
  const { headers } = request;
  const email = headers['x-cz-requestor-email'];
  const trace = headers.traceparent;
  return {
    body: request.body as Buffer | undefined,
    verbose,
    requestorEmail: typeof email === 'string' && email !== '' ? email : undefined,
    traceId: typeof trace === 'string' ? TRACE.exec(trace)?.[1] : undefined,
  };
}
