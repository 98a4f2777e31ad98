import { digestToken } from '../../crypto/tokens.ts';
import type { ApiKeyActor } from '../../kernel/actor.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { API_KEYS_CHANNEL } from './schema.ts';
import { type ApiKeyRow, allCountingKeys, findCountingKey } from './store.ts';

const KEY = /^cz_(?:live|test)_[0-9a-f]{64}$/;
const UNKNOWN_KEPT_MILLISECONDS = 10_000;
const MOST_UNKNOWN = 10_000;

interface LiveKey {
  readonly actor: ApiKeyActor;
  readonly digest: string;
  readonly expiresAt: number | null;
}

type LiveKeysKernel = Pick<Kernel, 'clock' | 'log' | 'databases'>;

/**
 * Every key that counts, by the digest of its text, in memory: admitting a known key touches no database.
 *
 * A notice about a key forgets it, and the next request with it looks into the database once. A text that is no key of
 * ours is remembered as unknown for ten seconds or until any notice. While notices of other processes cannot be heard,
 * every request looks into the database.
 */
export class LiveKeys {
  private readonly kernel: LiveKeysKernel;
  private readonly byDigest = new Map<string, LiveKey>();
  private readonly byId = new Map<string, LiveKey>();
  private readonly unknown = new Map<string, number>();
  private readonly lookups = new Map<string, Promise<LiveKey | null>>();
  private readonly used = new Map<string, number>();
  private generation = 0;

  constructor(kernel: LiveKeysKernel) {
    const { changes } = kernel.databases;
    this.kernel = kernel;
    changes.subscribe(API_KEYS_CHANNEL, (notice) => this.forget(notice));
    changes.onLost(() => this.forgetAll());
    changes.onRestored(() => {
      this.open().catch((error) =>
        kernel.log.error({ err: error }, 'API keys could not be loaded; they are looked up'),
      );
    });
  }

  /** Loads every key that counts. */
  async open(): Promise<void> {
    const { databases, clock } = this.kernel;
    const { generation } = this;
    const rows = await allCountingKeys(databases.state.read, clock.now());
    if (generation !== this.generation) return;
    for (const row of rows) this.keep(liveKey(row));
  }

  /** Who a presented key stands for, or null; synchronous for every key that is in memory. */
  resolve(text: string): ApiKeyActor | null | Promise<ApiKeyActor | null> {
    if (!KEY.test(text)) return null;
    const digest = digestToken(text);
    const known = this.byDigest.get(digest);
    if (known !== undefined) return this.admit(known);
    const unknownUntil = this.unknown.get(digest);
    if (unknownUntil !== undefined && unknownUntil > this.kernel.clock.now()) return null;
    return this.lookUp(digest).then((key) => (key === null ? null : this.admit(key)));
  }

  /** When each key was used since the last call, by key id. */
  takeUses(): Map<string, number> {
    const uses = new Map(this.used);
    this.used.clear();
    return uses;
  }

  /** Gives uses back that could not be written. */
  returnUses(uses: ReadonlyMap<string, number>): void {
    for (const [id, at] of uses) if (!this.used.has(id)) this.used.set(id, at);
  }

  private admit(key: LiveKey): ApiKeyActor | null {
    const now = this.kernel.clock.now();
    if (key.expiresAt !== null && key.expiresAt <= now) return null;
    this.used.set(key.actor.keyId, now);
    return key.actor;
  }

  /** Looks a digest up in the database; requests with the same key share one look. */
  private lookUp(digest: string): Promise<LiveKey | null> {
    const running = this.lookups.get(digest);
    if (running !== undefined) return running;
    const lookup = this.read(digest).finally(() => {
      if (this.lookups.get(digest) === lookup) this.lookups.delete(digest);
    });
    this.lookups.set(digest, lookup);
    return lookup;
  }

  private async read(digest: string): Promise<LiveKey | null> {
    const { databases, clock } = this.kernel;
    const { generation } = this;
    const row = await findCountingKey(databases.state.read, digest, clock.now());
    const key = row === undefined ? null : liveKey(row);
    // What was read before a notice may be what the notice is about: answered, but not kept.
    if (generation !== this.generation || !databases.changes.connected) return key;
    if (key !== null) this.keep(key);
    else this.keepUnknown(digest);
    return key;
  }

  private keep(key: LiveKey): void {
    this.byDigest.set(key.digest, key);
    this.byId.set(key.actor.keyId, key);
  }

  private keepUnknown(digest: string): void {
    if (this.unknown.size >= MOST_UNKNOWN) this.unknown.clear();
    this.unknown.set(digest, this.kernel.clock.now() + UNKNOWN_KEPT_MILLISECONDS);
  }

  private forget(notice: string): void {
    const [kind, id = ''] = notice.split(':', 2);
    this.generation += 1;
    this.unknown.clear();
    this.lookups.clear();
    const ended = kind === 'project' ? [...this.byId.values()].filter((key) => key.actor.projectId === id) : [];
    const one = kind === 'key' ? this.byId.get(id) : undefined;
    if (one !== undefined) ended.push(one);
    for (const key of ended) {
      this.byDigest.delete(key.digest);
      this.byId.delete(key.actor.keyId);
    }
  }

  private forgetAll(): void {
    this.generation += 1;
    this.unknown.clear();
    this.lookups.clear();
    this.byDigest.clear();
    this.byId.clear();
  }
}

function liveKey(row: ApiKeyRow): LiveKey {
  return {
    digest: row.digest,
    expiresAt: row.expires_at,
    actor: Object.freeze({
      kind: 'api-key',
      keyId: row.id,
      orgId: row.org_id,
      projectId: row.project_id,
      scopes: Object.freeze(JSON.parse(row.scopes)),
      mode: row.mode,
    }),
  };
}
