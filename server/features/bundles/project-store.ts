import { notFound } from '../../kernel/errors.ts';
import type { Reader, Writer } from './key-store.ts';
import type { DeliveredProject, ProjectSource } from './sources.ts';

/** A project as the transaction of the caller sees it, which the memory of the projects feature does not; null when there is none. */
export async function findProject(db: Reader, projectId: string): Promise<DeliveredProject | null> {
  const row = await db.selectFrom('projects').selectAll().where('id', '=', projectId).executeTakeFirst();
  return row ?? null;
}

/** A project as the transaction sees it. 404 when there is none. */
export async function projectWithin(
  projects: ProjectSource,
  trx: Writer,
  projectId: string,
): Promise<DeliveredProject> {
  const project = await projects.findWithin(trx, projectId);
  if (project === null) throw notFound(`The project ${projectId}`);
  return project;
}

/** The ids of all projects of the appliance, oldest first. */
export async function everyProjectId(db: Reader): Promise<string[]> {
  const rows = await db.selectFrom('projects').select('id').orderBy('id').execute();
  return rows.map((row) => row.id);
}
