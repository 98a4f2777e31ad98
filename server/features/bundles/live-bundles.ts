import { BundleError, bundleDigest, decodeBundle, matchesDigest } from '../../crypto/czpolicy.ts';
import { verifySignature } from '../../crypto/signing.ts';
import { isStorageTrouble } from '../../db/errors.ts';
import { type DomainError, unavailable } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { findBundle } from './build-store.ts';
import type { DeliveryKeys } from './keys.ts';
import type { LiveBundle, LiveState, PullAnswer } from './live-state.ts';
import { readDelivery, readRevision, type StoredDelivery } from './live-store.ts';
import { answerPull } from './pull-answer.ts';
import { BUNDLES_CHANNEL, type BuildMode, type TamperFlag } from './schema.ts';

type Opened = { failed: string } | { failed: null; payload: Buffer };

/** Notes that a stored build is not what was signed. Called once per load that finds it. */
export type TamperReport = (stored: StoredDelivery, flag: TamperFlag) => Promise<void>;

const MOST_BYTES = 256 * 1024 * 1024;
/** What an entry without bytes weighs. */
const LEAST_WEIGHT = 1_000;

/**
 * The bundles that this process serves, in memory: loaded and checked at first use, dropped when a change is announced.
 * A pull costs one look-up. With several processes a full answer compares its revision first, so that a client that
 * fetched new keys never meets the bundle of the old ones. (SDK contract 5.)
 */
export class LiveBundles {
  private readonly databases: Kernel['databases'];
  private readonly keys: DeliveryKeys;
  private readonly report: TamperReport;
  private readonly kept = new Map<string, LiveState>();
  private readonly loading = new Map<string, Promise<LiveState>>();
  private weight = 0;
  private generation = 0;

  constructor(databases: Kernel['databases'], keys: DeliveryKeys, report: TamperReport) {
    this.databases = databases;
    this.keys = keys;
    this.report = report;
    databases.changes.subscribe(BUNDLES_CHANNEL, (projectId) => this.drop(projectId));
    databases.changes.onLost(() => this.dropAll());
  }

  /** What is in memory, or undefined: `load` then. */
  peek(projectId: string, mode: BuildMode): LiveState | undefined {
    return this.kept.get(keyOf(projectId, mode));
  }

  /** What a project delivers, from memory or read and checked. Rejects with 503 when a key or a row cannot be read. */
  load(projectId: string, mode: BuildMode): Promise<LiveState> {
    const key = keyOf(projectId, mode);
    const known = this.kept.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const running = this.loading.get(key);
    if (running !== undefined) return running;
    const { generation } = this;
    const started = this.read(projectId, mode).then((state) => {
      if (generation === this.generation && this.databases.changes.connected) this.keep(key, state);
      return state;
    });
    const tidied = started.finally(() => {
      if (this.loading.get(key) === tidied) this.loading.delete(key);
    });
    this.loading.set(key, tidied);
    return tidied;
  }

  /**
   * Answers a pull: at once from memory wherever that is safe. A 304 always is, since the client then goes on with a
   * bundle and keys that belong together. Throws or rejects as `answerPull` and `load` do.
   */
  pull(projectId: string, mode: BuildMode, ifNoneMatch: string | undefined): PullAnswer | Promise<PullAnswer> {
    const known = this.peek(projectId, mode);
    if (known !== undefined) {
      if (!this.mayLag) return answerPull(known, ifNoneMatch);
      if (known.state === 'live' && matchesDigest(ifNoneMatch, known.digest)) return known.unchanged;
    }
    return this.confirmed(projectId, mode).then((state) => answerPull(state, ifNoneMatch));
  }

  /** Whether other processes could have changed what is in memory without this one having heard of it yet. */
  private get mayLag(): boolean {
    return this.databases.dialect === 'postgres';
  }

  /**
   * What is in memory if it still is what is stored, else loaded afresh. Costs one row where other processes write too;
   * while that row cannot be read nobody can have changed it, and what is in memory goes on.
   */
  async confirmed(projectId: string, mode: BuildMode): Promise<LiveState> {
    const known = this.peek(projectId, mode);
    if (known === undefined || !this.mayLag) return this.load(projectId, mode);
    const revision = await readRevision(this.databases.state.read, projectId).catch((error) => {
      if (isStorageTrouble(error)) return known.revision;
      throw error;
    });
    if ((revision ?? 0) === known.revision) return known;
    this.drop(projectId);
    return this.load(projectId, mode);
  }

