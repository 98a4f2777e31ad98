import { randomBytes } from 'node:crypto';
import type { Keyring } from '../../crypto/keyring.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { belowExisting } from '../../kernel/removed-meanwhile.ts';
import type { DataKey } from './ingest/messages.ts';
import { findDataKeys, insertDataKey } from './store.ts';

const LABEL = 'audit.org-key';
const KEY_BYTES = 32;
const MOST_KEPT = 10_000;

/**
 * The data keys under which organizations' payloads are sealed. A key is made when it is first needed and kept sealed
 * by the keyring; it goes with its organization, and with it everything that was sealed.
 */
export class DataKeys {
  private readonly kernel: Pick<Kernel, 'clock' | 'databases'>;
  private readonly keyring: Pick<Keyring, 'seal' | 'open'>;
  private readonly opened = new Map<string, DataKey>();

  constructor(kernel: Pick<Kernel, 'clock' | 'databases'>, keyring: Pick<Keyring, 'seal' | 'open'>) {
    this.kernel = kernel;
    this.keyring = keyring;
  }

  /** The organization's newest key, made now when it has none. 404 when there is no such organization. */
  async newest(orgId: string): Promise<DataKey> {
    const known = this.opened.get(orgId);
    if (known !== undefined) return known;
    const stored = (await this.load(orgId)).at(-1) ?? (await this.make(orgId));
    if (this.opened.size >= MOST_KEPT) this.opened.clear();
    this.opened.set(orgId, stored);
    return stored;
  }

  /** The key of that version; null when it is gone. */
  async find(orgId: string, version: number): Promise<DataKey | null> {
    return (await this.load(orgId)).find((key) => key.version === version) ?? null;
  }

  /** Forgets an organization's key. */
  forget(orgId: string): void {
    this.opened.delete(orgId);
  }

  private async load(orgId: string): Promise<DataKey[]> {
    const rows = await findDataKeys(this.kernel.databases.state.read, orgId);
    return rows.map(({ version, sealed }) => ({
      version,
      key: this.keyring.open(LABEL, rowId(orgId, version), sealed),
    }));
  }

  private async make(orgId: string): Promise<DataKey> {
    const { databases, clock } = this.kernel;
    const version = 1;
    const sealed = this.keyring.seal(LABEL, rowId(orgId, version), randomBytes(KEY_BYTES));
    const write = databases.state.write((trx) =>
      insertDataKey(trx, { org_id: orgId, version, sealed, created_at: clock.now() }),
    );
    await belowExisting(`The organization ${orgId}`, write);
    // Another process may have been first: what is stored counts.
    return (await this.load(orgId)).at(-1)!;
  }
}

function rowId(orgId: string, version: number): string {
  return `${orgId}/${version}`;
}
