import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { ProjectsService } from '../projects/service.ts';
import { CSV_HEAD, csvLine } from './csv.ts';
import type { EntryView } from './entry-view.ts';
import type { EntryFilter } from './filter.ts';
import type { AuditQueries } from './queries.ts';
import { type Place, scanEntries } from './scan.ts';

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const AT_ONCE = 200;

/** Writes entries out, however many there are. */
export class AuditExport {
  private readonly kernel: Pick<Kernel, 'databases'>;
  private readonly projects: Pick<ProjectsService, 'get'>;
  private readonly queries: Pick<AuditQueries, 'views'>;

  constructor(
    kernel: Pick<Kernel, 'databases'>,
    projects: Pick<ProjectsService, 'get'>,
    queries: Pick<AuditQueries, 'views'>,
  ) {
    this.kernel = kernel;
    this.projects = projects;
    this.queries = queries;
  }

  /**
   * The entries of a project that a filter lets through, newest first, as a stream that holds a few hundred of them at
   * a time and reads on as fast as it is taken. The export is recorded before the first byte.
   */
  async stream(
    context: RequestContext,
    projectId: string,
    request: { format: ExportFormat; filter: EntryFilter },
  ): Promise<Readable> {
    const { org_id: orgId } = await this.projects.get(projectId);
    await this.kernel.databases.state.write((trx) =>
      context.record(trx, {
        orgId,
        projectId,
        target: { type: 'project', id: projectId },
        details: { format: request.format, filter: request.filter },
      }),
    );
    return Readable.from(this.chunks(orgId, projectId, request), { objectMode: false, highWaterMark: 65_536 });
  }

  private async *chunks(
    orgId: string,
    projectId: string,
    { format, filter }: { format: ExportFormat; filter: EntryFilter },
  ): AsyncGenerator<string> {
    if (format === 'csv') yield CSV_HEAD;
    const line = format === 'csv' ? csvLine : jsonLine;
    let before: Place | undefined;
    do {
      const request = { orgId, projectId, filter, before, limit: AT_ONCE };
      const { rows, next } = await scanEntries(this.kernel.databases.audit.read, request);
      const views = await this.queries.views(orgId, rows);
      if (views.length > 0) yield views.map(line).join('');
      before = next ?? undefined;
      await nextTurn();
    } while (before !== undefined);
  }
}

function jsonLine(entry: EntryView): string {
  return `${JSON.stringify(entry)}\n`;
}
