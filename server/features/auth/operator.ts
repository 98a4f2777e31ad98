import type { Transaction } from 'kysely';
import type { StateTables } from '../../db/tables.ts';
import { actorLabel } from '../../kernel/actor.ts';
import { conflict, DomainError, notFound } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { RequestContext } from '../../kernel/request-context.ts';
import type { Admins } from './admins.ts';
import type { GuessingGuard } from './guessing-guard.ts';
import { normalAddress, normalName } from './identity.ts';
import type { IssuedLink, Links } from './links.ts';
import type { PasswordWork } from './password-work.ts';
import type { NewAccount } from './registration.ts';
import type { LinkPurpose } from './schema.ts';
import type { Sessions } from './sessions.ts';
import { insertAdmin, isStoredAdmin } from './store/admins.ts';
import { findByEmail, insertIfNew, setProved, type UserRow } from './store/users.ts';
import { type AccountView, accountView } from './views.ts';

interface Parts {
  kernel: Pick<Kernel, 'config' | 'clock' | 'newId' | 'databases'>;
  sessions: Sessions;
  passwords: PasswordWork;
  guard: GuessingGuard;
  links: Links;
  admins: Admins;
}

/** What operators do at the terminal: make the first admin, and print links for people. */
export class OperatorAccounts {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /**
   * Makes a verified platform admin with a password. Takes over an unverified account of the same address, ending its
   * sessions. 409 when the address has a verified account, 400 when the password is too weak.
   */
  async bootstrapAdmin(context: RequestContext, account: NewAccount): Promise<AccountView> {
    const { kernel, passwords, sessions, links, guard } = this.parts;
    const email = normalAddress(account.email);
    const name = normalName(account.name);
    passwords.judge(account.password, { email, name });
    const hash = await passwords.hash(account.password);
    return kernel.databases.state.write(async (trx, effects) => {
      const now = kernel.clock.now();
      const user = await this.findOrAdd(trx, email, name);
      if (user.email_verified_at !== null) {
        throw conflict(
          'ACCOUNT_EXISTS',
          `${email} has a verified account already. Add it to the platform admins, or print a reset link for it.`,
        );
      }
      if (!(await setProved(trx, user.id, { hash, name, now }))) throw notFound(`The account ${user.id}`);
      await sessions.endAllOf(trx, effects, user.id);
      await links.voidAllOf(trx, user.id);
      await guard.forgive(trx, email);
      if (!kernel.config.adminEmails.includes(email)) {
        await insertAdmin(trx, { email, added_at: now, added_by: actorLabel(context.actor) });
      }
      await context.record(trx, { verb: 'admin.bootstrap', target: { type: 'user', id: user.id } });
      const proved: UserRow = { ...user, name, password_hash: hash, email_verified_at: now, updated_at: now };
      return accountView(sessions, proved, await isStoredAdmin(trx, email));
    });
  }

  /**
   * Makes a one-time set-up link for an admin address, with an account when there is none yet. 409 when the address is no
   * admin address, or when its account is set up already.
   */
  async setupLink(context: RequestContext, address: string): Promise<IssuedLink> {
    const email = normalAddress(address);
    if (!(await this.parts.admins.includes(context, email))) {
      throw conflict('NOT_AN_ADMIN', `${email} is no platform admin. Add it to the platform admins first.`);
    }
    return this.parts.kernel.databases.state.write(async (trx) => {
      const user = await this.findOrAdd(trx, email, '');
      if (user.email_verified_at !== null && user.password_hash !== null) {
        throw conflict('ACCOUNT_EXISTS', `The account of ${email} is set up already. Print a reset link instead.`);
      }
      return this.issue(context, trx, user, 'setup');
    });
  }

  /** Makes a reset link for an account. 404 when the address has none, 409 when it is disabled. */
  resetLink(context: RequestContext, address: string): Promise<IssuedLink> {
    return this.linkFor(context, normalAddress(address), 'reset');
  }

  /** Makes a verification link for an account. 404 when the address has none, 409 when it is disabled or verified. */
  verifyLink(context: RequestContext, address: string): Promise<IssuedLink> {
    return this.linkFor(context, normalAddress(address), 'verify');
  }

  private linkFor(context: RequestContext, email: string, purpose: 'reset' | 'verify'): Promise<IssuedLink> {
    return this.parts.kernel.databases.state.write(async (trx) => {
      const user = await findByEmail(trx, email);
      if (user === undefined) {
        throw new DomainError(
          404,
          'NOT_FOUND',
          `There is no account of ${email}. Check the address, or have it registered.`,
        );
      }
      if (purpose === 'verify' && user.email_verified_at !== null) {
        throw conflict('ALREADY_VERIFIED', `The address ${email} is verified already; no link is needed.`);
      }
      return this.issue(context, trx, user, purpose);
    });
  }

  private async issue(
    context: RequestContext,
    trx: Transaction<StateTables>,
    user: UserRow,
    purpose: LinkPurpose,
  ): Promise<IssuedLink> {
    if (user.status !== 'active') {
      throw conflict('ACCOUNT_DISABLED', `The account of ${user.email} is disabled. Enable it first.`);
    }
    const link = await this.parts.links.issue(trx, user.id, purpose);
    await context.record(trx, {
      verb: 'link.issue',
      target: { type: 'user', id: user.id },
      details: { purpose, link_id: link.id },
    });
    return link;
  }

  private async findOrAdd(trx: Transaction<StateTables>, email: string, name: string): Promise<UserRow> {
    const known = await findByEmail(trx, email);
    if (known !== undefined) return known;
    const now = this.parts.kernel.clock.now();
    const row: UserRow = {
      id: this.parts.kernel.newId(),
      email,
      name,
      status: 'active',
      password_hash: null,
      email_verified_at: null,
      created_at: now,
      updated_at: now,
      last_sign_in_at: null,
    };
    if (!(await insertIfNew(trx, row))) {
      throw conflict('ACCOUNT_EXISTS', `${email} was registered just now. Run the command again.`);
    }
    return row;
  }
}
