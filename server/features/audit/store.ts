import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { AuditTables, StateTables } from '../../db/tables.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { AuditKeysTable, EntriesTable, EntryPayloadsTable, QuarantineReason, QuarantineTable } from './schema.ts';

export type EntryRow = Selectable<EntriesTable>;
export type PayloadRow = Selectable<EntryPayloadsTable>;
export type QuarantineRow = Selectable<QuarantineTable>;
/** The rule behind a tag, as the entry's list shows it. */
export type RuleRow = Selectable<AuditTables['rule_tags']>;

/** Every version of an organization's data key, oldest first. */
export function findDataKeys(db: Kysely<StateTables>, orgId: string): Promise<Selectable<AuditKeysTable>[]> {
  return db.selectFrom('audit_keys').selectAll().where('org_id', '=', orgId).orderBy('version').execute();
}

/** Adds a data key unless that version is there. */
export async function insertDataKey(trx: Transaction<StateTables>, row: Selectable<AuditKeysTable>): Promise<void> {
  await trx
    .insertInto('audit_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['org_id', 'version']).doNothing())
    .execute();
}

/** The rules behind tags of an organization. */
export async function rulesByTag(
  db: Kysely<AuditTables>,
  orgId: string,
  tags: readonly string[],
): Promise<Map<string, RuleRow>> {
  if (tags.length === 0) return new Map();
  const rows = await db
    .selectFrom('rule_tags')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('tag', 'in', [...new Set(tags)])
    .execute();
  return new Map(rows.map((row) => [row.tag, row]));
}

/** An entry by its key, or undefined. */
export function findEntry(db: Kysely<AuditTables>, key: Buffer): Promise<EntryRow | undefined> {
  return db.selectFrom('entries').selectAll().where('entry_key', '=', key).executeTakeFirst();
}

/** What is kept of an entry's arguments and payloads, or undefined. */
export function findPayload(db: Kysely<AuditTables>, key: Buffer): Promise<PayloadRow | undefined> {
  return db.selectFrom('entry_payloads').selectAll().where('entry_key', '=', key).executeTakeFirst();
}

/** A row in quarantine, or undefined. */
export function findQuarantined(
  db: Kysely<AuditTables>,
  projectId: string,
  seq: number,
): Promise<QuarantineRow | undefined> {
  return db
    .selectFrom('quarantine')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('seq', '=', seq)
    .executeTakeFirst();
}

/** The rows in quarantine without their content, newest first. */
export function quarantinedOf(
  db: Kysely<AuditTables>,
  projectId: string,
  reason: QuarantineReason | undefined,
  page: PageQuery,
): Promise<Page<Omit<QuarantineRow, 'content'>>> {
  let query = db
    .selectFrom('quarantine')
    .select([
      'seq',
      'quarantine_key',
      'org_id',
      'project_id',
      'reason',
      'entry_id',
      'received_at',
      'is_test',
      'key_id',
      'machine_id',
      'size',
      'sha256',
      'form',
      'key_version',
    ])
    .where('project_id', '=', projectId);
  if (reason !== undefined) query = query.where('reason', '=', reason);
  return readList(query, { name: 'quarantine', columns: [['seq', (row) => row.seq]], direction: 'desc' }, page);
}
