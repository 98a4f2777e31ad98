import { CursorError, decodeCursor, encodeCursor, type Keyset } from '../../db/keyset.ts';
import { invalid, notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import type { ProjectsService } from '../projects/service.ts';
import type { RuleAttribution } from './attribution.ts';
import { type EntryView, entryView } from './entry-view.ts';
import type { EntryFilter } from './filter.ts';
import { entryKey } from './ingest/entry.ts';
import { type Place, scanEntries } from './scan.ts';
import type { QuarantineReason } from './schema.ts';
import { type EntryRow, findEntry, quarantinedOf } from './store.ts';

/** A page of entries. */
export interface EntryPage {
  logs: EntryView[];
  /** Null when nothing older is left; a page may be short and still have one. */
  next_cursor: string | null;
}

const NEWEST_FIRST: Keyset<Place> = {
  name: 'logs',
  columns: [
    ['ts', (place) => place.ts],
    ['seq', (place) => place.seq],
  ],
  direction: 'desc',
};

/** Reads what was reported. */
export class AuditQueries {
  private readonly kernel: Pick<Kernel, 'databases'>;
  private readonly projects: Pick<ProjectsService, 'get'>;
  private readonly attribution: RuleAttribution;

  constructor(kernel: Pick<Kernel, 'databases'>, projects: Pick<ProjectsService, 'get'>, attribution: RuleAttribution) {
    this.kernel = kernel;
    this.projects = projects;
    this.attribution = attribution;
  }

  /** Entries of a project, newest first. 400 when the cursor is none of this list. */
  async list(
    projectId: string,
    filter: EntryFilter,
    page: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<EntryPage> {
    const { org_id: orgId } = await this.projects.get(projectId);
    const before = page.cursor === undefined ? undefined : readPlace(page.cursor);
    const { rows, next } = await scanEntries(this.kernel.databases.audit.read, {
      orgId,
      projectId,
      filter,
      before,
      limit: page.limit ?? 50,
    });
    return {
      logs: await this.views(orgId, rows),
      next_cursor: next === null ? null : encodeCursor(NEWEST_FIRST, next),
    };
  }

  /** One entry by the id that its SDK gave it. 404 when the project has none. */
  async find(projectId: string, entryId: string): Promise<EntryView> {
    const row = await findEntry(this.kernel.databases.audit.read, entryKey(projectId, entryId));
    if (row === undefined) throw notFound(`The audit entry ${JSON.stringify(entryId)}`);
    const [view] = await this.views(row.org_id, [row]);
    return view!;
  }

  /** The rows of a project that could not become entries, newest first, without their content. */
  quarantine(projectId: string, { reason, ...page }: PageQuery & { reason?: QuarantineReason }) {
    return quarantinedOf(this.kernel.databases.audit.read, projectId, reason, page);
  }

  /** Entries of one organization as they are shown, with the rules that decided. */
  async views(orgId: string, rows: readonly EntryRow[]): Promise<EntryView[]> {
    const decided = await this.attribution.of(orgId, rows);
    return rows.map((row, index) => entryView(row, decided[index]!));
  }
}

function readPlace(cursor: string): Place {
  try {
    const [ts, seq] = decodeCursor(NEWEST_FIRST, cursor);
    return { ts: Number(ts), seq: Number(seq) };
  } catch (error) {
    if (error instanceof CursorError) throw invalid(error.message);
    throw error;
  }
}
