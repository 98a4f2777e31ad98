import type { Transaction } from 'kysely';
import type { Databases } from '../../db/open.ts';
import type { StateTables } from '../../db/tables.ts';
import type { SeatKind, UsageCountersTable, UsageMetric, UsageSeatsTable } from './schema.ts';

type Trx = Transaction<StateTables>;

export class UsageStore {
  private readonly databases: Databases;

  constructor(databases: Databases) {
    this.databases = databases;
  }

  /** Adds to counters and seats; several processes may add to the same row. */
  async add(trx: Trx, counters: readonly UsageCountersTable[], seats: readonly UsageSeatsTable[]): Promise<void> {
    for (const counter of counters) {
      await trx
        .insertInto('usage_counters')
        .values(counter)
        .onConflict((conflict) =>
          conflict
            .columns(['org_id', 'month', 'metric'])
            .doUpdateSet((set) => ({ value: set('usage_counters.value', '+', counter.value) })),
        )
        .execute();
    }
    for (const seat of seats) {
      await trx
        .insertInto('usage_seats')
        .values(seat)
        .onConflict((conflict) => conflict.columns(['org_id', 'month', 'kind', 'identity']).doNothing())
        .execute();
    }
  }

  async counters(orgId: string, month: string): Promise<Map<UsageMetric, number>> {
    const rows = await this.databases.state.read
      .selectFrom('usage_counters')
      .select(['metric', 'value'])
      .where('org_id', '=', orgId)
      .where('month', '=', month)
      .execute();
    return new Map(rows.map((row) => [row.metric, Number(row.value)]));
  }

  async seats(orgId: string, month: string): Promise<Map<SeatKind, number>> {
    const rows = await this.databases.state.read
      .selectFrom('usage_seats')
      .select(({ fn }) => ['kind', fn.countAll<number>().as('count')])
      .where('org_id', '=', orgId)
      .where('month', '=', month)
      .groupBy('kind')
      .execute();
    return new Map(rows.map((row) => [row.kind, Number(row.count)]));
  }

  async reset(trx: Trx, orgId: string, month: string): Promise<void> {
    await trx.deleteFrom('usage_counters').where('org_id', '=', orgId).where('month', '=', month).execute();
  }
}
