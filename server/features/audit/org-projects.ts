import { ChangeCache } from '../../db/change-cache.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PROJECTS_CHANNEL } from '../projects/schema.ts';
import type { ProjectsService } from '../projects/service.ts';
import type { IngestContext } from './ingest/messages.ts';

const CHANNEL: typeof PROJECTS_CHANNEL = 'projects';
const AT_ONCE = 1000;

/**
 * The projects of organizations under both of their ids, from memory until one changes. They travel with every batch:
 * a second copy of this table beside the entries would have to be kept in step.
 */
export class OrgProjects {
  private readonly cache: ChangeCache<IngestContext['orgProjects']>;

  constructor(kernel: Pick<Kernel, 'databases'>, projects: Pick<ProjectsService, 'list'>) {
    this.cache = new ChangeCache(kernel.databases.changes, CHANNEL, async (orgId) => {
      const all: { id: string; publicId: string }[] = [];
      let cursor: string | undefined;
      do {
        const page = await projects.list(orgId, { limit: AT_ONCE, ...(cursor !== undefined && { cursor }) });
        all.push(...page.rows.map((row) => ({ id: row.id, publicId: row.public_id })));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      return all;
    });
  }

  of(orgId: string): Promise<IngestContext['orgProjects']> {
    return this.cache.get(orgId);
  }
}
