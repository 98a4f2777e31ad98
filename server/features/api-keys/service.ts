import type { Transaction } from 'kysely';
import { createToken, type FreshToken } from '../../crypto/tokens.ts';
import type { WriteContext } from '../../db/database.ts';
import type { Page } from '../../db/keyset.ts';
import type { StateTables } from '../../db/tables.ts';
import { actorLabel, KEY_SCOPES, type KeyScope } from '../../kernel/actor.ts';
import { LATEST_TIME, rfc3339 } from '../../kernel/clock.ts';
import { conflict, invalid, notFound } from '../../kernel/errors.ts';
import { givenName } from '../../kernel/given-text.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { PageQuery } from '../../kernel/paging.ts';
import { belowExisting } from '../../kernel/removed-meanwhile.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { ProjectsService } from '../projects/service.ts';
import { LiveKeys } from './live-keys.ts';
import { API_KEYS_CHANNEL, type KeyMode } from './schema.ts';
import {
  type ApiKeyRow,
  countCountingKeys,
  countingKeysOf,
  findKey,
  insertKey,
  keysById,
  keysOfProject,
  markRotated,
  noteUse,
  revokeKey,
} from './store.ts';

export type ApiKeysKernel = Pick<Kernel, 'clock' | 'newId' | 'log' | 'databases' | 'events'>;
export type ApiKey = ApiKeyRow;

/** A key at the one moment when its text exists. */
export interface FreshKey {
  key: ApiKey;
  /** The key itself: shown once, kept nowhere. */
  text: string;
}

export interface NewKey {
  name: string;
  mode?: KeyMode;
  scopes?: readonly KeyScope[];
  expiresAt?: number | null;
}

/** How a key is replaced. */
export interface Rotation {
  /** Seconds for which the old key still counts. */
  overlapSeconds?: number;
  /** When the new key expires; absent: after the same span as the old one, or never. */
  expiresAt?: number | null;
}

type Trx = Transaction<StateTables>;

const STANDARD_OVERLAP_SECONDS = 86_400;
const MOST_OVERLAP_SECONDS = 30 * 86_400;
/** An organization would need tens of thousands of keys before so many draws in a row meet a taken prefix. */
const MOST_DRAWS = 200;
const USES_PER_WRITE = 500;

/** The keys with which programs speak for a project. */
export class ApiKeysService {
  readonly live: LiveKeys;
  private readonly kernel: ApiKeysKernel;
  private readonly projects: Pick<ProjectsService, 'get'>;

  constructor(kernel: ApiKeysKernel, projects: Pick<ProjectsService, 'get'>) {
    this.kernel = kernel;
    this.projects = projects;
    this.live = new LiveKeys(kernel);
  }

  /** The keys of a project, newest first, ended ones included. 404 when there is no such project. */
  async list(projectId: string, page: PageQuery): Promise<Page<ApiKey>> {
    await this.projects.get(projectId);
    return keysOfProject(this.kernel.databases.state.read, projectId, page);
  }

  /** A key of a project. 404 when there is none. */
  async get(projectId: string, keyId: string): Promise<ApiKey> {
    return found(await findKey(this.kernel.databases.state.read, projectId, keyId), keyId);
  }

  /** How many keys of the appliance count now. */
  countActive(): Promise<number> {
    return countCountingKeys(this.kernel.databases.state.read, this.kernel.clock.now());
  }

  /** Keys by their ids, ended ones included; unknown ones are missing. */
  byIds(ids: readonly string[]): Promise<ApiKey[]> {
    return keysById(this.kernel.databases.state.read, ids);
  }

  /** Makes a key; it counts at once. 400 for an expiry in the past, 404 when there is no such project. */
  async create(context: RequestContext, projectId: string, request: NewKey): Promise<FreshKey> {
    const project = await this.projects.get(projectId);
    const { expiresAt = null } = request;
    this.checkExpiry(expiresAt);
    const write = this.kernel.databases.state.write(async (trx, effects) => {
      const fresh = await this.issue(trx, context, {
        org_id: project.org_id,
        project_id: project.id,
        name: givenName(request.name, 'the API key'),
        mode: request.mode ?? 'live',
        scopes: JSON.stringify(ordered(request.scopes ?? ['read'])),
        expires_at: expiresAt,
      });
      await context.record(trx, { ...place(fresh.key), details: described(fresh.key) });
      await effects.publish(API_KEYS_CHANNEL, `key:${fresh.key.id}`);
      return fresh;
    });
    return belowExisting(`The project ${projectId}`, write);
  }

  /** Ends a key at once. 409 when it was revoked before. */
  async revoke(context: RequestContext, projectId: string, keyId: string): Promise<void> {
    await this.kernel.databases.state.write(async (trx, effects) => {
      const key = found(await findKey(trx, projectId, keyId), keyId);
      const now = this.kernel.clock.now();
      if (!(await revokeKey(trx, keyId, now))) throw alreadyRevoked(key);
      await context.record(trx, { ...place(key), details: described(key) });
      await this.announceEnd(effects, key, now);
    });
  }

