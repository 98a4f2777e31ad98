import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { ENCRYPTION_KEY_BYTES } from '../../crypto/czpolicy.ts';
import { type Keyring, SealError } from '../../crypto/keyring.ts';
import { generateSigningSeed, type SigningKey, signingKeyFromSeed } from '../../crypto/signing.ts';
import { type DomainError, unavailable } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { changedMeanwhile } from './errors.ts';
import {
  activeProjectKey,
  activeSigningKey,
  insertProjectKey,
  insertSigningKey,
  keysInUse,
  type ProjectKeyRow,
  type Reader,
  retireProjectKey,
  retireSigningKey,
  type SigningKeyRow,
  type Writer,
} from './key-store.ts';

const SIGNING_LABEL = 'signing.org-key';
const PROJECT_LABEL = 'project.key';
const MOST_OPENED = 10_000;
const KEYS_AT_ONCE = 200;

/** The two keys behind everything that a project delivers. */
export interface KeyPair {
  signing: SigningKeyRow;
  project: ProjectKeyRow;
}

/** Makes, keeps and opens the keys of organizations and projects. Plain key bytes exist in memory only. */
export class DeliveryKeys {
  private readonly kernel: Pick<Kernel, 'clock' | 'newId' | 'databases'>;
  private readonly keyring: Pick<Keyring, 'seal' | 'open'>;
  private readonly opened = new Map<string, SigningKey>();

  constructor(kernel: Pick<Kernel, 'clock' | 'newId' | 'databases'>, keyring: Pick<Keyring, 'seal' | 'open'>) {
    this.kernel = kernel;
    this.keyring = keyring;
  }

  /** The keys in use; null when they were never provisioned. */
  async find(db: Reader, orgId: string, projectId: string): Promise<KeyPair | null> {
    const signing = await activeSigningKey(db, orgId);
    const project = await activeProjectKey(db, projectId);
    return signing === undefined || project === undefined ? null : { signing, project };
  }

  /** The keys in use; what is missing is made. */
  async provide(trx: Writer, orgId: string, projectId: string): Promise<KeyPair> {
    const signing = (await activeSigningKey(trx, orgId)) ?? (await this.makeSigningKey(trx, orgId, 1));
    const project = (await activeProjectKey(trx, projectId)) ?? (await this.makeProjectKey(trx, projectId, 1));
    return { signing, project };
  }

  /** Retires the organization's signing key and makes the next. The old one stays for machines that pinned it. */
  async renewSigningKey(trx: Writer, orgId: string): Promise<SigningKeyRow> {
    const before = await activeSigningKey(trx, orgId);
    if (before === undefined) return this.makeSigningKey(trx, orgId, 1);
    if (!(await retireSigningKey(trx, before.id, this.kernel.clock.now())))
      throw changedMeanwhile('The signing key was renewed');
    return this.makeSigningKey(trx, orgId, before.version + 1);
  }

  /** Retires a project's encryption key and makes the next. */
  async renewProjectKey(trx: Writer, projectId: string): Promise<ProjectKeyRow> {
    const before = await activeProjectKey(trx, projectId);
    if (before === undefined) return this.makeProjectKey(trx, projectId, 1);
    if (!(await retireProjectKey(trx, before.id, this.kernel.clock.now())))
      throw changedMeanwhile('The encryption key was renewed');
    return this.makeProjectKey(trx, projectId, before.version + 1);
  }

  /** Opens a signing key. Throws 503 when it does not open: a fault of the appliance, not of the bundle. */
  signingKey(row: SigningKeyRow): SigningKey {
    const known = this.opened.get(row.id);
    if (known !== undefined) return known;
    const seed = this.open(SIGNING_LABEL, row.id, row.seed, `signing key ${row.kid}`);
    const key = signingKeyFromSeed(seed);
    seed.fill(0);
    if (!key.publicKey.equals(row.public_key)) throw faulty(`signing key ${row.kid}`);
    if (this.opened.size >= MOST_OPENED) this.opened.clear();
    this.opened.set(row.id, key);
    return key;
  }

  /** Opens a project's encryption key, 32 bytes. Throws 503 when it does not open. */
  encryptionKey(row: ProjectKeyRow): Buffer {
    const key = this.open(PROJECT_LABEL, row.id, row.key, `encryption key ${row.version} of project ${row.project_id}`);
    if (key.length !== ENCRYPTION_KEY_BYTES) throw faulty(`encryption key ${row.version} of project ${row.project_id}`);
    return key;
  }

  /** Opens every key in use afresh. Rejects with the first that does not open, and how many there are. */
  async check(): Promise<void> {
    this.opened.clear();
    const { signing, project } = await keysInUse(this.kernel.databases.state.read);
    const faults: string[] = [];
    const attempt = (open: () => unknown) => {
      try {
        open();
      } catch (error) {
        faults.push((error as Error).message);
      }
    };
    const openings = [
      ...signing.map((row) => () => this.signingKey(row)),
      ...project.map((row) => () => this.encryptionKey(row)),
    ];
    for (const [index, open] of openings.entries()) {
      // Thousands of keys must not hold up the requests beside them.
      if (index % KEYS_AT_ONCE === 0) await setImmediate();
      attempt(open);
    }
    if (faults.length > 0) {
      throw new Error(`${faults.length} of ${signing.length + project.length} keys do not open. ${faults[0]}`);
    }
  }

  private async makeSigningKey(trx: Writer, orgId: string, version: number): Promise<SigningKeyRow> {
    const id = this.kernel.newId();
    const seed = generateSigningSeed();
    const key = signingKeyFromSeed(seed);
    const row: SigningKeyRow = {
      id,
      org_id: orgId,
      version,
      kid: key.kid,
      public_key: key.publicKey,
      seed: this.keyring.seal(SIGNING_LABEL, id, seed),
      status: 'active',
      created_at: this.kernel.clock.now(),
      retired_at: null,
    };
    seed.fill(0);
    if (!(await insertSigningKey(trx, row))) throw changedMeanwhile('The signing key was renewed');
    return row;
  }

  private async makeProjectKey(trx: Writer, projectId: string, version: number): Promise<ProjectKeyRow> {
    const id = this.kernel.newId();
    const key = randomBytes(ENCRYPTION_KEY_BYTES);
    const row: ProjectKeyRow = {
      id,
      project_id: projectId,
      version,
      key: this.keyring.seal(PROJECT_LABEL, id, key),
      status: 'active',
      created_at: this.kernel.clock.now(),
      retired_at: null,
    };
    key.fill(0);
    if (!(await insertProjectKey(trx, row))) throw changedMeanwhile('The encryption key was renewed');
    return row;
  }

  private open(label: string, rowId: string, sealed: Buffer, what: string): Buffer {
    try {
      return this.keyring.open(label, rowId, sealed);
    } catch (error) {
      if (error instanceof SealError) throw faulty(what);
      throw error;
    }
  }
}

function faulty(what: string): DomainError {
  return unavailable(
    'KEY_UNAVAILABLE',
    `The ${what} does not open with this appliance's master key. Check the master key with "czctl doctor", or restore the state database.`,
  );
}
