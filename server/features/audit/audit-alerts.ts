import type { Kernel } from '../../kernel/kernel.ts';
import type { AlertReport, AlertsService } from '../alerts/service.ts';
import type { Deliverer, IngestResult } from './ingest/messages.ts';
import { cut, storable } from './ingest/text.ts';

/** Tells people about rows that were put aside: one alert for every id in conflict, one for each other reason. */
export class AuditAlerts {
  private readonly kernel: Pick<Kernel, 'databases' | 'log'>;
  private readonly alerts: Pick<AlertsService, 'raiseWithin'>;

  constructor(kernel: Pick<Kernel, 'databases' | 'log'>, alerts: Pick<AlertsService, 'raiseWithin'>) {
    this.kernel = kernel;
    this.alerts = alerts;
  }

  /** Raises what a batch gives cause for. A failure is logged and not thrown: the rows themselves are stored. */
  async report(from: Deliverer, result: IngestResult): Promise<void> {
    if (result.rejected === 0) return;
    const about = { orgId: from.orgId, projectId: from.projectId };
    const reports = [...conflicts(about, result), ...others(about, result)];
    try {
      await this.kernel.databases.state.write(async (trx) => {
        for (const report of reports) await this.alerts.raiseWithin(trx, report);
      });
    } catch (error) {
      this.kernel.log.error({ err: error, ...about }, 'alerts about quarantined audit rows could not be raised');
    }
  }
}

type About = Pick<AlertReport, 'orgId' | 'projectId'>;

function conflicts(about: About, { conflicts: ids }: IngestResult): AlertReport[] {
  return ids.map((whole) => {
    const id = cut(storable(whole), 64);
    return {
      ...about,
      kind: 'audit.conflict',
      severity: 'critical',
      repeats: id,
      message: `An audit entry came twice under the id ${JSON.stringify(id)} with different content. The first is kept, the other is in quarantine; find out who changed it.`,
      details: { entry_id: id },
    };
  });
}

function others(about: About, { quarantined }: IngestResult): AlertReport[] {
  return Object.entries(quarantined)
    .filter(([reason]) => reason !== 'conflict')
    .map(([reason, count]) => ({
      ...about,
      kind: 'audit.quarantined',
      severity: 'warning',
      repeats: reason,
      message: `${count} audit rows could not be entries (${reason}) and are in quarantine; look at them and at the SDK that sent them.`,
      details: { reason, count },
    }));
}
