import type { Kysely, Selectable, Transaction } from 'kysely';
import type { StateTables } from '../../db/tables.ts';
import { notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { AlertsTable } from './schema.ts';

export type Alert = Selectable<AlertsTable>;

/** What happened. The same `kind` and `repeats` within an organization counts up one alert instead of making another. */
export interface AlertReport {
  kind: string;
  severity: Alert['severity'];
  orgId: string | null;
  projectId: string | null;
  /** What makes it the same thing again, e.g. a machine and a digest. */
  repeats: string;
  /** One sentence with what to do. Never a secret. */
  message: string;
  details?: Readonly<Record<string, unknown>>;
}

/** Alerts of one kind that a project keeps one by one. */
export const MOST_ALIKE = 1_000;

export class AlertsService {
  private readonly kernel: Pick<Kernel, 'databases' | 'clock' | 'newId' | 'log'>;

  constructor(kernel: Pick<Kernel, 'databases' | 'clock' | 'newId' | 'log'>) {
    this.kernel = kernel;
  }

  /** Raises an alert in a transaction of its own. */
  raise(report: AlertReport): Promise<void> {
    return this.kernel.databases.state.write((trx) => this.raiseWithin(trx, report));
  }

  /**
   * Raises an alert together with the change that caused it. A repeat reopens a resolved one. Clients cause alerts, so a
   * project keeps a thousand of one kind one by one; further ones count up one alert that says so.
   */
  async raiseWithin(trx: Transaction<StateTables>, wanted: AlertReport): Promise<void> {
    const now = this.kernel.clock.now();
    const report = (await this.isOneTooMany(trx, wanted)) ? together(wanted) : wanted;
    await trx
      .insertInto('alerts')
      .values({
        id: this.kernel.newId(),
        org_id: report.orgId,
        project_id: report.projectId,
        kind: report.kind,
        severity: report.severity,
        repeat_key: repeatKeyOf(report),
        message: report.message,
        details: JSON.stringify(report.details ?? {}),
        count: 1,
        first_at: now,
        last_at: now,
        resolved_at: null,
        resolved_by: null,
      })
      .onConflict((conflict) =>
        conflict.column('repeat_key').doUpdateSet((set) => ({
          count: set('alerts.count', '+', 1),
          last_at: now,
          message: report.message,
          severity: report.severity,
          resolved_at: null,
          resolved_by: null,
        })),
      )
      .execute();
    this.kernel.log.warn({ alert: report.kind, org: report.orgId, project: report.projectId }, report.message);
  }

  /** Newest first. */
  async list(
    filter: { orgId?: string; projectId?: string; kind?: string; open?: boolean },
    limit: number,
  ): Promise<Alert[]> {
    let query = this.reader()
      .selectFrom('alerts')
      .selectAll()
      .orderBy('last_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit);
    if (filter.orgId !== undefined) query = query.where('org_id', '=', filter.orgId);
    if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
    if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
    if (filter.open === true) query = query.where('resolved_at', 'is', null);
    return query.execute();
  }

  /** How many alerts nobody has dealt with, by severity. */
  async countOpen(): Promise<Record<Alert['severity'], number>> {
    const rows = await this.reader()
      .selectFrom('alerts')
      .select(({ fn }) => ['severity', fn.countAll().as('count')])
      .where('resolved_at', 'is', null)
      .groupBy('severity')
      .execute();
    const counts: Record<Alert['severity'], number> = { info: 0, warning: 0, critical: 0 };
    for (const row of rows) counts[row.severity] = Number(row.count);
    return counts;
  }

  /** Marks an alert as dealt with. Throws 404 when it does not exist; resolving twice changes nothing. */
  async resolve(context: RequestContext, id: string, by: string): Promise<void> {
    await this.kernel.databases.state.write(async (trx) => {
      const alert = await trx.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
      if (alert === undefined) throw notFound('Alert');
      await trx
        .updateTable('alerts')
        .set({ resolved_at: this.kernel.clock.now(), resolved_by: by })
        .where('id', '=', id)
        .where('resolved_at', 'is', null)
        .execute();
      await context.record(trx, { orgId: alert.org_id, projectId: alert.project_id, target: { type: 'alert', id } });
    });
  }

  /** Marks every open alert about something that is gone as dealt with: nobody can look into it any more. */
  async closeFor(gone: { orgId: string } | { projectId: string }, by: string): Promise<void> {
    const change = { resolved_at: this.kernel.clock.now(), resolved_by: by };
    await this.kernel.databases.state.write(async (trx) => {
      const open = trx.updateTable('alerts').set(change).where('resolved_at', 'is', null);
      const those =
        'orgId' in gone ? open.where('org_id', '=', gone.orgId) : open.where('project_id', '=', gone.projectId);
      await those.execute();
    });
  }

  private async isOneTooMany(trx: Transaction<StateTables>, report: AlertReport): Promise<boolean> {
    if (report.projectId === null) return false;
    const known = await trx
      .selectFrom('alerts')
      .select('id')
      .where('repeat_key', '=', repeatKeyOf(report))
      .executeTakeFirst();
    if (known !== undefined) return false;
    const { count } = await trx
      .selectFrom('alerts')
      .select((select) => select.fn.countAll().as('count'))
      .where('project_id', '=', report.projectId)
      .where('kind', '=', report.kind)
      .executeTakeFirstOrThrow();
    return Number(count) >= MOST_ALIKE;
  }

  private reader(): Kysely<StateTables> {
    return this.kernel.databases.state.read;
  }
}

function repeatKeyOf({ kind, orgId, projectId, repeats }: AlertReport): string {
  return [kind, orgId ?? '', projectId ?? '', repeats].join('|');
}

/** The alert that stands for all that are too many. */
function together(report: AlertReport): AlertReport {
  const message = `${MOST_ALIKE} alerts of the kind ${report.kind} are kept for this project; further ones are only counted here. The last one: ${report.message}`;
  return { ...report, repeats: '*', message, details: {} };
}
