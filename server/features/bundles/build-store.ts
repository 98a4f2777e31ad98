import type { Insertable, Selectable } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { Reader, Writer } from './key-store.ts';
import type { BuildMode, BuildsTable, BundlesTable } from './schema.ts';

export type BuildRow = Selectable<BuildsTable>;
/** A build without its bytes. */
export type BuildFacts = Omit<BuildRow, 'bytes'>;
export type BundleRow = Selectable<BundlesTable>;

const FACTS = [
  'id',
  'project_id',
  'mode',
  'size',
  'digest',
  'signature',
  'payload_digest',
  'signing_key_id',
  'project_key_id',
  'key_version',
  'policy_count',
  'min_sdk_version',
  'rule_index',
  'reason',
  'created_at',
  'superseded_at',
] as const satisfies readonly (keyof BuildFacts)[];

/** What a project delivers now; undefined when nothing was ever built. */
export function findBundle(db: Reader, projectId: string): Promise<BundleRow | undefined> {
  return db.selectFrom('bundles').selectAll().where('project_id', '=', projectId).executeTakeFirst();
}

/** Adds the row of a project; false when another transaction was faster. */
export async function insertBundle(trx: Writer, row: BundleRow): Promise<boolean> {
  const result = await trx
    .insertInto('bundles')
    .values(row)
    .onConflict((conflict) => conflict.column('project_id').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Changes the row of a project if it still is what it was; false, with nothing changed, when somebody was faster. */
export async function changeBundle(
  trx: Writer,
  before: Pick<BundleRow, 'project_id' | 'revision'>,
  change: Partial<Omit<BundleRow, 'project_id' | 'org_id' | 'revision'>>,
): Promise<boolean> {
  const result = await trx
    .updateTable('bundles')
    .set({ ...change, revision: before.revision + 1 })
    .where('project_id', '=', before.project_id)
    .where('revision', '=', before.revision)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export function findBuildFacts(db: Reader, id: string): Promise<BuildFacts | undefined> {
  return db.selectFrom('builds').select(FACTS).where('id', '=', id).executeTakeFirst();
}

export async function insertBuild(trx: Writer, row: Insertable<BuildsTable>): Promise<void> {
  await trx.insertInto('builds').values(row).execute();
}

/** Notes that a build is delivered no more, and drops the bytes of all but the newest `keep` of its kind. */
export async function supersedeBuild(trx: Writer, build: BuildFacts, at: number, keep: number): Promise<void> {
  await trx
    .updateTable('builds')
    .set({ superseded_at: at })
    .where('id', '=', build.id)
    .where('superseded_at', 'is', null)
    .execute();
  const kept = await trx
    .selectFrom('builds')
    .select(['id', 'created_at'])
    .where('project_id', '=', build.project_id)
    .where('mode', '=', build.mode)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(keep)
    .execute();
  if (kept.length < keep) return;
  await trx
    .updateTable('builds')
    .set({ bytes: null })
    .where('project_id', '=', build.project_id)
    .where('mode', '=', build.mode)
    .where('bytes', 'is not', null)
    .where('superseded_at', 'is not', null)
    .where(
      'id',
      'not in',
      kept.map((row) => row.id),
    )
    .execute();
}

/** The builds of a project, newest first. */
export function listBuilds(db: Reader, projectId: string, mode: BuildMode, page: PageQuery): Promise<Page<BuildFacts>> {
  return readList(
    db.selectFrom('builds').select(FACTS).where('project_id', '=', projectId).where('mode', '=', mode),
    { name: 'builds', columns: [['id', (row) => row.id]], direction: 'desc' },
    page,
  );
}

/** The builds that were delivered at some time between two points in time, oldest first. */
export function buildsBetween(
  db: Reader,
  projectId: string,
  mode: BuildMode,
  from: number,
  until: number,
): Promise<Pick<BuildFacts, 'id' | 'created_at' | 'superseded_at' | 'rule_index'>[]> {
  return db
    .selectFrom('builds')
    .select(['id', 'created_at', 'superseded_at', 'rule_index'])
    .where('project_id', '=', projectId)
    .where('mode', '=', mode)
    .where('created_at', '<=', until)
    .where((where) => where.or([where('superseded_at', 'is', null), where('superseded_at', '>=', from)]))
    .orderBy('created_at')
    .execute();
}
