import { jwtVerify, SignJWT } from 'jose';
import type { Selectable, Transaction } from 'kysely';
import { digestToken } from '../../crypto/tokens.ts';
import type { WriteContext } from '../../db/database.ts';
import type { StateTables } from '../../db/tables.ts';
import type { UserActor } from '../../kernel/actor.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { UsersTable } from './schema.ts';
import {
  currentEpoch,
  deleteExpiredSessions,
  deleteSession,
  deleteSessionsOf,
  findLive,
  insertSession,
  type LiveSession,
  noteSeen,
} from './store/sessions.ts';

const ISSUER = 'control-zero';
const AUDIENCE = 'control-zero/session';
const ALGORITHM = 'HS256';
const CHANNEL = 'auth.sessions';
const CACHED_SESSIONS = 10_000;
const LONGEST_TOKEN = 2_048;
const LONGEST_USER_AGENT = 300;

/** Where a session was opened from. */
export interface Origin {
  ip: string | null;
  userAgent: string | null;
}

/** A session that was just stored. */
export interface OpenedSession {
  id: string;
  userId: string;
  issuedAt: number;
  expiresAt: number;
}

interface Cached {
  actor: UserActor;
  expiresAt: number;
}

type Parts = Pick<Kernel, 'config' | 'clock' | 'newId' | 'databases'>;

/**
 * Sessions: a signed token (JWT, RFC 7519, HS256 with the deployment's key) that names a stored row. The token alone
 * counts for nothing, so ending the row ends the session at once, in every process.
 */
export class Sessions {
  private readonly kernel: Parts;
  private readonly key: Buffer;
  /** Live sessions by the digest of their verified token, so that a signature is checked once. */
  private readonly cache = new Map<string, Cached>();
  private readonly seen = new Map<string, number>();
  /** Raised with every invalidation, so that a row read before it is not cached after it. */
  private generation = 0;

  constructor(kernel: Parts, key: Buffer) {
    this.kernel = kernel;
    this.key = key;
    kernel.databases.changes.subscribe(CHANNEL, (what) => this.forget(what));
    kernel.databases.changes.onLost(() => this.forget('all'));
  }

  /** Stores a session of an account; it ends after the configured hours. */
  async open(trx: Transaction<StateTables>, userId: string, origin: Origin): Promise<OpenedSession> {
    const now = this.kernel.clock.now();
    // The token counts in whole seconds; row and token must end together.
    const issuedAt = now - (now % 1_000);
    const expiresAt = issuedAt + this.kernel.config.sessionHours * 3_600_000;
    const id = this.kernel.newId();
    await insertSession(trx, {
      id,
      user_id: userId,
      created_at: now,
      last_seen_at: now,
      expires_at: expiresAt,
      ip: origin.ip,
      user_agent: origin.userAgent?.slice(0, LONGEST_USER_AGENT) ?? null,
      epoch: await currentEpoch(trx),
    });
    return { id, userId, issuedAt, expiresAt };
  }

  /** The token of a stored session, for its owner only. */
  sign(session: OpenedSession): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(session.userId)
      .setJti(session.id)
      .setIssuedAt(session.issuedAt / 1_000)
      .setExpirationTime(session.expiresAt / 1_000)
      .sign(this.key);
  }

  /** Who a token stands for, or null: not ours, tampered with, expired, ended, or of a disabled account. */
  resolve(token: string): UserActor | null | Promise<UserActor | null> {
    if (token.length > LONGEST_TOKEN) return null;
    const digest = digestToken(token);
    const known = this.cache.get(digest);
    return known === undefined ? this.load(token, digest) : this.admit(known);
  }

  /** Ends one session, in the caller's transaction; false when it had ended already. */
  async end(trx: Transaction<StateTables>, { publish }: WriteContext, sessionId: string): Promise<boolean> {
    await publish(CHANNEL, `session:${sessionId}`);
    return deleteSession(trx, sessionId);
  }

  /** Ends every session of an account, in the caller's transaction. */
  async endAllOf(trx: Transaction<StateTables>, { publish }: WriteContext, userId: string): Promise<void> {
    await publish(CHANNEL, `user:${userId}`);
    await deleteSessionsOf(trx, userId);
  }

  /** Makes every process look again at what the sessions of an account may do, after the caller's commit. */
  async refreshOf({ publish }: WriteContext, userId: string): Promise<void> {
    await publish(CHANNEL, `user:${userId}`);
  }

  /** Makes every process look again at what all sessions may do, after the caller's commit. */
  async refreshAll({ publish }: WriteContext): Promise<void> {
    await publish(CHANNEL, 'all');
  }

  /** Whether an account is a platform admin: a verified address that the configuration or the stored list names. */
  isPlatformAdmin(user: Pick<Selectable<UsersTable>, 'email' | 'email_verified_at'>, onStoredList: boolean): boolean {
    return user.email_verified_at !== null && (onStoredList || this.kernel.config.adminEmails.includes(user.email));
  }

  /** Writes down when sessions were last used. */
  async flush(): Promise<void> {
    if (this.seen.size === 0) return;
    const seen = [...this.seen];
    this.seen.clear();
    await this.kernel.databases.state.write(async (trx) => {
      for (const [id, at] of seen) await noteSeen(trx, id, at);
    });
  }

  /** Removes the rows of sessions that expired. */
  async purge(): Promise<void> {
    const now = this.kernel.clock.now();
    await this.kernel.databases.state.write((trx) => deleteExpiredSessions(trx, now));
  }

  private admit(live: Cached): UserActor | null {
    const now = this.kernel.clock.now();
    if (live.expiresAt <= now) return null;
    this.seen.set(live.actor.sessionId, now);
    return live.actor;
  }

  private async verify(token: string): Promise<{ sessionId: string; userId: string } | null> {
    try {
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['jti', 'sub', 'exp'],
        currentDate: new Date(this.kernel.clock.now()),
      });
      return { sessionId: String(payload.jti), userId: String(payload.sub) };
    } catch {
      return null;
    }
  }

  private async load(token: string, digest: string): Promise<UserActor | null> {
    const claims = await this.verify(token);
    if (claims === null) return null;
    const { generation } = this;
    const { state, changes } = this.kernel.databases;
    const row = await findLive(state.read, claims.sessionId, this.kernel.clock.now());
    if (row === undefined || row.user_id !== claims.userId) return null;
    const live = this.cachedFrom(row);
    if (generation === this.generation && changes.connected) this.remember(digest, live);
    return this.admit(live);
  }

  private cachedFrom(row: LiveSession): Cached {
    return {
      expiresAt: row.expires_at,
      actor: {
        kind: 'user',
        userId: row.user_id,
        email: row.email,
        emailVerified: row.email_verified_at !== null,
        sessionId: row.id,
        platformAdmin: this.isPlatformAdmin(row, row.admin_email !== null),
      },
    };
  }

  private remember(digest: string, cached: Cached): void {
    this.cache.set(digest, cached);
    if (this.cache.size > CACHED_SESSIONS) this.cache.delete(this.cache.keys().next().value as string);
  }

  private forget(what: string): void {
    this.generation += 1;
    const [kind, id] = what.split(':', 2) as [string, string | undefined];
    if (kind === 'all') {
      this.cache.clear();
      return;
    }
    for (const [digest, { actor }] of this.cache) {
      if ((kind === 'session' ? actor.sessionId : actor.userId) === id) this.cache.delete(digest);
    }
  }
}