  /**
   * Makes a key that takes the place of another, with the same name, scopes and mode; both count during the overlap (24
   * hours when absent; 0 ends the old one at once). 409 when the old key was revoked, has expired or was rotated before.
   */
  async rotate(context: RequestContext, projectId: string, keyId: string, rotation: Rotation): Promise<FreshKey> {
    const overlap = rotation.overlapSeconds ?? STANDARD_OVERLAP_SECONDS;
    if (overlap < 0 || overlap > MOST_OVERLAP_SECONDS) {
      throw invalid(`overlap_seconds is ${overlap}; give 0 to ${MOST_OVERLAP_SECONDS} (30 days).`);
    }
    return this.kernel.databases.state.write(async (trx, effects) => {
      const old = found(await findKey(trx, projectId, keyId), keyId);
      const now = this.kernel.clock.now();
      if (old.revoked_at !== null) throw alreadyRevoked(old);
      if (old.expires_at !== null && old.expires_at <= now) {
        throw conflict('API_KEY_EXPIRED', 'This key has expired. Create a new one instead.');
      }
      const expiresAt = rotation.expiresAt === undefined ? sameSpan(old, now) : rotation.expiresAt;
      this.checkExpiry(expiresAt);
      const { org_id, project_id, name, mode, scopes } = old;
      const fresh = await this.issue(trx, context, { org_id, project_id, name, mode, scopes, expires_at: expiresAt });
      const endsAt = Math.min(now + overlap * 1000, old.expires_at ?? Number.POSITIVE_INFINITY);
      const change = { to: fresh.key.id, expiresAt: endsAt, revokedAt: overlap === 0 ? now : null };
      if (!(await markRotated(trx, keyId, change))) {
        throw conflict('API_KEY_ROTATED', `This key was rotated already. Rotate the key ${old.rotated_to} instead.`);
      }
      await context.record(trx, {
        ...place(old),
        details: { ...described(fresh.key), new_key: fresh.key.id, old_key_ends_at: rfc3339(endsAt) },
      });
      await effects.publish(API_KEYS_CHANNEL, `key:${fresh.key.id}`);
      await this.announceEnd(effects, old, endsAt);
      return fresh;
    });
  }

  /** Ends all keys of a project that is about to go, whoever removes it. */
  async beforeProjectRemoval(trx: Trx, projectId: string, effects: WriteContext): Promise<void> {
    const { clock, events } = this.kernel;
    const at = clock.now();
    const keys = await countingKeysOf(trx, projectId, at);
    await effects.publish(API_KEYS_CHANNEL, `project:${projectId}`);
    effects.afterCommit(() => {
      for (const key of keys) events.emit('api-key.revoked', { ...ids(key), endsAt: at, at });
    });
  }

  /** Writes when keys were last used. What cannot be written is kept for the next time. */
  async flushUses(): Promise<void> {
    const uses = this.live.takeUses();
    const waiting = [...uses];
    try {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, USES_PER_WRITE);
        await this.kernel.databases.state.write(async (trx) => {
          for (const [id, at] of batch) await noteUse(trx, id, at);
        });
        waiting.splice(0, batch.length);
      }
    } catch (error) {
      this.live.returnUses(new Map(waiting));
      throw error;
    }
  }

  private async issue(
    trx: Trx,
    context: RequestContext,
    row: Pick<ApiKeyRow, 'org_id' | 'project_id' | 'name' | 'mode' | 'scopes' | 'expires_at'>,
  ): Promise<FreshKey> {
    const { newId, clock } = this.kernel;
    for (let draw = 0; draw < MOST_DRAWS; draw += 1) {
      const token: FreshToken = createToken(row.mode === 'live' ? 'live_api_key' : 'test_api_key');
      const key: ApiKeyRow = {
        ...row,
        id: newId(),
        digest: token.digest,
        prefix: token.display,
        created_by: context.actor.kind === 'user' ? context.actor.userId : null,
        created_by_label: actorLabel(context.actor),
        created_at: clock.now(),
        revoked_at: null,
        last_used_at: null,
        rotated_to: null,
      };
      if (await insertKey(trx, key)) return { key, text: token.text };
    }
    throw conflict(
      'API_KEY_PREFIXES_USED_UP',
      'Nearly every beginning of a key is taken in this organization. Make further keys in another organization.',
    );
  }

  private async announceEnd(effects: WriteContext, key: ApiKeyRow, endsAt: number): Promise<void> {
    const { clock, events } = this.kernel;
    const at = clock.now();
    await effects.publish(API_KEYS_CHANNEL, `key:${key.id}`);
    effects.afterCommit(() => events.emit('api-key.revoked', { ...ids(key), endsAt, at }));
  }

  private checkExpiry(expiresAt: number | null): void {
    if (expiresAt === null || expiresAt > this.kernel.clock.now()) return;
    throw invalid(`expires_at is ${rfc3339(expiresAt)}, which is past. Give a time in the future, or leave it out.`);
  }
}

function ordered(scopes: readonly KeyScope[]): KeyScope[] {
  return KEY_SCOPES.filter((scope) => scopes.includes(scope));
}

function sameSpan(old: ApiKeyRow, now: number): number | null {
  return old.expires_at === null ? null : Math.min(now + (old.expires_at - old.created_at), LATEST_TIME);
}

function ids(key: ApiKeyRow) {
  return { keyId: key.id, orgId: key.org_id, projectId: key.project_id };
}

function place(key: ApiKeyRow) {
  return { orgId: key.org_id, projectId: key.project_id, target: { type: 'api-key', id: key.id } };
}

function described(key: ApiKeyRow) {
  return { name: key.name, prefix: key.prefix, mode: key.mode, scopes: JSON.parse(key.scopes) as KeyScope[] };
}

function found(key: ApiKeyRow | undefined, keyId: string): ApiKeyRow {
  if (key === undefined) throw notFound(`The API key ${keyId}`);
  return key;
}

function alreadyRevoked(key: ApiKeyRow) {
  const when = key.revoked_at === null ? '' : ` at ${rfc3339(key.revoked_at)}`;
  return conflict('API_KEY_REVOKED', `This key was revoked${when}. Create a new one instead.`);
}
