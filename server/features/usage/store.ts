import type { Transaction } from 'kysely';
import type { Databases } from '../../db/open.ts';
import type { StateTables } from '../../db/tables.ts';
import type { SeatKind, UsageCountersTable, UsageMetric } from './schema.ts';
import type { NotedSeat } from './seats.ts';

type Trx = Transaction<StateTables>;

export class UsageStore {
  private readonly databases: Databases;

  constructor(databases: Databases) {
    this.databases = databases;
  }

  /** Adds to counters and seats; several processes may add to the same row. */
  async add(trx: Trx, counters: readonly UsageCountersTable[], seats: readonly NotedSeat[]): Promise<void> {
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
        .values({ ...seat, ends_at: null })
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

  /** The seats that are taken at `now`, by kind. */
  async seats(orgId: string, month: string, now: number): Promise<Map<SeatKind, number>> {
    const rows = await this.databases.state.read
      .selectFrom('usage_seats')
      .select(({ fn }) => ['kind', fn.countAll<number>().as('count')])
      .where('org_id', '=', orgId)
      .where('month', '=', month)
      .where((seat) => seat.or([seat('ends_at', 'is', null), seat('ends_at', '>', now)]))
      .groupBy('kind')
      .execute();
    return new Map(rows.map((row) => [row.kind, Number(row.count)]));
  }

  /** Notes when a seat is free again; null takes that back. Nothing happens where the identity took none this month. */
  async endSeat(
    trx: Trx,
    { orgId, month, identity }: { orgId: string; month: string; identity: string },
    endsAt: number | null,
  ): Promise<void> {
    await trx
      .updateTable('usage_seats')
      .set({ ends_at: endsAt })
      .where('org_id', '=', orgId)
      .where('month', '=', month)
      .where('identity', '=', identity)
      .execute();
  }

  /** Removes what an organization used in a month. */
  async reset(trx: Trx, orgId: string, month: string): Promise<void> {
    for (const table of ['usage_counters', 'usage_seats'] as const) {
      await trx.deleteFrom(table).where('org_id', '=', orgId).where('month', '=', month).execute();
    }
  }

  /** Removes what an organization ever used. */
  async removeOrg(trx: Trx, orgId: string): Promise<void> {
    for (const table of ['usage_counters', 'usage_seats'] as const) {
      await trx.deleteFrom(table).where('org_id', '=', orgId).execute();
    }
  }
}
