import type { Kysely } from 'kysely';
import type { AuditTables } from '../../db/tables.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ProjectsService } from '../projects/service.ts';
import type { EntryView } from './entry-view.ts';
import { conditionsOf, type EntryFilter } from './filter.ts';
import type { AuditQueries } from './queries.ts';
import { SLICE } from './scan.ts';

/** Entries in the order in which they came. */
export interface Arrivals {
  logs: EntryView[];
  /** Where to go on: the last arrival that was looked at, whether the filter let it through or not. */
  seen: number;
}

/** Follows what arrives, whatever time the entries themselves tell: spooled entries come late and are not missed. */
export class AuditArrivals {
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
   * The next entries of a project after an arrival, oldest first. Looks at a bounded number of arrivals, so a rare
   * filter may give nothing and still move `seen` on.
   */
  async after(projectId: string, filter: EntryFilter, after: number, limit: number): Promise<Arrivals> {
    const { org_id: orgId } = await this.projects.get(projectId);
    const db = this.kernel.databases.audit.read;
    const end = (await arrivalAfter(db, after)) ?? after;
    let query = db
      .selectFrom('entries')
      .selectAll()
      .where('seq', '>', after)
      .where('seq', '<=', end)
      .where('project_id', '=', projectId)
      .where((entries) => entries.and(conditionsOf(entries, orgId, filter)));
    if (filter.since !== undefined) query = query.where('ts', '>=', filter.since);
    if (filter.until !== undefined) query = query.where('ts', '<', filter.until);
    const rows = await query.orderBy('seq').limit(limit).execute();
    return { logs: await this.queries.views(orgId, rows), seen: rows.length === limit ? rows.at(-1)!.seq : end };
  }

  /** The newest arrival of all projects, 0 when there is none. */
  async newest(): Promise<number> {
    const row = await this.kernel.databases.audit.read
      .selectFrom('entries')
      .select('seq')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.seq ?? 0;
  }
}

/** The last of the next arrivals that one look covers; undefined when there are none. Touches the primary key alone. */
async function arrivalAfter(db: Kysely<AuditTables>, after: number): Promise<number | undefined> {
  const row = await db
    .selectFrom((from) =>
      from.selectFrom('entries').select('seq').where('seq', '>', after).orderBy('seq').limit(SLICE).as('next'),
    )
    .select((select) => select.fn.max('seq').as('last'))
    .executeTakeFirst();
  return row?.last ?? undefined;
}
