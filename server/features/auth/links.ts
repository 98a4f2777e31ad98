import type { Transaction } from 'kysely';
import { createToken, digestToken, type TokenKind } from '../../crypto/tokens.ts';
import type { StateTables } from '../../db/tables.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { publicUrl } from '../../kernel/config/load.ts';
import { conflict, invalid, notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { LinkPurpose } from './schema.ts';
import {
  consume,
  countSince,
  deleteOldLinks,
  findUsable,
  findUsableById,
  insertLink,
  type LinkRow,
  listUsable,
  voidLinks,
} from './store/links.ts';
import { currentEpoch } from './store/sessions.ts';

const LIFETIME = 60 * 60_000;
const KEPT_AFTER_EXPIRY = 24 * 3_600_000;

const TOKEN_KINDS: Record<LinkPurpose, TokenKind> = {
  setup: 'account_setup',
  reset: 'password_reset',
  verify: 'email_verification',
};

/** A link at the one moment when it can be shown. */
export interface IssuedLink {
  id: string;
  url: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** What operators see of a link that nobody has used yet. */
export interface PendingLink {
  id: string;
  purpose: LinkPurpose;
  user_id: string;
  email: string;
  created_at: string;
  expires_at: string;
}

type Parts = Pick<Kernel, 'config' | 'clock' | 'newId' | 'databases'>;

/** One-time links: they work once, for 60 minutes, and only their digest is stored. */
export class Links {
  private readonly kernel: Parts;

  constructor(kernel: Parts) {
    this.kernel = kernel;
  }

  /**
   * Makes a link for an account, in the caller's transaction. Earlier ones stay usable until one of them is used. For
   * `null` it does the same work for a link that does not work.
   */
  async issue(trx: Transaction<StateTables>, userId: string | null, purpose: LinkPurpose): Promise<IssuedLink> {
    const now = this.kernel.clock.now();
    const token = createToken(TOKEN_KINDS[purpose]);
    const id = this.kernel.newId();
    const expiresAt = now + LIFETIME;
    await insertLink(trx, {
      id,
      user_id: userId,
      purpose,
      digest: token.digest,
      created_at: now,
      expires_at: expiresAt,
      used_at: null,
      epoch: await currentEpoch(trx),
    });
    return { id, url: `${publicUrl(this.kernel.config)}/ui/${purpose}?token=${token.text}`, expiresAt };
  }

  /** The link behind a token. Throws a 400 that does not tell used, expired and unknown apart. */
  async find(token: string, purposes: readonly LinkPurpose[]): Promise<LinkRow> {
    const row = await findUsable(this.kernel.databases.state.read, digestToken(token), this.kernel.clock.now());
    if (row === undefined || !purposes.includes(row.purpose)) throw uselessLink();
    return row;
  }

  /** Uses a link up, and with it every other link of the account that would do the same. Throws a 400 when it was used meanwhile. */
  async use(trx: Transaction<StateTables>, link: LinkRow): Promise<void> {
    const now = this.kernel.clock.now();
    if (!(await consume(trx, link.id, now))) throw uselessLink();
    await voidLinks(trx, link.user_id, now, link.purpose === 'verify' ? 'verify' : undefined);
  }

  /** Makes every unused link of an account useless. */
  async voidAllOf(trx: Transaction<StateTables>, userId: string): Promise<void> {
    await voidLinks(trx, userId, this.kernel.clock.now());
  }

  /** How many links of a purpose an account was given in the last hour. */
  givenLately(trx: Transaction<StateTables>, userId: string, purpose: LinkPurpose): Promise<number> {
    return countSince(trx, userId, purpose, this.kernel.clock.now() - 3_600_000);
  }

  /** The links that nobody has used yet, oldest first; for operators who hand them out themselves. */
  async pending(_context: RequestContext): Promise<PendingLink[]> {
    const rows = await listUsable(this.kernel.databases.state.read, this.kernel.clock.now());
    return rows.map((row) => ({
      id: row.id,
      purpose: row.purpose,
      user_id: row.user_id,
      email: row.email,
      created_at: rfc3339(row.created_at),
      expires_at: rfc3339(row.expires_at),
    }));
  }

  /** Replaces a pending link by a fresh one that can be shown. 404 when it is not pending, 409 when it was used meanwhile. */
  reissue(context: RequestContext, linkId: string): Promise<IssuedLink> {
    return this.kernel.databases.state.write(async (trx) => {
      const now = this.kernel.clock.now();
      const row = await findUsableById(trx, linkId, now);
      if (row === undefined) throw notFound(`The pending link ${linkId}`);
      if (!(await consume(trx, row.id, now))) {
        throw conflict('LINK_USED', `The link ${linkId} was used just now. List the pending links again.`);
      }
      const issued = await this.issue(trx, row.user_id, row.purpose);
      await context.record(trx, {
        verb: 'link.reissue',
        target: { type: 'user', id: row.user_id },
        details: { purpose: row.purpose, link_id: issued.id },
      });
      return issued;
    });
  }

  /** Removes links that ran out a day ago. */
  async purge(): Promise<void> {
    const before = this.kernel.clock.now() - KEPT_AFTER_EXPIRY;
    await this.kernel.databases.state.write((trx) => deleteOldLinks(trx, before));
  }
}

function uselessLink() {
  return invalid('This link does not work: it was used already, or it is older than 60 minutes. Ask for a new one.', {
    reason: 'link_not_usable',
  });
}
