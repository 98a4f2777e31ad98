import { isStorageTrouble } from '../../db/errors.ts';
import type { Actor } from '../../kernel/actor.ts';
import { DomainError, forbidden, invalid, unavailable } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { OrgsService } from '../orgs/service.ts';
import type { UsageService } from '../usage/service.ts';
import type { AuditAlerts } from './audit-alerts.ts';
import type { DataKeys } from './data-keys.ts';
import type { Deliverer, IngestContext, IngestResult } from './ingest/messages.ts';
import { ingestEntries } from './ingest/operation.ts';
import type { OrgProjects } from './org-projects.ts';

export type AuditKernel = Pick<Kernel, 'clock' | 'newId' | 'log' | 'databases' | 'auditWriter' | 'events'>;

/** A batch as a surface hands it over. */
export interface Batch {
  /** The body as it came; undefined when there was none. */
  readonly body: Buffer | undefined;
  readonly requestorEmail?: string | undefined;
  readonly traceId?: string | undefined;
  /** How far a machine's clock was from ours. */
  readonly skewMs?: number | undefined;
  /** Whether the answer shall name every row. */
  readonly verbose?: boolean | undefined;
}

/** Queue limits go by bytes; the rows of a batch are known only after it was read. */
const BYTES_PER_ROW = 1000;

export interface IngestParts {
  orgs: Pick<OrgsService, 'settingsOf'>;
  projects: OrgProjects;
  usage: Pick<UsageService, 'count'>;
  keys: DataKeys;
  alerts: AuditAlerts;
}

/** Takes what SDKs and machines report. */
export class AuditIngest {
  private readonly kernel: AuditKernel;
  private readonly parts: IngestParts;

  constructor(kernel: AuditKernel, parts: IngestParts) {
    this.kernel = kernel;
    this.parts = parts;
  }

  /**
   * Stores a batch and says what became of its rows. What is counted as accepted is on the disk when this resolves.
   *
   * Content never makes it fail: a row that cannot be an entry is put aside. 400 only for a body without an `entries`
   * list and for more than 100,000 rows; 503 while the storage is in trouble, and then the batch may be sent again,
   * since ids tell doubles.
   */
  async ingest(context: RequestContext, batch: Batch): Promise<IngestResult> {
    const from = delivererOf(context.actor);
    if (batch.body === undefined || batch.body.length === 0) throw noEntries('no_entries');
    const result = await this.store(await this.contextOf(from, batch), batch.body);
    if (result.problem !== undefined) throw noEntries(result.problem);
    this.account(from, result);
    await this.parts.alerts.report(from, result);
    return result;
  }

  private async contextOf(from: Deliverer, batch: Batch): Promise<IngestContext> {
    const { orgs, projects, keys } = this.parts;
    const [settings, orgProjects, dataKey] = await Promise.all([
      orgs.settingsOf(from.orgId),
      projects.of(from.orgId),
      keys.newest(from.orgId),
    ]);
    return {
      ...from,
      orgProjects,
      redaction: settings.audit_redaction,
      dataKey,
      receivedAt: this.kernel.clock.now(),
      requestorEmail: batch.requestorEmail ?? null,
      traceId: batch.traceId ?? null,
      skewMs: batch.skewMs ?? null,
      verbose: batch.verbose ?? false,
    };
  }

  private async store(context: IngestContext, body: Buffer): Promise<IngestResult> {
    const { auditWriter, databases } = this.kernel;
    const weight = { rows: Math.ceil(body.length / BYTES_PER_ROW), bytes: body.length };
    // A body with a buffer of its own moves to the thread; a small one shares its buffer with others and is copied.
    const whole = body.byteOffset === 0 && body.byteLength === body.buffer.byteLength;
    const transfer = databases.dialect === 'sqlite' && whole ? [body.buffer as ArrayBuffer] : [];
    try {
      return await auditWriter.run(ingestEntries, { body, context }, weight, transfer);
    } catch (error) {
      if (!isStorageTrouble(error) || (error instanceof Error && error.name === 'BusyError')) throw error;
      this.kernel.log.error({ err: error, project: context.projectId }, 'a batch of audit entries could not be stored');
      throw unavailable('AUDIT_STORAGE', 'The audit storage is in trouble. Send the batch again in a moment.', {
        headers: { 'retry-after': '5' },
      });
    }
  }

  private account(from: Deliverer, result: IngestResult): void {
    const { usage } = this.parts;
    usage.count(from.orgId, 'audit_entries', result.accepted);
    usage.count(from.orgId, 'guarded_calls', result.guardedCalls);
    for (const sdk of result.sdks) this.kernel.events.emit('sdk.seen', { projectId: from.projectId, ...sdk });
  }
}

function delivererOf(actor: Actor): Deliverer {
  switch (actor.kind) {
    case 'api-key': {
      const { orgId, projectId, keyId } = actor;
      return { orgId, projectId, keyId, machineId: null, test: actor.mode === 'test' };
    }
    case 'machine': {
      const { orgId, projectId, machineId } = actor;
      return { orgId, projectId, keyId: null, machineId, test: false };
    }
    default:
      throw forbidden('Only API keys and enrolled machines deliver audit entries.');
  }
}

function noEntries(problem: NonNullable<IngestResult['problem']>): DomainError {
  switch (problem) {
    case 'not_json':
      return invalid('The body is not JSON. Send {"entries": [ … ]}.', { reason: problem });
    case 'no_entries':
      return invalid('The body has no "entries" list. Send {"entries": [ … ]}.', { reason: problem });
    case 'too_many_entries':
      return new DomainError(
        400,
        'BATCH_TOO_LARGE',
        'The batch has more than 100000 entries. Send it in smaller parts.',
      );
  }
}
