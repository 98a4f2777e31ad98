import type { Selectable, Transaction } from 'kysely';
import type { Page } from '../../db/keyset.ts';
import type { Databases } from '../../db/open.ts';
import type { StateTables } from '../../db/tables.ts';
import { type PageQuery, readList } from '../../kernel/paging.ts';
import type { InstalledLicensesTable, IssuedLicensesTable, LicenseIssuerTable, TrialTable } from './schema.ts';

type Trx = Transaction<StateTables>;

export class LicensesStore {
  private readonly databases: Databases;

  constructor(databases: Databases) {
    this.databases = databases;
  }

  installed(): Promise<Selectable<InstalledLicensesTable>[]> {
    return this.databases.state.read.selectFrom('installed_licenses').selectAll().orderBy('installed_at').execute();
  }

  async trial(): Promise<Selectable<TrialTable> | null> {
    return (await this.databases.state.read.selectFrom('trial').selectAll().executeTakeFirst()) ?? null;
  }

  /** Starts the trial unless one was ever started. Returns whether this call started it. */
  async startTrial(trx: Trx, startedAt: number, endsAt: number): Promise<boolean> {
    const result = await trx
      .insertInto('trial')
      .values({ id: 1, started_at: startedAt, ends_at: endsAt })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
  }

  async install(trx: Trx, row: InstalledLicensesTable): Promise<boolean> {
    const result = await trx
      .insertInto('installed_licenses')
      .values(row)
      .onConflict((conflict) => conflict.column('license_id').doNothing())
      .executeTakeFirst();
    return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
  }

  async issuer(): Promise<Selectable<LicenseIssuerTable> | null> {
    return (await this.databases.state.read.selectFrom('license_issuer').selectAll().executeTakeFirst()) ?? null;
  }

  async saveIssuer(trx: Trx, row: LicenseIssuerTable): Promise<void> {
    await trx
      .insertInto('license_issuer')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  }

  async saveIssued(trx: Trx, row: IssuedLicensesTable): Promise<void> {
    await trx.insertInto('issued_licenses').values(row).execute();
  }

  /** The licenses that were issued, newest first. */
  issued(page: PageQuery): Promise<Page<Selectable<IssuedLicensesTable>>> {
    return readList(
      this.databases.state.read.selectFrom('issued_licenses').selectAll(),
      { name: 'issued-licenses', columns: [['license_id', (row) => row.license_id]], direction: 'desc' },
      page,
    );
  }
}
