import type { Reader } from './key-store.ts';
import type { DeliveredProject } from './sources.ts';

/** A project as the transaction of the caller sees it, which the memory of the projects feature does not; null when there is none. */
export async function findProject(db: Reader, projectId: string): Promise<DeliveredProject | null> {
  const row = await db.selectFrom('projects').selectAll().where('id', '=', projectId).executeTakeFirst();
  return row ?? null;
}
