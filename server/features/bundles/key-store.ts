import type { Kysely, Selectable, Transaction } from 'kysely';
import type { StateTables } from '../../db/tables.ts';
import type { ProjectKeysTable, SigningKeysTable } from './schema.ts';

export type Reader = Kysely<StateTables>;
export type Writer = Transaction<StateTables>;
export type SigningKeyRow = Selectable<SigningKeysTable>;
export type ProjectKeyRow = Selectable<ProjectKeysTable>;

/** The key that signs what an organization delivers now. */
export function activeSigningKey(db: Reader, orgId: string): Promise<SigningKeyRow | undefined> {
  return db
    .selectFrom('signing_keys')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('status', '=', 'active')
    .executeTakeFirst();
}

/** A signing key of an organization by its public id, whatever its status. */
export function signingKeyByKid(db: Reader, orgId: string, kid: string): Promise<SigningKeyRow | undefined> {
  return db
    .selectFrom('signing_keys')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('kid', '=', kid)
    .executeTakeFirst();
}

/** All signing keys of an organization, newest first. */
export function signingKeysOf(db: Reader, orgId: string): Promise<SigningKeyRow[]> {
  return db.selectFrom('signing_keys').selectAll().where('org_id', '=', orgId).orderBy('version', 'desc').execute();
}

/** Adds a key; false when there is an active one already. */
export async function insertSigningKey(trx: Writer, row: SigningKeyRow): Promise<boolean> {
  const result = await trx
    .insertInto('signing_keys')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Retires the active signing key; false when it is not active any more. */
export async function retireSigningKey(trx: Writer, id: string, at: number): Promise<boolean> {
  const result = await trx
    .updateTable('signing_keys')
    .set({ status: 'retired', retired_at: at })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Ends a retired signing key; false when it was ended before. */
export async function revokeSigningKey(trx: Writer, id: string): Promise<boolean> {
  const result = await trx
    .updateTable('signing_keys')
    .set({ status: 'revoked' })
    .where('id', '=', id)
    .where('status', '=', 'retired')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** The key that encrypts what a project delivers now. */
export function activeProjectKey(db: Reader, projectId: string): Promise<ProjectKeyRow | undefined> {
  return db
    .selectFrom('project_keys')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('status', '=', 'active')
    .executeTakeFirst();
}

/** Adds a key; false when there is an active one already. */
export async function insertProjectKey(trx: Writer, row: ProjectKeyRow): Promise<boolean> {
  const result = await trx
    .insertInto('project_keys')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Retires the active key of a project; false when it is not active any more. */
export async function retireProjectKey(trx: Writer, id: string, at: number): Promise<boolean> {
  const result = await trx
    .updateTable('project_keys')
    .set({ status: 'retired', retired_at: at })
    .where('id', '=', id)
    .where('status', '=', 'active')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Every key in use, for the check that all of them open. */
export async function keysInUse(db: Reader): Promise<{ signing: SigningKeyRow[]; project: ProjectKeyRow[] }> {
  const [signing, project] = await Promise.all([
    db.selectFrom('signing_keys').selectAll().where('status', '!=', 'revoked').execute(),
    db.selectFrom('project_keys').selectAll().where('status', '=', 'active').execute(),
  ]);
  return { signing, project };
}