  /** Drops what is older than a key version that was just handed out. */
  expectKeyVersion(projectId: string, keyVersion: number): void {
    for (const mode of ['live', 'test'] as const) {
      const known = this.peek(projectId, mode);
      if (known?.state === 'live' && known.keyVersion < keyVersion) this.drop(projectId);
    }
  }

  private async read(projectId: string, mode: BuildMode): Promise<LiveState> {
    const { read } = this.databases.state;
    const stored = await readDelivery(read, projectId, mode);
    if (stored === null) {
      if ((await findBundle(read, projectId)) !== undefined)
        throw unreadable(projectId, 'a row it refers to is missing');
      return { state: 'nothing', withdrawn: false, revision: 0 };
    }
    const { bundle, build } = stored;
    if (bundle.withdrawn_at !== null) return { state: 'nothing', withdrawn: true, revision: bundle.revision };
    if (bundle.flag !== null) {
      return { state: 'tampered', flag: JSON.parse(bundle.flag) as TamperFlag, revision: bundle.revision };
    }
    if (build.bytes === null) throw unreadable(projectId, 'its bytes are missing');
    const opened = this.open(stored, build.bytes);
    if (opened.failed === null) return liveBundle(stored, build.bytes, opened.payload);
    const flag: TamperFlag = {
      mode,
      build_id: build.id,
      check: opened.failed,
      expected_digest: build.digest,
      found_digest: bundleDigest(build.bytes),
    };
    await this.report(stored, flag);
    return { state: 'tampered', flag, revision: bundle.revision };
  }

  /** What is inside, or the check that fails. The keys are opened first: a key that does not open is no tampering. */
  private open({ build, signing, project }: StoredDelivery, bytes: Buffer): Opened {
    this.keys.signingKey(signing);
    const encryptionKey = this.keys.encryptionKey(project);
    if (bundleDigest(bytes) !== build.digest) return { failed: 'digest' };
    if (!verifySignature(signing.public_key, bytes, build.signature)) return { failed: 'signature' };
    try {
      return { failed: null, payload: decodeBundle(bytes, encryptionKey, signing.public_key).payload };
    } catch (error) {
      if (error instanceof BundleError) return { failed: error.code };
      throw error;
    } finally {
      encryptionKey.fill(0);
    }
  }

  private keep(key: string, state: LiveState): void {
    this.weight += weightOf(state);
    this.kept.set(key, state);
    for (const [oldest, other] of this.kept) {
      if (this.weight <= MOST_BYTES || oldest === key) return;
      this.weight -= weightOf(other);
      this.kept.delete(oldest);
    }
  }

  private drop(projectId: string): void {
    this.generation += 1;
    for (const mode of ['live', 'test'] as const) {
      const key = keyOf(projectId, mode);
      this.loading.delete(key);
      const known = this.kept.get(key);
      if (known === undefined) continue;
      this.weight -= weightOf(known);
      this.kept.delete(key);
    }
  }

  private dropAll(): void {
    this.generation += 1;
    this.weight = 0;
    this.loading.clear();
    this.kept.clear();
  }
}

function liveBundle({ bundle, build }: StoredDelivery, bytes: Buffer, payload: Buffer): LiveBundle {
  const headers = {
    etag: `"${build.digest}"`,
    'cache-control': 'private, no-cache',
    'x-policy-version': String(bundle.policy_version),
  };
  const fullHeaders = {
    ...headers,
    'content-type': 'application/octet-stream',
    'x-policy-signature': build.signature.toString('base64'),
  };
  return {
    state: 'live',
    bytes,
    payload,
    digest: build.digest,
    keyVersion: build.key_version,
    policyVersion: bundle.policy_version,
    builtAt: build.created_at,
    revision: bundle.revision,
    full: { status: 200, headers: fullHeaders, body: bytes },
    unchanged: { status: 304, headers, body: undefined },
  };
}

function weightOf(state: LiveState): number {
  return LEAST_WEIGHT + (state.state === 'live' ? state.bytes.length + state.payload.length : 0);
}

function keyOf(projectId: string, mode: BuildMode): string {
  return `${mode} ${projectId}`;
}

function unreadable(projectId: string, why: string): DomainError {
  return unavailable(
    'BUNDLE_UNREADABLE',
    `The stored bundle of project ${projectId} cannot be read: ${why}. Run "czctl doctor", or restore the state database.`,
  );
}
