import type { Kysely, Selectable, Transaction, Updateable } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { ProjectsTable } from './schema.ts';

export type ProjectRow = Selectable<ProjectsTable>;

type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

/** One project, or undefined. */
export function findProject(db: Reader, id: string): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst();
}

/** One project by its public id (`proj_…`), or undefined. */
export function findByPublicId(db: Reader, publicId: string): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('public_id', '=', publicId).executeTakeFirst();
}

/** One project of an organization by its name, or undefined. */
export function findByName(db: Reader, orgId: string, name: string): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('org_id', '=', orgId).where('name', '=', name).executeTakeFirst();
}

/** The projects of an organization, oldest first. */
export function projectsOfOrg(db: Reader, orgId: string, page: PageQuery): Promise<Page<ProjectRow>> {
  return readList(
    db.selectFrom('projects').selectAll('projects').where('org_id', '=', orgId),
    { name: 'projects', columns: [['projects.id', (row) => row.id]], direction: 'asc' },
    page,
  );
}

/** Every project of an organization, oldest first. */
export function everyProjectOfOrg(db: Reader, orgId: string): Promise<ProjectRow[]> {
  return db.selectFrom('projects').selectAll().where('org_id', '=', orgId).orderBy('id').execute();
}

export async function countProjects(db: Reader, orgId: string): Promise<number> {
  const { count } = await db
    .selectFrom('projects')
    .select((select) => select.fn.countAll().as('count'))
    .where('org_id', '=', orgId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** How many projects there are. */
export async function countAllProjects(db: Reader): Promise<number> {
  const { count } = await db
    .selectFrom('projects')
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** How many projects each of the organizations has; one without any is missing. */
export async function projectCounts(db: Reader, orgIds: readonly string[]): Promise<Map<string, number>> {
  if (orgIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('projects')
    .select(({ fn }) => ['org_id', fn.countAll().as('count')])
    .where('org_id', 'in', orgIds)
    .groupBy('org_id')
    .execute();
  return new Map(rows.map((row) => [row.org_id, Number(row.count)]));
}

/** Adds a project; false, with nothing changed, when its name is taken in the organization. */
export async function insertProject(trx: Writer, row: ProjectRow): Promise<boolean> {
  const result = await trx
    .insertInto('projects')
    .values(row)
    .onConflict((conflict) => conflict.columns(['org_id', 'name']).doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Changes a project; false when it is gone. */
export async function updateProject(trx: Writer, id: string, change: Updateable<ProjectsTable>): Promise<boolean> {
  const result = await trx.updateTable('projects').set(change).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Removes a project with everything in it; false when it is gone already. */
export async function deleteProject(trx: Writer, id: string): Promise<boolean> {
  const result = await trx.deleteFrom('projects').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}
