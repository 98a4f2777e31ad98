import { conflict, notFound, unavailable } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { DataKeys } from './data-keys.ts';
import { entryKey } from './ingest/entry.ts';
import type { KeptPayload } from './ingest/leftovers.ts';
import { entryPlace, openPayload, quarantinePlace } from './ingest/payload-cipher.ts';
import { findEntry, findPayload, findQuarantined, type PayloadRow, type QuarantineRow } from './store.ts';

/** A row in quarantine with its content. */
export interface UnmaskedRow {
  row: QuarantineRow;
  /** As it was sent, or without arguments and payloads, as `row.form` says. */
  content: Buffer;
}

/** Opens what is sealed; every look is recorded before anything is shown. */
export class AuditPayloads {
  private readonly kernel: Pick<Kernel, 'databases' | 'log'>;
  private readonly keys: Pick<DataKeys, 'find'>;

  constructor(kernel: Pick<Kernel, 'databases' | 'log'>, keys: Pick<DataKeys, 'find'>) {
    this.kernel = kernel;
    this.keys = keys;
  }

  /** The payload of an entry where it is kept in the open; null where it is sealed or not kept. */
  async inTheOpen(projectId: string, entryId: string): Promise<KeptPayload | null> {
    const payload = await findPayload(this.kernel.databases.audit.read, entryKey(projectId, entryId));
    return payload === undefined || payload.key_version !== null ? null : read(payload.content);
  }

  /** The arguments and payloads of an entry, opened. 404 when there is no such entry or nothing is kept of it. */
  async unmask(context: RequestContext, projectId: string, entryId: string): Promise<KeptPayload> {
    const { audit } = this.kernel.databases;
    const key = entryKey(projectId, entryId);
    const [entry, payload] = await Promise.all([findEntry(audit.read, key), findPayload(audit.read, key)]);
    if (entry === undefined) throw notFound(`The audit entry ${JSON.stringify(entryId)}`);
    if (payload === undefined) throw notFound(`A payload of the audit entry ${JSON.stringify(entryId)}`);
    const content = await this.opened(payload, entryPlace(key));
    await this.record(context, { orgId: entry.org_id, projectId, type: 'audit_entry', id: entry.entry_id });
    return read(content);
  }

  /** The content of a row in quarantine, opened. 404 when the project has no such row. */
  async unmaskQuarantined(context: RequestContext, projectId: string, seq: number): Promise<UnmaskedRow> {
    const row = await findQuarantined(this.kernel.databases.audit.read, projectId, seq);
    if (row === undefined) throw notFound(`The row ${seq} in quarantine`);
    const content = await this.opened(row, quarantinePlace(row.quarantine_key));
    await this.record(context, { orgId: row.org_id, projectId, type: 'audit_quarantine', id: String(seq) });
    return { row, content };
  }

  private async opened(row: Pick<PayloadRow, 'org_id' | 'key_version' | 'content'>, place: string): Promise<Buffer> {
    if (row.key_version === null) return row.content;
    const key = await this.keys.find(row.org_id, row.key_version);
    if (key === null) {
      throw conflict(
        'DATA_KEY_GONE',
        `Version ${row.key_version} of the organization's data key is gone, so this stays sealed. Restore the state database if that was not meant.`,
      );
    }
    try {
      return openPayload(key, place, row.content);
    } catch (error) {
      this.kernel.log.error({ err: error, org: row.org_id }, 'a sealed audit payload does not open');
      throw unavailable(
        'PAYLOAD_UNREADABLE',
        'What is stored does not open: it was changed or moved. Restore the audit database from a backup.',
      );
    }
  }

  private async record(
    context: RequestContext,
    { orgId, projectId, type, id }: { orgId: string; projectId: string; type: string; id: string },
  ): Promise<void> {
    await this.kernel.databases.state.write((trx) => context.record(trx, { orgId, projectId, target: { type, id } }));
  }
}

function read(content: Buffer): KeptPayload {
  return JSON.parse(content.toString('utf8')) as KeptPayload;
}
