import { createHash } from 'node:crypto';
import type { ApiKeyActor, MachineActor } from '../../kernel/actor.ts';
import { forbidden } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import { belowExisting } from '../../kernel/removed-meanwhile.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import { canonicalJson } from '../../policy/document/canonical-json.ts';
import type { AlertsService } from '../alerts/service.ts';
import { boundedJson, boundedText } from './bounded-json.ts';
import {
  findByRepeatKey,
  insertOrCount,
  listTamperAlerts,
  removeOldest,
  type TamperAlert,
  type TamperAlertFilter,
} from './store.ts';

const HOUR = 3_600_000;
/** What one project may hold; the reports that were seen last stay. */
const MOST_ALERTS = 5_000;
const LONGEST_WORD = 300;

/** A report in either spelling: the specification's `reason` and `bundle_hash`, or what the Python SDK sends. */
export interface TamperReport {
  machine_id?: string | null | undefined;
  hostname?: string | null | undefined;
  source?: string | null | undefined;
  reason?: string | null | undefined;
  bundle_hash?: string | null | undefined;
  details?: unknown;
}

/** Reports of tampering. They are kept and announced; by themselves they never flag a project. (SDK contract 5.) */
export class TamperAlertsService {
  private readonly kernel: Pick<Kernel, 'clock' | 'newId' | 'databases' | 'events'>;
  private readonly alerts: Pick<AlertsService, 'raiseWithin'>;

  constructor(
    kernel: Pick<Kernel, 'clock' | 'newId' | 'databases' | 'events'>,
    alerts: Pick<AlertsService, 'raiseWithin'>,
  ) {
    this.kernel = kernel;
    this.alerts = alerts;
  }

  /**
   * Keeps a report of the calling key or machine. The same report counts up one row, since clients repeat it with every
   * call; people are alerted the first time, and again after an hour of silence.
   */
  report(context: RequestContext, report: TamperReport): Promise<TamperAlert> {
    const reporter = reporterOf(context);
    const now = this.kernel.clock.now();
    const fresh = this.rowOf(reporter, report, now);
    const write = this.kernel.databases.state.write(async (trx, { afterCommit }) => {
      const before = await findByRepeatKey(trx, fresh.project_id, fresh.repeat_key);
      await insertOrCount(trx, fresh);
      if (before === undefined) await removeOldest(trx, fresh.project_id, MOST_ALERTS);
      const stored = (await findByRepeatKey(trx, fresh.project_id, fresh.repeat_key)) ?? fresh;
      if (before === undefined || now - before.last_seen_at >= HOUR) {
        await this.alerts.raiseWithin(trx, alertOf(stored));
        const { id: alertId, org_id: orgId, project_id: projectId, source } = stored;
        const machineId = reporter.kind === 'machine' ? reporter.machineId : null;
        afterCommit(() =>
          this.kernel.events.emit('tamper.reported', { orgId, projectId, alertId, machineId, source, at: now }),
        );
      }
      return stored;
    });
    return belowExisting(`The project ${fresh.project_id}`, write);
  }

  /** The reports of a project, the newest first. */
  list(projectId: string, filter: TamperAlertFilter, page: PageQuery) {
    return listTamperAlerts(this.kernel.databases.state.read, projectId, filter, page);
  }

  private rowOf(reporter: ApiKeyActor | MachineActor, report: TamperReport, now: number): TamperAlert {
    const signed = reporter.kind === 'machine';
    const said = {
      machine_id: signed ? reporter.machineId : word(report.machine_id),
      hostname: word(report.hostname),
      source: word(report.source),
      reason: word(report.reason),
      bundle_hash: word(report.bundle_hash),
    };
    const details = canonicalJson(boundedJson(report.details ?? {}));
    const reporterId = signed ? reporter.machineId : reporter.keyId;
    const { hostname, ...rest } = said;
    // A machine may change its name; a host without an id is known by it.
    const same = [reporter.kind, said.machine_id ?? hostname ?? reporterId, rest, details];
    return {
      id: this.kernel.newId(),
      org_id: reporter.orgId,
      project_id: reporter.projectId,
      repeat_key: createHash('sha256').update(canonicalJson(same)).digest('hex'),
      reporter_kind: reporter.kind,
      reporter_id: reporterId,
      ...said,
      details,
      count: 1,
      first_seen_at: now,
      last_seen_at: now,
    };
  }
}

function reporterOf({ actor }: RequestContext): ApiKeyActor | MachineActor {
  if (actor.kind === 'api-key' || actor.kind === 'machine') return actor;
  throw forbidden('Only API keys and enrolled machines report tampering.');
}

function word(value: string | null | undefined): string | null {
  return value === undefined || value === null || value === '' ? null : boundedText(value, LONGEST_WORD);
}

function alertOf(alert: TamperAlert) {
  const who = alert.machine_id ?? alert.hostname ?? `${alert.reporter_kind} ${alert.reporter_id}`;
  const what = alert.source ?? alert.reason ?? 'tampering';
  return {
    kind: 'tamper.reported',
    severity: 'warning' as const,
    orgId: alert.org_id,
    projectId: alert.project_id,
    repeats: alert.repeat_key,
    message: `${who} reports ${what}. Look at the machine: the policy, the audit file or the hooks of its SDK were changed.`,
    details: { tamper_alert_id: alert.id, machine_id: alert.machine_id, source: alert.source, reason: alert.reason },
  };
}
