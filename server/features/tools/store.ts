import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Keyset, Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { ProjectToolsTable } from './schema.ts';

export type ToolRow = Selectable<ProjectToolsTable>;
type Reader = Kysely<StateTables>;
type Writer = Transaction<StateTables>;

const BY_ID: Keyset<ToolRow> = { name: 'tools', columns: [['id', (row) => row.id]], direction: 'asc' };

/** One page of the tools of a project, oldest first. */
export function listTools(reader: Reader, projectId: string, page: PageQuery): Promise<Page<ToolRow>> {
  return readList(reader.selectFrom('project_tools').selectAll().where('project_id', '=', projectId), BY_ID, page);
}

/** The names of all tools of a project, or of all projects of an organization. */
export async function toolNames(
  reader: Reader,
  { orgId, projectId }: { orgId: string; projectId: string | null },
): Promise<string[]> {
  const projects = reader.selectFrom('projects').select('id').where('org_id', '=', orgId);
  const query = reader.selectFrom('project_tools').select('name').distinct().orderBy('name');
  const rows = await (projectId === null
    ? query.where('project_id', 'in', projects)
    : query.where('project_id', '=', projectId)
  ).execute();
  return rows.map((row) => row.name);
}

export async function findTool(reader: Reader, projectId: string, id: string): Promise<ToolRow | null> {
  const row = await reader
    .selectFrom('project_tools')
    .selectAll()
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row ?? null;
}

export async function countTools(reader: Reader, projectId: string): Promise<number> {
  const row = await reader
    .selectFrom('project_tools')
    .select((select) => select.fn.countAll().as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Returns false, with nothing changed, when the project has a tool of this name. */
export async function insertTool(trx: Writer, row: ToolRow): Promise<boolean> {
  const result = await trx
    .insertInto('project_tools')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
}

export async function isNameTaken(reader: Reader, projectId: string, name: string, exceptId: string): Promise<boolean> {
  const row = await reader
    .selectFrom('project_tools')
    .select('id')
    .where('project_id', '=', projectId)
    .where('name', '=', name)
    .where('id', '!=', exceptId)
    .executeTakeFirst();
  return row !== undefined;
}

export async function updateTool(
  trx: Writer,
  row: Pick<ToolRow, 'id' | 'project_id' | 'name' | 'description' | 'methods' | 'updated_at'>,
): Promise<boolean> {
  const { id, project_id, ...change } = row;
  const result = await trx
    .updateTable('project_tools')
    .set(change)
    .where('id', '=', id)
    .where('project_id', '=', project_id)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function deleteTool(trx: Writer, projectId: string, id: string): Promise<boolean> {
  const result = await trx
    .deleteFrom('project_tools')
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return result.numDeletedRows === 1n;
}
